import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../shared/clock.ts';
import { notFound } from '../../../shared/http-errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { ProblemLog } from '../../../shared/problem-log.ts';
import type { CutParts } from '../../broadcasts/cut-parts.ts';
import type { Channels } from '../../live/channels.ts';
import { renderVodMpd } from '../../packager/dash/vod-mpd.ts';
import { mediaFolderOfReplay } from '../../packager/hls/media-uri.ts';
import { multivariantPlaylist } from '../../packager/hls/multivariant.ts';
import { renderMediaPlaylistInPieces } from '../../packager/hls/playlist/media-playlist-text.ts';
import { renderMultivariantPlaylist } from '../../packager/hls/playlist/multivariant-playlist.ts';
import { replayPlaylist } from '../../packager/hls/replay-playlist.ts';
import type { Mark } from '../../packager/media.ts';
import type { Recording } from '../../packager/recording/recording.ts';
import { unknownRendition } from '../../packager/unknown-rendition.ts';
import type { Replay } from '../../replay/replay.ts';
import { parseReplayPath, type ReplayTarget } from '../../replay/replay-range.ts';
import { renderLong, gzipLarge } from '../reply/long-text.ts';
import { checkPlayback, type PlaybackAccess, requireEditor, splitAccessPrefix } from './playback-access.ts';
import type { TextBody } from '../../cached-text/text-body.ts';
import { MEDIA_TYPES } from '../reply/media-types.ts';
import { isRead } from '../reply/read-method.ts';
import { sendText } from '../reply/text-reply.ts';

/** What the replay paths need. */
export type ReplayHandlerDeps = {
  readonly channels: Channels;
  readonly replay: Replay;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly playback: PlaybackAccess;
  readonly cuts: Pick<CutParts, 'touches' | 'isSure'>;
  /** Marks of a channel's broadcasts, in any order. */
  marksOf(channel: string): readonly Mark[];
};

/** Serves `/replay/{channel}/{from}-{to}/…`: a range of the past as VOD playlists and manifests. Its media has the URLs it had live. */
export class ReplayHandler {
  readonly #deps: ReplayHandlerDeps;
  readonly #problems: ProblemLog;
  /** Texts rendered from a recording, cached as long as the recording is: each is rendered once. */
  readonly #bodies = new WeakMap<Recording, Map<string, Promise<TextBody>>>();

  constructor(deps: ReplayHandlerDeps) {
    this.#deps = deps;
    this.#problems = new ProblemLog(deps.logger, () => deps.clock.nowMs());
  }

  /**
   * Takes a request for a replay.
   *
   * @returns false for any other path
   */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const { path, token } = splitAccessPrefix((req.url ?? '').split('?', 1)[0] ?? '');
    if (!path.startsWith('/replay/')) return false;
    this.#answer(req, res, path, token).catch((error: unknown) => this.#problems.send(res, path, error));
    return true;
  }

  async #answer(
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
    token: string | null,
  ): Promise<void> {
    if (!isRead(req, res, path)) return;
    const target = parseReplayPath(path);
    if (target === null) throw notFound(path);
    const { playback, clock, replay, channels, cuts } = this.#deps;
    const nowMs = clock.nowMs();
    let exchange = checkPlayback(playback, target.channel, token, { req, res }, nowMs);
    channels.config(target.channel);
    if (cuts.touches(target.channel, target)) {
      exchange = requireEditor(playback, target.channel, token, { req, res }, nowMs);
    } else if (!cuts.isSure(target.channel)) exchange = { ...exchange, privateForS: 0 };
    const recording = await replay.recording(target.channel, target);
    const body = await this.#body(recording, target);
    await gzipLarge(req, body);
    const type = target.file === 'manifest.mpd' ? MEDIA_TYPES.manifest : MEDIA_TYPES.playlist;
    sendText(exchange, type, Math.ceil(replay.cacheMs(target) / 1000), body);
  }

  #body(recording: Recording, target: ReplayTarget): Promise<TextBody> {
    const file = typeof target.file === 'string' ? target.file : target.file.rendition;
    const marks = this.#marksIn(target);
    // Ranges that differ by milliseconds have one recording, but not the same marks: one of them may be for editors alone.
    const name = `${file}/${marks.map(({ id, endMs }) => `${id}:${endMs}`).join()}`;
    let bodies = this.#bodies.get(recording);
    if (bodies === undefined) {
      bodies = new Map();
      this.#bodies.set(recording, bodies);
    }
    let body = bodies.get(name);
    if (body === undefined) {
      body = renderLong('replay', this.#render(recording, target, marks));
      bodies.set(name, body);
      // Names that no rendition has come from outside, and must not fill the memory.
      body.catch(() => bodies?.delete(name));
    }
    return body;
  }

  #marksIn({ channel, fromMs, toMs }: ReplayTarget): readonly Mark[] {
    return this.#deps
      .marksOf(channel)
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .toSorted((a, b) => a.atMs - b.atMs);
  }

  /** A generator: it renders in its turns, and not before. */
  *#render(
    recording: Recording,
    target: ReplayTarget,
    marks: readonly Mark[],
  ): Generator<string, void, undefined> {
    const { channel, file } = target;
    const { title, language } = this.#deps.channels.config(channel);
    const folderOf = (rendition: string): string => mediaFolderOfReplay(channel, rendition);
    if (file === 'manifest.mpd') {
      yield renderVodMpd(recording, { title, language }, folderOf, marks);
      return;
    }
    if (file === 'index.m3u8') {
      const gridUnits = recording.isIndependent ? 1 : 2;
      const infos = recording.renditions.map(({ info }) => info);
      yield renderMultivariantPlaylist(multivariantPlaylist({ language, gridUnits }, infos));
      return;
    }
    const rendition = recording.renditions.find(({ id }) => id === file.rendition);
    if (rendition === undefined) throw unknownRendition(`recording of channel ${channel}`, file.rendition);
    yield* renderMediaPlaylistInPieces(replayPlaylist(recording, rendition, folderOf, marks));
  }
}
