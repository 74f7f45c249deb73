import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { byeFrame, type ConnectionGate } from '../gateway/connection-gate.ts';
import type { Identity } from '../gateway/identity.ts';
import type { Places } from '../gateway/places.ts';
import type { RollCallMetrics } from '../gateway/roll-call-metrics.ts';
import type { Rooms } from '../gateway/rooms.ts';
import { SerializedFrame } from '../gateway/serialized-frame.ts';
import { busy } from '../roll-call-error.ts';
import { EventStream } from './event-stream.ts';

/** A comment is sent this often, so that proxies do not close an idle stream; milliseconds. */
const HEARTBEAT_MS = 15_000;

/** Shortest time between two lines of the log, milliseconds. */
const LOG_EVERY_MS = 1000;

/** What event streams need. */
export type EventStreamsDeps = {
  readonly rooms: Rooms;
  readonly metrics: RollCallMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly gate: ConnectionGate;
  readonly places: Places;
  /** The address of the client that sent a request; null where it is not known. */
  clientAddress(req: IncomingMessage): string | null;
};

/** When a student may come back for whom there is no place, seconds. */
const FULL_RETRY_S = 30;

/** Sends the frames of a roll call as Server-Sent Events, for clients whose proxy refuses WebSockets. */
export class EventStreams {
  readonly #deps: EventStreamsDeps;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #streams = new Set<EventStream>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(deps: EventStreamsDeps) {
    this.#deps = deps;
    this.#log = sparing(deps.logger, LOG_EVERY_MS, deps.nowMs);
    this.#heartbeat = setInterval(() => {
      const nowMs = deps.nowMs();
      for (const stream of this.#streams) stream.heartbeat(nowMs);
    }, HEARTBEAT_MS);
  }

  /** Open streams. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * Answers a request with a stream that lasts until either side ends it.
   *
   * @param waitS null for that; else it ends with the first frame after the welcome, or after so many seconds: a proxy that collects
   *     a stream until its end lets it through then
   * @throws {RollCallError} `roll-call-busy` (503)
   */
  open(channel: string, identity: Identity, res: ServerResponse, waitS: number | null): void {
    const { rooms, metrics, gate, places, clientAddress } = this.#deps;
    const retryAfterS =
      gate.retryAfterS(clientAddress(res.req)) ?? (places.isFull(identity.role, false) ? FULL_RETRY_S : null);
    if (retryAfterS !== null) {
      metrics.connectionRefused();
      throw busy(retryAfterS);
    }
    res.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // nginx would collect the stream until its buffer is full.
      'X-Accel-Buffering': 'no',
    });
    res.flushHeaders();
    const stream = new EventStream(identity, res, metrics, waitS !== null);
    let timer: NodeJS.Timeout | undefined;
    this.#streams.add(stream);
    places.take(channel, stream);
    res.once('close', () => {
      clearTimeout(timer);
      this.#streams.delete(stream);
      places.leave(channel, stream);
      rooms.leave(channel, stream);
    });
    rooms
      .room(channel)
      .join(stream)
      .then(() => {
        if (waitS !== null && !res.closed) timer = setTimeout(() => stream.close(), waitS * 1000);
      })
      .catch((error: unknown) => {
        this.#log.warn(
          { error: describeError(error) },
          'a client cannot be welcomed: the ledger cannot be read',
        );
        stream.close();
      });
  }

  /** Tells every client to reconnect after a random delay, and ends all streams. */
  stop(): void {
    clearInterval(this.#heartbeat);
    const clients = this.#streams.size;
    for (const stream of this.#streams) {
      stream.send(new SerializedFrame(byeFrame(clients)));
      stream.close();
    }
  }
}
