import { segmentStartMs } from '../../../shared/grid.ts';
import type { ArchiveReader } from '../../archive/archive-reader.ts';
import type { TimeRange } from '../../archive/time-range.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import { renderMpd } from '../../packager/dash/mpd.ts';
import { parseDirectives } from '../../packager/hls/directives.ts';
import { renditionOf } from '../../packager/hls/live-playlist.ts';
import { multivariantPlaylist } from '../../packager/hls/multivariant.ts';
import { renderMediaPlaylistInPieces } from '../../packager/hls/playlist/media-playlist-text.ts';
import { renderMultivariantPlaylist } from '../../packager/hls/playlist/multivariant-playlist.ts';
import { startOverPlaylist } from '../../packager/hls/start-over-playlist.ts';
import type { ChannelView } from '../../packager/media.ts';
import { newestClosed } from '../../replay/live-segments.ts';
import type { StartOver, StartOverFrom } from '../../replay/start-over.ts';
import type { Exchange } from '../reply/exchange.ts';
import { gzipLarge, renderLong } from '../reply/long-text.ts';
import { sendMedia } from '../reply/media-reply.ts';
import { MEDIA_TYPES } from '../reply/media-types.ts';
import { sendText } from '../reply/text-reply.ts';
import type { MediaName, TextName } from './media-path.ts';
import { noSuchMedia } from './playback-errors.ts';
import { LIVE_MAX_AGE_S } from './playlist-answers.ts';
import { StartOverTexts } from './start-over-texts.ts';

/** What timeshift is served from. */
export type TimeshiftHandlerDeps = {
  readonly reader: ArchiveReader;
  readonly startOver: StartOver;
};

/** Where media was searched before it is answered with 404. */
const WINDOW_AND_ARCHIVE = 'the live window, and not in the archive';

/** Serves what has left the live window: stored media, and playlists that begin in the past and continue live. */
export class TimeshiftHandler {
  readonly #deps: TimeshiftHandlerDeps;
  readonly #texts = new StartOverTexts();

  constructor(deps: TimeshiftHandlerDeps) {
    this.#deps = deps;
  }

  /**
   * Sends media that has left the live window.
   *
   * @throws {AppError} `no-such-media` (404); {StoreError} `store-unavailable` (503)
   */
  async media(channel: LiveChannel, name: MediaName, exchange: Exchange): Promise<void> {
    const { rendition: id, channel: channelId } = name;
    if (name.kind === 'init') {
      const init = await this.#deps.reader.init(channelId, id, name.hash);
      if (init === null) throw noSuchMedia(`init segment ${name.hash}`, id, WINDOW_AND_ARCHIVE);
      sendMedia(exchange, MEDIA_TYPES[init.kind], [init.bytes]);
      return;
    }
    // Parts are listed at the live edge only.
    if (name.kind === 'part') throw noSuchMedia(`part ${name.number}.${name.part}`, id, WINDOW_AND_ARCHIVE);
    const bytes = await this.#deps.reader.segment(channelId, id, name.number);
    const kind = channel.rendition(id)?.kind ?? (id.startsWith('audio') ? 'audio' : 'video');
    if (bytes !== null) {
      sendMedia(exchange, MEDIA_TYPES[kind], [bytes]);
      return;
    }
    const slate = channel.slateSegment(kind, name.number);
    if (slate === null) throw noSuchMedia(`segment ${name.number}`, id, WINDOW_AND_ARCHIVE);
    sendMedia(exchange, MEDIA_TYPES[kind], slate);
  }

  /**
   * Sends a playlist or manifest that begins at a past time.
   *
   * @param query with `start=`, UTC milliseconds
   * @param cut what is not shown to whoever asks
   * @throws {StartOverError} `bad-start`, {DirectiveError} (400), {AppError} `unknown-rendition` (404), {StoreError} `store-unavailable` (503)
   */
  async startOver(
    channel: LiveChannel,
    target: TextName,
    query: string,
    nowMs: number,
    exchange: Exchange,
    cut: readonly TimeRange[],
  ): Promise<void> {
    const { skip } = parseDirectives(query);
    const start = new URLSearchParams(query).get('start') ?? '';
    const { startOver } = this.#deps;
    const first = startOver.from(start, channel, nowMs, cut);
    const isPlaylist = target.kind === 'playlist';
    const name = isPlaylist ? `${target.rendition}/${skip}` : target.kind;
    const { id, gridUnits } = channel.settings;
    const firstMs = segmentStartMs(first.number, gridUnits);
    const left = cut.filter(({ toMs }) => toMs > firstMs).map(({ fromMs, toMs }) => `${fromMs}-${toMs}`);
    const key = `${id}/${first.number}/${first.slides}/${name}/${left.join()}`;
    // Bit rates are measured once a second, as in the live texts.
    const state = {
      newest: newestClosed(channel) ?? 0,
      infosS: isPlaylist ? 0 : Math.floor(nowMs / 1000),
    };
    const body = await this.#texts.get(key, state, async () => {
      const view = await startOver.view(channel, first.number, nowMs, cut);
      return renderLong('start-over', render(channel, view, target, first, skip, nowMs));
    });
    await gzipLarge(exchange.req, body);
    const type = target.kind === 'mpd' ? MEDIA_TYPES.manifest : MEDIA_TYPES.playlist;
    sendText(exchange, type, LIVE_MAX_AGE_S, body);
  }
}

/** A generator: it renders in its turns, and not before. */
function* render(
  channel: LiveChannel,
  view: ChannelView,
  target: TextName,
  first: StartOverFrom,
  skip: boolean,
  nowMs: number,
): Generator<string, void, undefined> {
  if (target.kind !== 'playlist') {
    if (target.kind === 'mpd') {
      yield renderMpd(view, channel.renditionInfos(nowMs), nowMs);
      return;
    }
    // All players that start at the same segment request the same playlists.
    const { language, gridUnits } = view;
    const startMs = segmentStartMs(first.number, gridUnits);
    const playlist = multivariantPlaylist({ language, gridUnits, startMs }, channel.renditionInfos(nowMs));
    yield renderMultivariantPlaylist(playlist);
    return;
  }
  const rendition = renditionOf(view, target.rendition);
  yield* renderMediaPlaylistInPieces(startOverPlaylist(view, rendition, { skip, slides: first.slides }));
}
