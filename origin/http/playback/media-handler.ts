import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../shared/clock.ts';
import { AppError } from '../../../shared/errors.ts';
import { segmentNumberAt } from '../../../shared/grid.ts';
import { notFound, sendError } from '../../../shared/http-errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { ProblemLog } from '../../../shared/problem-log.ts';
import type { Channels } from '../../live/channels.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import { canonicalQuery, type Directives, parseDirectives } from '../../packager/hls/directives.ts';
import { decideReload, reloadWindow } from '../../packager/hls/reload.ts';
import type { ChannelView } from '../../packager/media.ts';
import type { RenditionTimeline } from '../../packager/timeline/rendition-timeline.ts';
import { checkPlayback, type PlaybackAccess, splitAccessPrefix } from './playback-access.ts';
import { isText, type MediaName, parseMediaPath } from './media-path.ts';
import type { TimeshiftHandler } from './timeshift-handler.ts';
import { IMMUTABLE, isRead, MEDIA_TYPES, requestHeader, sendMedia, sendText } from '../reply/replies.ts';
import { type Waiter, BlockedRequests } from './blocked-requests.ts';

/** What the playback paths need. */
export type MediaDeps = {
  readonly channels: Channels;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly playback: PlaybackAccess;
  /** Answers for what has left the live window; null where nothing is kept. */
  readonly past: TimeshiftHandler | null;
};

/** What a held request waits for, and how all of its kind are answered. */
type Held = { isOver(): boolean; answer(waiter: Waiter): void };

/** Requests that may wait at once on one channel; a process serves no more connections than that anyway. */
const WAITING_CAPACITY = 100_000;
/** A segment so far ahead of the newest one may be asked for and is waited for; players know the clock. */
const SEGMENTS_AHEAD = 2;
const ONE_SECOND = 'public, max-age=1';

/**
 * The playback paths, ahead of express: playlists, manifests, parts, segments, init segments. Requests for what is about
 * to come are held; all who wait for the same thing are answered from one buffer.
 */
export class MediaHandler {
  readonly #deps: MediaDeps;
  readonly #rooms = new Map<LiveChannel, BlockedRequests<Held>>();
  readonly #problems: ProblemLog;

  constructor(deps: MediaDeps) {
    this.#deps = deps;
    this.#problems = new ProblemLog(deps.logger, () => deps.clock.nowMs());
    deps.channels.onOpen((_id, channel) => {
      const room = new BlockedRequests<Held>(WAITING_CAPACITY);
      this.#rooms.set(channel, room);
      channel.onChange(() => this.#release(room));
    });
  }

  /** How many requests are held. */
  get waitingCount(): number {
    let count = 0;
    for (const room of this.#rooms.values()) count += room.count;
    return count;
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

  /** Answers 503 to those that have waited too long. To be called now and then. */
  expire(nowMs: number): void {
    for (const room of this.#rooms.values()) {
      for (const { res } of room.expire(nowMs)) sendError(res, tooLong());
    }
  }

  /** Lets go of all that are held: the process ends. */
  stop(): void {
    this.expire(Number.POSITIVE_INFINITY);
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
    const nowMs = this.#deps.clock.nowMs();
    checkPlayback(this.#deps.playback, target.channel, token, () => requestHeader(req, 'cookie'), nowMs);
    const channel = this.#deps.channels.open(target.channel);
    channel.touch(nowMs);
    const waiter = { req, res };
    const { past } = this.#deps;
    if (past !== null && isText(target) && query.includes('start=')) {
      this.#later(waiter, past.startOver(channel, target, query, nowMs, waiter));
      return;
    }
    switch (target.kind) {
      case 'playlist':
        this.#playlist(channel, target.rendition, parseDirectives(query), waiter, nowMs);
        break;
      case 'multivariant':
      case 'mpd':
        this.#topLevel(channel, target.kind, waiter, nowMs);
        break;
      default:
        this.#media(channel, target, waiter, nowMs);
    }
  }

  /** From the archive, where there is one: not in the window is not the same as gone. */
  #ofOld(channel: LiveChannel, name: MediaName, waiter: Waiter, what: string): void {
    const { past } = this.#deps;
    if (past === null) throw gone(what, name.rendition);
    this.#later(waiter, past.media(channel, name, waiter));
  }

  #later(waiter: Waiter, answer: Promise<void>): void {
    answer.catch((error: unknown) => this.#fail(waiter, error));
  }

  #topLevel(channel: LiveChannel, kind: 'multivariant' | 'mpd', waiter: Waiter, nowMs: number): void {
    const view = channel.view();
    if (view === null) {
      const answer = (held: Waiter): void => this.#topLevel(channel, kind, held, this.#deps.clock.nowMs());
      this.#hold(channel, kind, { isOver: () => channel.view() !== null, answer }, waiter, nowMs);
      return;
    }
    const { req, res } = waiter;
    const infos = () => channel.renditionInfos();
    if (kind === 'mpd')
      sendText(req, res, MEDIA_TYPES.manifest, ONE_SECOND, channel.playlists.mpd(view, infos, nowMs));
    else
      sendText(
        req,
        res,
        MEDIA_TYPES.playlist,
        ONE_SECOND,
        channel.playlists.multivariant(view, infos, nowMs),
      );
  }

  #playlist(
    channel: LiveChannel,
    renditionId: string,
    wanted: Directives,
    waiter: Waiter,
    nowMs: number,
  ): void {
    if (channel.timeline.rendition(renditionId) === undefined) throw unknownRendition(channel, renditionId);
    const view = channel.view();
    // Most ask for what is there: that needs no look at what is due.
    const isReady = view !== null && wanted.number === null;
    const decision = isReady ? 'ready' : this.#decide(channel, renditionId, wanted, nowMs);
    if (decision === 'reject') {
      throw new AppError(`_HLS_msn=${wanted.number} lies too far ahead of ${renditionId}`, {
        code: 'directive-too-far',
        status: 400,
      });
    }
    if (decision === 'wait') {
      const held = {
        isOver: () => this.#decide(channel, renditionId, wanted, this.#deps.clock.nowMs()) !== 'wait',
        answer: (held: Waiter) => sendPlaylist(channel, channel.view(), renditionId, wanted, held),
      };
      this.#hold(channel, `${renditionId}?${canonicalQuery(wanted)}`, held, waiter, nowMs);
      return;
    }
    sendPlaylist(channel, view, renditionId, wanted, waiter);
  }

  #decide(
    channel: LiveChannel,
    renditionId: string,
    wanted: Directives,
    nowMs: number,
  ): 'ready' | 'wait' | 'reject' {
    const view = channel.view();
    const rendition = view?.renditions.find(({ id }) => id === renditionId);
    if (view === null || rendition === undefined) return 'wait';
    return decideReload(reloadWindow(view, rendition, nowMs), wanted);
  }

