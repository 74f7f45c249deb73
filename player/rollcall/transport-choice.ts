import type { TransportKind } from './transport.ts';

/** WebSockets that fail this often in a row are blocked here. */
const SOCKET_TRIES = 2;
/** An event stream is left for another try with a WebSocket after this, and then each time after twice as long, milliseconds. */
const PROBE_FIRST_MS = 300_000;
const PROBE_MOST_MS = 3_600_000;

/** Chooses the transport: a WebSocket, or an event stream where none gets through. */
export class TransportChoice {
  #socketFailures = 0;
  #probeMs = PROBE_FIRST_MS;

  /** The transport for the next connection. */
  get kind(): TransportKind {
    return this.#socketFailures < SOCKET_TRIES ? 'web-socket' : 'event-stream';
  }

  /** A connection came to nothing before it was welcome. */
  failed(kind: TransportKind): void {
    // Where an event stream fails as well, the server is away, and not only WebSockets are blocked.
    this.#socketFailures = kind === 'web-socket' ? this.#socketFailures + 1 : 0;
  }

  /** A connection is welcome. */
  succeeded(kind: TransportKind): void {
    if (kind === 'event-stream') return;
    this.#socketFailures = 0;
    this.#probeMs = PROBE_FIRST_MS;
  }

  /**
   * When an event stream is to be left for a try with a WebSocket.
   *
   * @param random from 0 to 1
   * @returns milliseconds from now
   */
  probeAfterMs(random: number): number {
    return this.#probeMs * (0.8 + 0.4 * random);
  }

  /** The next connection tries a WebSocket, once. */
  probe(): void {
    this.#probeMs = Math.min(PROBE_MOST_MS, this.#probeMs * 2);
    this.#socketFailures = SOCKET_TRIES - 1;
  }
}
