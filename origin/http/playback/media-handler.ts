import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../shared/clock.ts';
import { notFound } from '../../../shared/http-errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { ProblemLog } from '../../../shared/problem-log.ts';
import { libraryLoading } from '../../broadcasts/broadcast-record.ts';
import type { CutParts } from '../../broadcasts/cut-parts.ts';
import type { TimeRange } from '../../archive/time-range.ts';
import type { Channels } from '../../live/channels.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import { parseDirectives } from '../../packager/hls/directives.ts';
import type { Exchange } from '../reply/exchange.ts';
import { isRead } from '../reply/read-method.ts';
import { MediaAnswers } from './media-answers.ts';
import { isText, type MediaName, parseMediaPath } from './media-path.ts';
import {
  checkPlayback,
  editorExchange,
  requireEditor,
  type PlaybackAccess,
  splitAccessPrefix,
} from './playback-access.ts';
import { PlaylistAnswers } from './playlist-answers.ts';
import { RequestBlocker } from './request-blocker.ts';
import type { TimeshiftHandler } from './timeshift-handler.ts';

/** What the playback paths need. */
export type MediaDeps = {
  readonly channels: Channels;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly playback: PlaybackAccess;
  /** Answers for what has left the live window; null where there is no archive. */
  readonly timeshift: TimeshiftHandler | null;
  /** What was cut off recordings; null where there is no archive. */
  readonly cuts: Pick<CutParts, 'hasSegment' | 'since' | 'isLoaded' | 'isSure'> | null;
};

/**
 * Routes the live playback paths, ahead of express: playlists, manifests, parts, segments, init segments. Requests for
 * what is about to exist are blocked until it does.
 */
export class MediaHandler {
  readonly #deps: MediaDeps;
  readonly #problems: ProblemLog;
  readonly #blocker: RequestBlocker;
  readonly #playlists: PlaylistAnswers;
  readonly #media: MediaAnswers;

  constructor(deps: MediaDeps) {
    const { channels, clock, logger, timeshift } = deps;
    this.#deps = deps;
    this.#problems = new ProblemLog(logger, () => clock.nowMs());
    this.#blocker = new RequestBlocker(channels, (exchange, error) => this.#fail(exchange, error));
    this.#playlists = new PlaylistAnswers(this.#blocker, clock);
    this.#media = new MediaAnswers(
      this.#blocker,
      timeshift &&
        ((channel, name, exchange) =>
          this.#await(exchange, this.#sendOld(timeshift, channel, name, exchange))),
    );
  }

  /** How many requests are blocked. */
  get blockedCount(): number {
    return this.#blocker.count;
  }

  /**
   * Takes a request for a playback path.
   *
   * @returns false for any other path
   */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const url = req.url ?? '';
    const queryAt = url.indexOf('?');
    const query = queryAt < 0 ? '' : url.slice(queryAt + 1);
    const { path, token } = splitAccessPrefix(queryAt < 0 ? url : url.slice(0, queryAt));
    if (!path.startsWith('/live/') && !path.startsWith('/media/')) return false;
    try {
      this.#answer(req, res, path, query, token);
    } catch (error) {
      this.#fail({ req, res }, error);
    }
    return true;
  }

  /** Answers blocked requests that have waited too long with 503. To be called every 50 ms. */
  expire(nowMs: number): void {
    this.#blocker.expire(nowMs);
  }

  /** Answers all blocked requests with 503: the process ends. */
  stop(): void {
    this.#blocker.expire(Number.POSITIVE_INFINITY);
  }

  #answer(
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
    query: string,
    token: string | null,
  ): void {
    if (!isRead(req, res, path)) return;
    const target = parseMediaPath(path);
    if (target === null) throw notFound(path);
    const { clock, playback, channels, timeshift, cuts } = this.#deps;
    const nowMs = clock.nowMs();
    let exchange = checkPlayback(playback, target.channel, token, { req, res }, nowMs);
    const channel = channels.get(target.channel);
    if ('number' in target && cuts?.hasSegment(target.channel, target.number) === true) {
      exchange = requireEditor(playback, target.channel, token, { req, res }, nowMs);
    }
    channel.wake(nowMs);
    if (timeshift !== null && isText(target) && query.includes('start=')) {
      const { to, cut } = this.#shownTo(target.channel, token, exchange, nowMs);
      this.#await(to, timeshift.startOver(channel, target, query, nowMs, to, cut));
      return;
    }
    switch (target.kind) {
      case 'playlist':
        this.#playlists.media(channel, target.rendition, parseDirectives(query), exchange, nowMs);
        break;
      case 'multivariant':
      case 'mpd':
        this.#playlists.topLevel(channel, target.kind, exchange, nowMs);
        break;
      default:
        this.#media.send(channel, target, exchange, nowMs);
    }
  }

  /** What is left out of a start-over for whoever asks: an editor gets all of it. */
  #shownTo(
    channel: string,
    token: string | null,
    exchange: Exchange,
    nowMs: number,
  ): { readonly to: Exchange; readonly cut: readonly TimeRange[] } {
    const { cuts, playback } = this.#deps;
    const cut = cuts?.since(channel, 0) ?? [];
    const editor = cut.length === 0 ? null : editorExchange(playback, channel, token, exchange, nowMs);
    if (editor !== null) return { to: editor, cut: [] };
    const isSure = cuts?.isSure(channel) ?? true;
    return { to: isSure ? exchange : { ...exchange, privateForS: 0 }, cut };
  }

  /** What has left the live window may have been cut off: while nobody knows, it is not sent, or to no cache. */
  async #sendOld(
    timeshift: TimeshiftHandler,
    channel: LiveChannel,
    name: MediaName,
    exchange: Exchange,
  ): Promise<void> {
    const { cuts } = this.#deps;
    if (cuts === null || name.kind === 'init' || cuts.isSure(name.channel)) {
      await timeshift.media(channel, name, exchange);
      return;
    }
    const isInWindow = channel.segment(name.rendition, name.number) !== undefined;
    if (!isInWindow && !cuts.isLoaded) throw libraryLoading();
    await timeshift.media(channel, name, { ...exchange, privateForS: 0 });
  }

  #await(exchange: Exchange, answer: Promise<void>): void {
    answer.catch((error: unknown) => this.#fail(exchange, error));
  }

  #fail({ req, res }: Pick<Exchange, 'req' | 'res'>, error: unknown): void {
    const { path } = splitAccessPrefix((req.url ?? '').split('?', 1)[0] ?? '');
    this.#problems.send(res, path, error);
  }
}
