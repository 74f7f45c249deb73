import type { ServerResponse } from 'node:http';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { type Admission, byeFrame, fullS, stoppingS } from '../gateway/admission.ts';
import type { Rooms } from '../gateway/rooms.ts';
import {
  type Identity,
  type Peer,
  sendFrame,
  UNSENT_MAX_BYTES,
  type SerializedFrame,
} from '../gateway/peer.ts';
import type { RollCallMetrics } from '../gateway/roll-call-metrics.ts';
import { busy } from '../roll-call-error.ts';

/** A comment in between keeps proxies from closing a stream, milliseconds. */
const BEAT_MS = 15_000;

/** What event streams work with. */
export type EventStreamsDeps = {
  readonly hall: Rooms;
  readonly metrics: RollCallMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** A clock that nobody sets, milliseconds. */
  readonly steadyMs: () => number;
  readonly admission: Admission;
  readonly maxConnections: number;
  /** Connections of any kind that are open. */
  connections(): number;
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
  #isStopping = false;

  constructor(deps: EventStreamsDeps) {
    this.#deps = deps;
    this.#beat = setInterval(() => {
      const nowMs = deps.nowMs();
      for (const stream of this.#streams) stream.beat(nowMs);
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
    const { hall, metrics, logger } = this.#deps;
    const waitS = this.#roomIn();
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

  /** Tells everybody to come back in a while, ends all streams, and lets nobody else in. */
  stop(): void {
    this.#isStopping = true;
    clearInterval(this.#beat);
    const count = this.#streams.size;
    for (const stream of this.#streams) {
      sendFrame(stream, byeFrame(count));
      stream.close();
    }
  }

  #roomIn(): number | null {
    const { admission, steadyMs, connections, maxConnections } = this.#deps;
    if (this.#isStopping) return stoppingS();
    if (connections() >= maxConnections) return fullS();
    return admission.ask(steadyMs());
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

  send({ json }: SerializedFrame): void {
    this.#write(`data: ${json}\n\n`);
  }

  /** Sends something, or ends it where the token has ended. */
  beat(nowMs: number): void {
    if (this.identity.expMs > nowMs) {
      this.#write(': \n\n');
      return;
    }
    this.#metrics.dropped('expired-token');
    this.close();
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
