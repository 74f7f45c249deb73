import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { awakeMs } from '../../shared/awake-time.ts';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { backoffMs } from '../backoff.ts';
import type { TrackChunk } from '../tracks/track-writer.ts';
import type { ChunkRing } from './chunk-ring.ts';

/**
 * How a track ended, sent in the trailer `Lectern-Ending`: the publisher stopped, her connection broke, or the track alone is
 * away for a while.
 */
export type UplinkEnding = 'over' | 'interrupted' | 'away';

/** What a connection needs. */
export type OriginConnectionOptions = {
  /** `{origin}/ingest/{channel}/{feed}/{track}`. */
  readonly url: string;
  readonly ring: ChunkRing;
  /** Ids of all tracks of this feed at the moment, sent in the header `Lectern-Tracks`; called at each attempt. */
  tracks(): readonly string[];
  /** Whether a chunk is not to be sent yet; {@link OriginConnection.wake} follows when it is. */
  mustWait(chunk: TrackChunk): boolean;
  /** Gives a fresh token; called at each attempt. */
  token(): Promise<string>;
  /** 0 to 1. */
  random(): number;
  readonly logger: Logger;
  onBytes(count: number): void;
  /** The TCP connection is open; the origin may still refuse the request. */
  onConnected(): void;
  onReconnect(): void;
  /** Times in milliseconds; for tests. */
  readonly timing?: Partial<UplinkTiming>;
};

/** Times of an uplink, all in milliseconds. */
export type UplinkTiming = {
  /** An origin that reads nothing for this long is disconnected. */
  readonly stallMs: number;
  /** Upper bound of the delay before the first retry; it doubles from there … */
  readonly firstRetryMs: number;
  /** … up to this. A connection that lasted this long resets it. */
  readonly maxRetryMs: number;
  /** Time limit for sending the rest after the end. */
  readonly finishMs: number;
};

/** Most that HTTP puts around a chunk (RFC 9112 §7.1): size in hexadecimal and two line ends. */
const CHUNK_FRAMING_BYTES = 12;

const TIMING: UplinkTiming = { stallMs: 4000, firstRetryMs: 200, maxRetryMs: 4000, finishMs: 8000 };

/**
 * The connection of one track to one origin: a chunked POST that lasts as long as the broadcast, opened again when it breaks.
 *
 * It reads the ring at its own pace, so a slow or absent origin affects no other connection. Each attempt begins with the init
 * segment and everything in the ring; the origin ignores what it already has.
 */
export class OriginConnection {
  readonly #options: OriginConnectionOptions;
  readonly #timing: UplinkTiming;
  #request: ClientRequest | null = null;
  #cursor = 0;
  /** Number of the first chunk that no connection has sent. */
  #unsent = 0;
  #sentInit: Buffer | null = null;
  #blocked = false;
  #stall: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  #attempt = 0;
  #hurriedAtMs = Number.NEGATIVE_INFINITY;
  /** When the open connection was made, by performance.now(); null while there is none. */
  #connectedAtMs: number | null = null;
  #lastReason = '';
  #state: 'live' | 'finishing' | 'closed' = 'live';
  #ending: UplinkEnding = 'over';
  #finished: () => void = () => {};

  constructor(options: OriginConnectionOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    void this.#connect();
  }

  /**
   * Media that this origin was not sent yet, milliseconds. What was written and waits in this process for the socket is not sent; what
   * was sent once and is sent again after a reconnect, is.
   */
  unsentMs(): number {
    this.#noteSent();
    return this.#options.ring.lagMs(this.#unsent);
  }

