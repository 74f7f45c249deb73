import { segmentNumberAt } from '../../../shared/grid.ts';
import type { LiveChannel, RenditionSegments } from '../../live/live-channel.ts';
import type { Exchange } from '../reply/exchange.ts';
import { sendMedia } from '../reply/media-reply.ts';
import { MEDIA_TYPES } from '../reply/media-types.ts';
import type { MediaName } from './media-path.ts';
import { unknownRendition } from '../../packager/unknown-rendition.ts';
import { noSuchMedia } from './playback-errors.ts';
import type { RequestBlocker } from './request-blocker.ts';
import { streamSegment } from './segment-stream.ts';

/** How far ahead of the newest segment a request may be, and is blocked, in segments: players go by the clock. */
const SEGMENTS_AHEAD = 2;

/**
 * Sends media that has left the live window.
 *
 * @param name what is requested
 */
export type SendOld = (channel: LiveChannel, name: MediaName, exchange: Exchange) => void;

/** Answers requests for init segments, parts and segments; blocks those for what is not there yet. */
export class MediaAnswers {
  readonly #blocker: RequestBlocker;
  readonly #sendOld: SendOld | null;

  /** @param sendOld null where there is no archive */
  constructor(blocker: RequestBlocker, sendOld: SendOld | null) {
    this.#blocker = blocker;
    this.#sendOld = sendOld;
  }

  /**
   * Sends media, or blocks the request until it is there.
   *
   * @throws {AppError} `unknown-rendition`, `no-such-media` (404), `too-many-waiting` (503)
   */
  send(channel: LiveChannel, name: MediaName, exchange: Exchange, nowMs: number): void {
    const rendition = channel.rendition(name.rendition);
    if (rendition === undefined) {
      // The archive may have it: the ladder was another one then.
      if (this.#sendOld === null) throw unknownRendition(`channel ${channel.settings.id}`, name.rendition);
      this.#sendOld(channel, name, exchange);
    } else if (name.kind === 'init') this.#init(channel, rendition, name, exchange);
    else if (name.kind === 'part') this.#part(channel, rendition, name.number, name.part, exchange, nowMs);
    else this.#segment(channel, rendition, name, exchange, nowMs);
  }

  #init(
    channel: LiveChannel,
    rendition: RenditionSegments,
    name: MediaName & { readonly kind: 'init' },
    exchange: Exchange,
  ): void {
    const init = rendition.segments.findLast((segment) => segment.init.hash === name.hash)?.init;
    if (init === undefined) this.#old(channel, name, exchange, `init segment ${name.hash}`);
    else sendMedia(exchange, MEDIA_TYPES[rendition.kind], [init.bytes]);
  }

  /** No byte of a part is sent before all of it can be (RFC 8216bis §6.2.6). */
  #part(
    channel: LiveChannel,
    rendition: RenditionSegments,
    number: number,
    index: number,
    exchange: Exchange,
    nowMs: number,
  ): void {
    const part = rendition.segment(number)?.parts[index];
    if (part !== undefined) {
      sendMedia(exchange, MEDIA_TYPES[rendition.kind], [part.bytes]);
      return;
    }
    if (!isNextPart(rendition, number, index)) throw noSuchMedia(`part ${number}.${index}`, rendition.id);
    const wait = {
      isOver: () =>
        rendition.segment(number)?.parts[index] !== undefined || !isNextPart(rendition, number, index),
      // A preload hint that did not come true, because the segment ended before it, is answered with 404.
      answer: (blocked: Exchange) => this.#part(channel, rendition, number, index, blocked, nowMs),
    };
    this.#blocker.block(channel, `${rendition.id}/${number}.${index}`, wait, exchange, nowMs);
  }

  #segment(
    channel: LiveChannel,
    rendition: RenditionSegments,
    name: MediaName & { readonly kind: 'segment' },
    exchange: Exchange,
    nowMs: number,
  ): void {
    const { number } = name;
    const type = MEDIA_TYPES[rendition.kind];
    const segment = rendition.segment(number);
    if (segment?.closed === true && !segment.gap) {
      const pieces = segment.parts.map((part) => part.bytes);
      sendMedia(exchange, type, pieces);
      return;
    }
    if (segment?.closed === false && segment.parts.length > 0) {
      streamSegment(channel, rendition.id, number, type, exchange);
      return;
    }
    const newest = rendition.segments.at(-1)?.number;
    // MPD clients go by the clock: while an encoder lags, the segment that they request is late, not absent.
    const dueNumber = segmentNumberAt(nowMs, channel.settings.gridUnits) + 1;
    const lastAhead = Math.max((newest ?? dueNumber) + SEGMENTS_AHEAD, dueNumber);
    if (number > lastAhead) throw noSuchMedia(`segment ${number}`, rendition.id);
    // The archive may have what is a gap here: before a restart, or on another origin, it was none.
    if (number <= (newest ?? 0)) {
      this.#old(channel, name, exchange, `segment ${number}`);
      return;
    }
    const wait = {
      isOver: () => (rendition.segments.at(-1)?.number ?? 0) >= number,
      answer: (blocked: Exchange) => this.#segment(channel, rendition, name, blocked, nowMs),
    };
    this.#blocker.block(channel, `${rendition.id}/${number}`, wait, exchange, nowMs);
  }

  #old(channel: LiveChannel, name: MediaName, exchange: Exchange, what: string): void {
    if (this.#sendOld === null) throw noSuchMedia(what, name.rendition);
    this.#sendOld(channel, name, exchange);
  }
}

/** Tells whether a part is the very next one: that of the preload hint. */
function isNextPart(rendition: RenditionSegments, number: number, index: number): boolean {
  const newest = rendition.segments.at(-1);
  if (newest === undefined) return false;
  if (!newest.closed && number === newest.number) return index === newest.parts.length;
  return number === newest.number + 1 && index === 0;
}
