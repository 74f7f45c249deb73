import { renderMpd } from '../packager/dash/mpd.ts';
import { livePlaylist } from '../packager/hls/live-playlist.ts';
import { multivariantPlaylist } from '../packager/hls/multivariant.ts';
import { renderMediaPlaylist } from '../packager/hls/playlist/media-playlist-text.ts';
import { renderMultivariantPlaylist } from '../packager/hls/playlist/multivariant-playlist.ts';
import type { ChannelView, RenditionInfo } from '../packager/media.ts';
import { CachedBody } from '../cached-text/cached-body.ts';
import { type TextBody, textBody } from '../cached-text/text-body.ts';

/** How long a multivariant playlist or MPD is served before it is rendered again, in milliseconds. */
const REFRESH_MS = 1000;

/**
 * The playlists and the MPD of one channel, cached: each is rendered once, however many clients request it. Media playlists
 * are cached until the view changes; the multivariant playlist and the MPD for a second.
 */
export class RenderedPlaylists {
  #view: ChannelView | null = null;
  readonly #media = new Map<string, TextBody>();
  readonly #multivariant = new CachedBody(REFRESH_MS);
  readonly #mpd = new CachedBody(REFRESH_MS);

  /** A rendition's media playlist; with `skip` as a delta update (RFC 8216bis §6.2.5.1). */
  media(view: ChannelView, renditionId: string, skip: boolean): TextBody {
    if (this.#view !== view) {
      this.#media.clear();
      this.#view = view;
    }
    const key = skip ? `${renditionId}/skip` : renditionId;
    let body = this.#media.get(key);
    if (body === undefined) {
      body = textBody(renderMediaPlaylist(livePlaylist(view, renditionId, { skip })));
      this.#media.set(key, body);
    }
    return body;
  }

  /** The multivariant playlist. */
  multivariant(view: ChannelView, infos: () => readonly RenditionInfo[], nowMs: number): TextBody {
    return this.#multivariant.at(nowMs, () =>
      renderMultivariantPlaylist(multivariantPlaylist(view, infos())),
    );
  }

  /** The MPD. */
  mpd(view: ChannelView, infos: () => readonly RenditionInfo[], nowMs: number): TextBody {
    return this.#mpd.at(nowMs, () => renderMpd(view, infos(), nowMs));
  }

  /** Discards the multivariant playlist and the MPD: a run has begun, and they name what is on air. */
  refresh(): void {
    this.#multivariant.clear();
    this.#mpd.clear();
  }

  /** Discards everything: nobody requests this channel any more. */
  clear(): void {
    this.#view = null;
    this.#media.clear();
    this.refresh();
  }
}
