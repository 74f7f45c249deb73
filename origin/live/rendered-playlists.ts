import { renderMpd } from '../packager/dash/mpd.ts';
import { renderMediaPlaylist } from '../packager/hls/media-playlist.ts';
import { renderMultivariant } from '../packager/hls/multivariant.ts';
import type { ChannelView, RenditionInfo } from '../packager/media.ts';
import { CachedBody } from '../rendered/cached-body.ts';
import { type TextBody, textBody } from '../http/reply/replies.ts';

/** How long a multivariant playlist or MPD is served before it is written anew, in milliseconds. */
const REFRESH_MS = 1000;

/**
 * What was written from a channel's view, kept until the view changes: one render and one buffer, whatever the number of
 * those who ask.
 */
export class RenderedPlaylists {
  #view: ChannelView | null = null;
  readonly #media = new Map<string, TextBody>();
  readonly #multivariant = new CachedBody(REFRESH_MS);
  readonly #mpd = new CachedBody(REFRESH_MS);

  /** A rendition's media playlist, whole or as a delta update. */
  media(view: ChannelView, renditionId: string, skip: boolean): TextBody {
    if (this.#view !== view) {
      this.#media.clear();
      this.#view = view;
    }
    const key = skip ? `${renditionId}/skip` : renditionId;
    let body = this.#media.get(key);
    if (body === undefined) {
      body = textBody(renderMediaPlaylist(view, renditionId, { skip }));
      this.#media.set(key, body);
    }
    return body;
  }

  /** The multivariant playlist. */
  multivariant(view: ChannelView, infos: () => readonly RenditionInfo[], nowMs: number): TextBody {
    return this.#multivariant.at(nowMs, () => renderMultivariant(view, infos()));
  }

  /** The MPD. */
  mpd(view: ChannelView, infos: () => readonly RenditionInfo[], nowMs: number): TextBody {
    return this.#mpd.at(nowMs, () => renderMpd(view, infos(), nowMs));
  }

  /** To be called when a run begins: what is on air shows at once. */
  refresh(): void {
    this.#multivariant.forget();
    this.#mpd.forget();
  }

  /** To be called when nobody asks any more. */
  forget(): void {
    this.#view = null;
    this.#media.clear();
    this.refresh();
  }
}