  #media(channel: LiveChannel, target: MediaName, waiter: Waiter, nowMs: number): void {
    const rendition = channel.timeline.rendition(target.rendition);
    if (rendition === undefined) {
      if (this.#deps.past === null) throw unknownRendition(channel, target.rendition);
      // The ladder was another one then.
      this.#ofOld(channel, target, waiter, target.kind);
      return;
    }
    const type = MEDIA_TYPES[rendition.kind];
    if (target.kind === 'init') {
      const init = rendition.segments.findLast((segment) => segment.init.hash === target.hash)?.init;
      if (init === undefined) this.#ofOld(channel, target, waiter, `init segment ${target.hash}`);
      else sendMedia(waiter.req, waiter.res, type, [init.bytes]);
    } else if (target.kind === 'part')
      this.#part(channel, rendition, target.number, target.part, waiter, nowMs);
    else this.#segment(channel, rendition, target, waiter, nowMs);
  }

  /** No byte of a part is sent before all of it can be (RFC 8216bis §6.2.6). */
  #part(
    channel: LiveChannel,
    rendition: RenditionTimeline,
    number: number,
    index: number,
    waiter: Waiter,
    nowMs: number,
  ): void {
    const segment = rendition.segment(number);
    const part = segment?.parts[index];
    if (part !== undefined) {
      sendMedia(waiter.req, waiter.res, MEDIA_TYPES[rendition.kind], [part.bytes]);
      return;
    }
    if (!isNextPart(rendition, number, index)) throw gone(`part ${number}.${index}`, rendition.id);
    const held = {
      isOver: () =>
        rendition.segment(number)?.parts[index] !== undefined || !isNextPart(rendition, number, index),
      // A hint that was abandoned, because the segment ended before it, is answered 404.
      answer: (held: Waiter) => this.#part(channel, rendition, number, index, held, nowMs),
    };
    this.#hold(channel, `${rendition.id}/${number}.${index}`, held, waiter, nowMs);
  }

  #segment(
    channel: LiveChannel,
    rendition: RenditionTimeline,
    name: MediaName & { readonly kind: 'segment' },
    waiter: Waiter,
    nowMs: number,
  ): void {
    const { number } = name;
    const { req, res } = waiter;
    const segment = rendition.segment(number);
    if (segment?.closed === true && !segment.gap) {
      sendMedia(
        req,
        res,
        MEDIA_TYPES[rendition.kind],
        segment.parts.map((part) => part.bytes),
      );
      return;
    }
    if (segment?.closed === false && segment.parts.length > 0) {
      // Chunked transfer of the segment in progress (ISO/IEC 23009-1 low latency); a Range of it cannot be known yet.
      res.writeHead(200, [
        'Content-Type',
        MEDIA_TYPES[rendition.kind],
        'Cache-Control',
        IMMUTABLE,
        'Access-Control-Allow-Origin',
        '*',
      ]);
      if (req.method === 'HEAD') res.end();
      else channel.follow(res, rendition.id, segment);
      return;
    }
    const newest = rendition.segments.at(-1)?.number;
    // The MPD lets clients go by the clock: while an encoder lags, what they ask for is late, and not absent.
    const dueNumber = segmentNumberAt(nowMs, channel.timeline.options.gridUnits) + 1;
    const lastAhead = Math.max((newest ?? dueNumber) + SEGMENTS_AHEAD, dueNumber);
    const isAhead = number > (newest ?? 0) && number <= lastAhead;
    if (number > lastAhead) throw gone(`segment ${number}`, rendition.id);
    // A gap is asked for in the archive as well: before a restart, or on another origin, it was none, and replays list it.
    if (!isAhead) {
      this.#ofOld(channel, name, waiter, `segment ${number}`);
      return;
    }
    const held = {
      isOver: () => (rendition.segments.at(-1)?.number ?? 0) >= number,
      answer: (held: Waiter) => this.#segment(channel, rendition, name, held, nowMs),
    };
    this.#hold(channel, `${rendition.id}/${number}`, held, waiter, nowMs);
  }

  #hold(channel: LiveChannel, key: string, held: Held, waiter: Waiter, nowMs: number): void {
    // "after three target durations … 503" (RFC 8216bis §6.2.5.2).
    const untilMs = nowMs + 3000 * channel.timeline.options.targetDurationS;
    const isHeld = this.#rooms.get(channel)?.hold(key, held, waiter, untilMs);
    if (isHeld !== true)
      throw new AppError('too many requests wait on this channel', { code: 'too-many-waiting', status: 503 });
  }

  #release(room: BlockedRequests<Held>): void {
    for (const { wanted, waiters } of room.release(isOver)) {
      for (const waiter of waiters) {
        // One answer that fails is no reason to leave the others waiting, nor to stop the feed that brought this about.
        try {
          wanted.answer(waiter);
        } catch (error) {
          this.#fail(waiter, error);
        }
      }
    }
  }

  #fail({ req, res }: Waiter, error: unknown): void {
    const { path } = splitAccessPrefix((req.url ?? '').split('?', 1)[0] ?? '');
    this.#problems.send(res, path, error);
  }
}

