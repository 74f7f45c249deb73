import { AppError } from '../../../shared/errors.ts';
import { sendError } from '../../../shared/http-errors.ts';
import type { Channels } from '../../live/channels.ts';
import type { LiveChannel } from '../../live/live-channel.ts';
import type { Exchange } from '../reply/exchange.ts';
import { BlockedRequests, type Wait } from './blocked-requests.ts';
import { nothingNew } from './playback-errors.ts';

/** Requests that may be blocked at once on one channel; a process accepts no more connections than that anyway. */
const CAPACITY = 100_000;

/** Blocks requests until their channel has what they wait for, and answers them then. */
export class RequestBlocker {
  readonly #byChannel = new Map<LiveChannel, BlockedRequests>();
  readonly #fail: (exchange: Exchange, error: unknown) => void;

  /** @param fail answers a request with an error */
  constructor(channels: Pick<Channels, 'onOpen'>, fail: (exchange: Exchange, error: unknown) => void) {
    this.#fail = fail;
    channels.onOpen((_id, channel) => {
      const requests = new BlockedRequests(CAPACITY);
      this.#byChannel.set(channel, requests);
      channel.onChange(() => this.#release(requests));
    });
  }

  /** How many requests are blocked, on all channels. */
  get count(): number {
    let count = 0;
    for (const requests of this.#byChannel.values()) count += requests.count;
    return count;
  }

  /**
   * Blocks a request, for three target durations at most.
   *
   * @param key the same for all requests of the channel that wait for the same answer
   * @throws {AppError} `too-many-waiting` (503)
   */
  block(channel: LiveChannel, key: string, wait: Wait, exchange: Exchange, nowMs: number): void {
    // "after three target durations … 503" (RFC 8216bis §6.2.5.2).
    const untilMs = nowMs + 3000 * channel.settings.targetDurationS;
    if (this.#byChannel.get(channel)?.add(key, wait, exchange, untilMs) === true) return;
    throw new AppError('too many requests wait on this channel', { code: 'too-many-waiting', status: 503 });
  }

  /** Answers those that have waited too long with 503. To be called every 50 ms. */
  expire(nowMs: number): void {
    for (const requests of this.#byChannel.values()) {
      for (const { res } of requests.expire(nowMs)) sendError(res, nothingNew());
    }
  }

  #release(requests: BlockedRequests): void {
    for (const { wait, exchanges } of requests.release()) {
      for (const exchange of exchanges) {
        // One answer that fails must not keep the others blocked, nor stop the feed that released them.
        try {
          wait.answer(exchange);
        } catch (error) {
          this.#fail(exchange, error);
        }
      }
    }
  }
}
