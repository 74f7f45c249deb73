import type { ServerResponse } from 'node:http';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Admission } from '../gateway/admission.ts';
import type { Hall } from '../gateway/hall.ts';
import { type Identity, type Peer, sendFrame, UNSENT_MAX_BYTES, type Written } from '../gateway/peer.ts';
import type { RollCallMetrics } from '../gateway/roll-call-metrics.ts';
import { busy } from '../roll-call-error.ts';

/** A comment in between keeps proxies from closing a stream, milliseconds. */
const BEAT_MS = 15_000;
/** When to come back while as many are here as there may be, seconds. */
const FULL_S = 30;

/** What event streams work with. */
export type EventStreamsDeps = {
  readonly hall: Hall;
  readonly metrics: RollCallMetrics;
  readonly logger: Logger;
  /** A clock that nobody sets, milliseconds. */
  readonly steadyMs: () => number;
  readonly admission: Admission;
  /** Streams at once. */
  readonly most: number;
};

/**
 * Sends the frames of a roll call as Server-Sent Events, where a proxy lets no WebSocket through: one frame an event.
 *
 * @see WHATWG HTML, §9.2 Server-sent events
 */
export class EventStreams {
  readonly #deps: EventStreamsDeps;
  readonly #streams = new Set<EventStream>();
  readonly #beat: NodeJS.Timeout;

  constructor(deps: EventStreamsDeps) {
    this.#deps = deps;
    this.#beat = setInterval(() => {
      for (const stream of this.#streams) stream.beat();
    }, BEAT_MS);
  }

  /** Streams that are open. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * Answers a request with a stream that lasts until either side ends it.
   *
   * @throws {RollCallError} `roll-call-busy` (503)
   */
  open(channel: string, identity: Identity, res: ServerResponse): void {
    const { hall, metrics, logger, admission, steadyMs, most } = this.#deps;
    const waitS = this.#streams.size >= most ? FULL_S : admission.ask(steadyMs());
    if (waitS !== null) {
      metrics.sentAway();
      throw busy(waitS);
    }
    res.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // nginx would keep what it has until its buffer is full.
      'X-Accel-Buffering': 'no',
    });
    res.flushHeaders();
    const stream = new EventStream(identity, res, metrics);
    this.#streams.add(stream);
    res.once('close', () => {
      this.#streams.delete(stream);
      hall.leave(channel, stream);
    });
    hall
      .room(channel)
      .join(stream)
      .catch((error: unknown) => {
        logger.warn({ error: describeError(error) }, 'nobody can be welcomed');
        stream.close();
      });
  }

  /** Tells everybody to come back, and ends all streams. */
  stop(): void {
    clearInterval(this.#beat);
    for (const stream of this.#streams) {
      sendFrame(stream, { type: 'bye', reconnectAfterMs: Math.floor(1000 + Math.random() * 5000) });
      stream.close();
    }
  }
}

class EventStream implements Peer {
  readonly identity: Identity;
  readonly #res: ServerResponse;
  readonly #metrics: RollCallMetrics;

  constructor(identity: Identity, res: ServerResponse, metrics: RollCallMetrics) {
    this.identity = identity;
    this.#res = res;
    this.#metrics = metrics;
  }

  send({ json }: Written): void {
    this.#write(`data: ${json}\n\n`);
  }

  beat(): void {
    this.#write(': \n\n');
  }

  close(): void {
    this.#res.end();
  }

  #write(text: string): void {
    const res = this.#res;
    if (res.writableEnded || res.destroyed) return;
    res.write(text);
    if (res.writableLength <= UNSENT_MAX_BYTES) return;
    this.#metrics.dropped('slow');
    res.destroy();
  }
}