/** Whether a wait is over; a fault ends it, and shows again where the answer is made. */
function isOver(held: Held): boolean {
  try {
    return held.isOver();
  } catch {
    return true;
  }
}

function sendPlaylist(
  channel: LiveChannel,
  view: ChannelView | null,
  renditionId: string,
  wanted: Directives,
  { req, res }: Waiter,
): void {
  if (view === null) {
    sendError(res, tooLong());
    return;
  }
  const { targetDurationS } = channel.timeline.options;
  // What was waited for is the same whenever it is asked for again; what was not grows old at once.
  const cacheControl = wanted.number === null ? ONE_SECOND : `public, max-age=${6 * targetDurationS}`;
  sendText(
    req,
    res,
    MEDIA_TYPES.playlist,
    cacheControl,
    channel.playlists.media(view, renditionId, wanted.skip),
  );
}

/** Tells whether a part is the very next one: that of the preload hint. */
function isNextPart(rendition: RenditionTimeline, number: number, index: number): boolean {
  const newest = rendition.segments.at(-1);
  if (newest === undefined) return false;
  if (!newest.closed && number === newest.number) return index === newest.parts.length;
  return number === newest.number + 1 && index === 0;
}

function unknownRendition(channel: LiveChannel, id: string): AppError {
  const { options } = channel.timeline;
  return new AppError(`channel ${options.id}: no rendition ${JSON.stringify(id.slice(0, 40))}`, {
    code: 'unknown-rendition',
    status: 404,
  });
}

function gone(what: string, renditionId: string): AppError {
  return new AppError(`${what} of ${renditionId}: not in the window`, { code: 'no-such-media', status: 404 });
}

function tooLong(): AppError {
  return new AppError('nothing new within three target durations', { code: 'nothing-new', status: 503 });
}
