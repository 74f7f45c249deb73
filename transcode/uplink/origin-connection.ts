import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { backoffMs } from '../backoff.ts';
import type { TrackChunk } from '../tracks/track-writer.ts';
import type { ChunkRing } from './chunk-ring.ts';

/** How a broadcast ends, as origins are told in the trailer `Lectern-Ending`: by the teacher, or with her line. */
export type BroadcastEnding = 'over' | 'interrupted';

/** What one connection needs. */
export type OriginConnectionOptions = {
  /** `{origin}/ingest/{channel}/{feed}/{track}`. */
  readonly url: string;
  readonly ring: ChunkRing;
  /** Ids of all tracks of this feed, told in the header `Lectern-Tracks`. */
  readonly tracks: readonly string[];
  /** A fresh token, asked for at each attempt. */
  token(): Promise<string>;
  /** 0 to 1. */
  random(): number;
  readonly logger: Logger;
  onBytes(count: number): void;
  /** The origin was reached; whether it takes what is sent shows later. */
  onConnected(): void;
  onReconnect(): void;
  /** Times in milliseconds; for tests. */
  readonly timing?: Partial<UplinkTiming>;
};

/** Times of an uplink, all in milliseconds. */
export type UplinkTiming = {
  /** An origin that reads nothing for so long is cut. */
  readonly stallMs: number;
  /** Upper bound of the wait before the first try again; it doubles from there … */
  readonly firstRetryMs: number;
  /** … up to this. A connection that lasted for so long makes it begin anew. */
  readonly maxRetryMs: number;
  /** How long the end of a broadcast may take to arrive. */
  readonly finishMs: number;
};

const TIMING: UplinkTiming = { stallMs: 4000, firstRetryMs: 200, maxRetryMs: 4000, finishMs: 8000 };

/**
 * One track's way to one origin: a chunked POST that lasts as long as the broadcast, made anew whenever it breaks.
 *
 * It reads from the ring at its own pace, so an origin that is slow or gone costs nothing but its own connection. Each
 * attempt begins with the init segment and all that the ring holds; the origin leaves out what it has.
 */
export class OriginConnection {
  readonly #options: OriginConnectionOptions;
  readonly #timing: UplinkTiming;
  #request: ClientRequest | null = null;
  #cursor = 0;
  #sentInit: Buffer | null = null;
  #blocked = false;
  #stall: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  #attempt = 0;
  #hurriedAtMs = Number.NEGATIVE_INFINITY;
  /** When the connection that stands was made, by performance.now(); null before. */
  #connectedAtMs: number | null = null;
  #lastReason = '';
  #state: 'live' | 'finishing' | 'closed' = 'live';
  #ending: BroadcastEnding = 'over';
  #finished: () => void = () => {};

  constructor(options: OriginConnectionOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    void this.#connect();
  }

  /** Milliseconds of media that this origin has not been sent yet. */
  lagMs(): number {
    return this.#request === null
      ? this.#options.ring.lagMs(this.#options.ring.start)
      : this.#options.ring.lagMs(this.#cursor);
  }

  /**
   * Another connection has reached the same origin: what waits for its next try comes now, so that all tracks are back
   * together. Not more often than the longest wait, for the other one may be refused yet.
   */
  hurry(): void {
    const nowMs = performance.now();
    if (this.#retry === null || nowMs - this.#hurriedAtMs < this.#timing.maxRetryMs) return;
    this.#hurriedAtMs = nowMs;
    clearTimeout(this.#retry);
    this.#retry = null;
    void this.#connect();
  }

  /** There is more in the ring. */
  wake(): void {
    if (!this.#blocked) this.#pump();
  }

  /** The broadcast has ended: sends what is left, ends the body, and resolves when the origin has answered or time is up. */
  async finish(ending: BroadcastEnding): Promise<void> {
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

  /** Breaks the connection without ending the body: the feed may come back, from here or from elsewhere. */
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
        'lectern-tracks': this.#options.tracks.join(','),
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
      this.#failOf(request, 'the origin fell behind all that is kept');
      return;
    }
    while (!this.#blocked) {
      const chunk = ring.at(this.#cursor);
      if (chunk === undefined) break;
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
    this.#stall ??= setTimeout(
      () => this.#failOf(request, `the origin has read nothing for ${this.#timing.stallMs} ms`),
      this.#timing.stallMs,
    );
  }

  #unblock(): void {
    this.#blocked = false;
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.#stall = null;
  }

  #failOf(request: ClientRequest, reason: string): void {
    // A request that was given up has more than one way to say so.
    if (this.#request === request) this.#fail(reason);
  }

  #fail(reason: string): void {
    this.#drop(false);
    if (this.#state === 'closed') return;
    // Only one that lasted was any good: an origin that refuses takes what is in the socket's buffer before it says so.
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

  /** @param gently lets what has been written leave first; the body still ends without its end mark */
  #drop(gently: boolean): void {
    this.#unblock();
    const request = this.#request;
    this.#request = null;
    if (request === null) return;
    if (gently && request.socket !== null && request.socket.writable) request.socket.destroySoon();
    else request.destroy();
  }
}