  /**
   * Retries now, because another track has reached the same origin: all tracks should return together. At most once in the
   * longest delay, since the other connection may still be refused.
   */
  hurry(): void {
    const nowMs = performance.now();
    if (this.#retry === null || nowMs - this.#hurriedAtMs < this.#timing.maxRetryMs) return;
    this.#hurriedAtMs = nowMs;
    clearTimeout(this.#retry);
    this.#retry = null;
    void this.#connect();
  }

  /** The ring has new chunks. */
  wake(): void {
    if (!this.#blocked) this.#pump();
  }

  /** Sends the rest, ends the body, and resolves when the origin has answered or the time limit is reached. */
  async finish(ending: UplinkEnding): Promise<void> {
    if (this.#state !== 'live') return;
    this.#state = 'finishing';
    this.#ending = ending;
    const done = new Promise<void>((resolve) => {
      this.#finished = resolve;
    });
    const limit = setTimeout(() => this.abandon(), this.#timing.finishMs);
    this.wake();
    await done;
    clearTimeout(limit);
  }

  /** Breaks the connection without ending the body: the feed may be continued by this worker or another one. */
  abandon(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#drop(true);
    this.#finished();
  }

  async #connect(): Promise<void> {
    let token: string;
    try {
      token = await this.#options.token();
    } catch (error) {
      this.#fail(describeError(error));
      return;
    }
    if (this.#state === 'closed') return;
    const { ring, url } = this.#options;
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    // agent false: one connection for this one request, and none kept alive after it.
    const request = send(url, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'video/mp4',
        'transfer-encoding': 'chunked',
        'lectern-tracks': this.#options.tracks().join(','),
        trailer: 'lectern-ending',
      },
    });
    request.setNoDelay(true);
    request.once('socket', (socket) =>
      socket.once('connect', () => {
        if (this.#request !== request) return;
        this.#connectedAtMs = performance.now();
        this.#options.onConnected();
      }),
    );
    request.on('error', (error) => this.#failOf(request, describeError(error)));
    request.on('close', () => this.#failOf(request, 'the origin closed the connection'));
    request.on('drain', () => {
      if (this.#request !== request) return;
      this.#unblock();
      this.#pump();
    });
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      if (this.#request === request && request.writableEnded && status >= 200 && status < 300) {
        this.#succeed();
        response.resume();
        return;
      }
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        if (text.length < 200) text += part;
      });
      response.on('error', () => {});
      response.on('end', () => {
        const why = text.slice(0, 200).replace(/\s+/g, ' ').trim();
        this.#failOf(request, `the origin answered ${status} ${why}`.trim());
      });
    });
    this.#request = request;
    this.#cursor = ring.start;
    this.#sentInit = null;
    this.#blocked = false;
    request.flushHeaders();
    this.#pump();
  }

  /** Follows what the socket has taken: the newest chunks that add up to what still waits are not sent. */
  #noteSent(): void {
    if (this.#request === null) return;
    const { ring } = this.#options;
    let waitingBytes = this.#request.writableLength;
    let number = this.#cursor;
    while (waitingBytes > CHUNK_FRAMING_BYTES && number > ring.first) {
      number--;
      waitingBytes -= (ring.at(number)?.bytes.length ?? 0) + CHUNK_FRAMING_BYTES;
    }
    this.#unsent = Math.max(this.#unsent, number);
  }

  #succeed(): void {
    this.#state = 'closed';
    this.#unblock();
    this.#request = null;
    this.#finished();
  }

  #pump(): void {
    const request = this.#request;
    const { ring } = this.#options;
    if (request === null) return;
    if (this.#cursor < ring.first) {
      this.#failOf(request, 'the origin is further behind than the uplink holds');
      return;
    }
    while (!this.#blocked) {
      const chunk = ring.at(this.#cursor);
      if (chunk === undefined || this.#options.mustWait(chunk)) break;
      this.#cursor++;
      if (!this.#write(request, chunk)) this.#block(request);
    }
    if (this.#state === 'finishing' && this.#cursor >= ring.end && !request.writableEnded) {
      // Behind the last chunk (RFC 9112 §7.1.2).
      request.addTrailers({ 'lectern-ending': this.#ending });
      request.end();
    }
  }

  #write(request: ClientRequest, chunk: TrackChunk): boolean {
    let bytes = chunk.bytes;
    if (chunk.init !== this.#sentInit) {
      this.#sentInit = chunk.init;
      bytes = Buffer.concat([chunk.init, chunk.bytes]);
    }
    this.#options.onBytes(bytes.length);
    return request.write(bytes);
  }

  #block(request: ClientRequest): void {
    this.#blocked = true;
    if (this.#stall === null) this.#watchStall(request, awakeMs() + this.#timing.stallMs);
  }

  /** @param dueMs in time awake: after a pause of this process the origin is given the rest of its time */
  #watchStall(request: ClientRequest, dueMs: number): void {
    this.#stall = setTimeout(
      () => {
        if (awakeMs() < dueMs) this.#watchStall(request, dueMs);
        else this.#failOf(request, `the origin has read nothing for ${this.#timing.stallMs} ms`);
      },
      Math.max(1, dueMs - awakeMs()),
    );
  }

  #unblock(): void {
    this.#blocked = false;
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.#stall = null;
  }

  #failOf(request: ClientRequest, reason: string): void {
    // A failed request may emit several events.
    if (this.#request === request) this.#fail(reason);
  }

  #fail(reason: string): void {
    this.#drop(false);
    if (this.#state === 'closed') return;
    // Only a connection that lasted resets the delay: an origin that refuses reads some bytes before it answers.
    const lastedMs = this.#connectedAtMs === null ? 0 : performance.now() - this.#connectedAtMs;
    this.#connectedAtMs = null;
    if (lastedMs >= this.#timing.maxRetryMs) this.#attempt = 0;
    const delayMs = backoffMs(
      this.#attempt,
      this.#timing.firstRetryMs,
      this.#timing.maxRetryMs,
      this.#options.random(),
    );
    if (reason !== this.#lastReason || this.#attempt === 0) {
      this.#options.logger.warn(
        { url: this.#options.url, attempt: this.#attempt },
        `uplink broke: ${reason}`,
      );
      this.#lastReason = reason;
    }
    this.#attempt++;
    this.#options.onReconnect();
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.#connect();
    }, delayMs);
  }

  /** @param gently sends written bytes first; the body still ends without its last chunk */
  #drop(gently: boolean): void {
    this.#unblock();
    this.#noteSent();
    const request = this.#request;
    this.#request = null;
    if (request === null) return;
    if (gently && request.socket !== null && request.socket.writable) request.socket.destroySoon();
    else request.destroy();
  }
}
