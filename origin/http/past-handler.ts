import type { IncomingMessage, ServerResponse } from 'node:http';
import { segmentStartMs } from '../../shared/grid.ts';
import { AppError } from '../../shared/errors.ts';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { LiveChannel } from '../live-channel.ts';
import { renderMpd } from '../packager/dash/mpd.ts';
import { parseDirectives } from '../packager/hls/directives.ts';
import { renderMultivariant } from '../packager/hls/multivariant.ts';
import { renderStartOverPlaylist } from '../packager/hls/start-over-playlist.ts';
import type { ChannelView } from '../packager/media.ts';
import type { RenditionTimeline } from '../packager/rendition-timeline.ts';
import { SLATE } from '../packager/slate.ts';
import { newestClosed, type StartOver, type StartOverFrom } from '../replay/start-over.ts';
import type { MediaName, TextName } from './media-path.ts';
import { MEDIA_TYPES, sendMedia, sendText, type SharedBody, sharedBody } from './replies.ts';

/** What the past of a channel is served from. */
export type PastDeps = {
  readonly reader: ArchiveReader;
  readonly startOver: StartOver;
};

/** Texts of start-overs that are kept, in characters; each is written anew when a segment closes. */
const MAX_TEXTS_CHARACTERS = 64 << 20;

type Text = {
  readonly newest: number;
  readonly infosMs: number;
  readonly characters: number;
  readonly body: SharedBody;
};
type Exchange = { readonly req: IncomingMessage; readonly res: ServerResponse };

/** What of a channel has left the live window: media of old, and playlists that begin in the past and go on live. */
export class PastHandler {
  readonly #deps: PastDeps;
  /** The one that was written longest ago first. */
  readonly #texts = new Map<string, Text>();

  constructor(deps: PastDeps) {
    this.#deps = deps;
  }

  /**
   * Sends media that is not in the live window any more.
   *
   * @throws {AppError} `no-such-media` (404); {StoreError} `store-unavailable` (503)
   */
  async media(channel: LiveChannel, name: MediaName, { req, res }: Exchange): Promise<void> {
    const { rendition: id, channel: channelId } = name;
    if (name.kind === 'init') {
      const init = await this.#deps.reader.init(channelId, id, name.hash);
      if (init === null) throw noSuchMedia(`init segment ${name.hash}`, id);
      sendMedia(req, res, MEDIA_TYPES[init.kind], [init.bytes]);
      return;
    }
    // Parts are listed at the live edge alone.
    if (name.kind === 'part') throw noSuchMedia(`part ${name.number}.${name.part}`, id);
    const bytes = await this.#deps.reader.segment(channelId, id, name.number);
    const kind = channel.timeline.rendition(id)?.kind ?? (id.startsWith('audio') ? 'audio' : 'video');
    if (bytes !== null) {
      sendMedia(req, res, MEDIA_TYPES[kind], [bytes]);
      return;
    }
    const slate = slateOf(channel, kind, name.number);
    if (slate === null) throw noSuchMedia(`segment ${name.number}`, id);
    sendMedia(req, res, MEDIA_TYPES[kind], slate);
  }

  /**
   * Sends a text of a channel from a past time on.
   *
   * @param query with `start=`, UTC milliseconds
   * @throws {StartOverError} `bad-start`, {DirectiveError} (400), {AppError} `unknown-rendition` (404), {StoreError} `store-unavailable` (503)
   */
  async startOver(
    channel: LiveChannel,
    target: TextName,
    query: string,
    nowMs: number,
    { req, res }: Exchange,
  ): Promise<void> {
    const { timeline } = channel;
    const { skip } = parseDirectives(query);
    const start = new URLSearchParams(query).get('start') ?? '';
    const { startOver } = this.#deps;
    const first = startOver.from(start, timeline.options.gridUnits, nowMs);
    const isPlaylist = target.kind === 'playlist';
    const name = isPlaylist ? `${target.rendition}/${skip}` : target.kind;
    const key = `${timeline.options.id}/${first.number}/${first.slides}/${name}`;
    const newest = newestClosed(timeline.view());
    let text = this.#texts.get(key);
    // Bit rates are measured anew once a second, as they are live.
    const infosMs = isPlaylist ? 0 : Math.floor(nowMs / 1000);
    if (text?.newest !== newest || text.infosMs !== infosMs) {
      const view = await startOver.view(timeline, first.number, nowMs);
      const written = render(channel, view, target, first, skip, nowMs);
      text = { newest, infosMs, characters: written.length, body: sharedBody(written) };
      this.#keep(key, text);
    }
    const type = target.kind === 'mpd' ? MEDIA_TYPES.manifest : MEDIA_TYPES.playlist;
    sendText(req, res, type, 'public, max-age=1', text.body);
  }

  #keep(key: string, text: Text): void {
    this.#texts.delete(key);
    this.#texts.set(key, text);
    let characters = 0;
    for (const kept of this.#texts.values()) characters += kept.characters;
    for (const [oldest, kept] of this.#texts) {
      if (characters <= MAX_TEXTS_CHARACTERS) break;
      this.#texts.delete(oldest);
      characters -= kept.characters;
    }
  }
}

function render(
  channel: LiveChannel,
  view: ChannelView,
  target: TextName,
  first: StartOverFrom,
  skip: boolean,
  nowMs: number,
): string {
  if (target.kind !== 'playlist') {
    if (target.kind === 'mpd') return renderMpd(view, channel.renditionInfos(), nowMs);
    const text = renderMultivariant(view, channel.renditionInfos());
    // Every player that starts at the same segment asks for the same playlists.
    const startMs = segmentStartMs(first.number, view.gridUnits);
    return text.replaceAll(/([a-z0-9-]+\.m3u8)/g, `$1?start=${startMs}`);
  }
  const { rendition: wanted } = target;
  const rendition = view.renditions.find(({ id }) => id === wanted);
  if (rendition !== undefined)
    return renderStartOverPlaylist(view, rendition, { skip, slides: first.slides });
  throw new AppError(`channel ${view.id}: no rendition ${JSON.stringify(wanted.slice(0, 40))}`, {
    code: 'unknown-rendition',
    status: 404,
  });
}

/** A slate is the same at all times, so it is not kept but made again: where the log of runs says that one was on air. */
function slateOf(
  { timeline }: LiveChannel,
  kind: RenditionTimeline['kind'],
  number: number,
): Buffer[] | null {
  const newest = timeline.rendition('audio')?.segments.at(-1)?.number ?? timeline.newestDecided;
  if (number > newest || timeline.log.at(number)?.group !== SLATE) return null;
  const reel = timeline.options.slate;
  const track = reel.tracks.find(({ init }) => init.kind === kind);
  return track === undefined ? null : reel.segment(track, number).parts.map(({ bytes }) => bytes);
}

function noSuchMedia(what: string, rendition: string): AppError {
  return new AppError(`${what} of ${rendition}: not in the window, and not in the archive`, {
    code: 'no-such-media',
    status: 404,
  });
}
