import type { ByeFrame } from '../protocol/frames.ts';
import type { AddressDoors } from './address-doors.ts';
import type { Admission } from './admission.ts';

/** What the gate needs. */
export type ConnectionGateOptions = {
  readonly admission: Admission;
  /** Asked before {@link admission}. */
  readonly addresses: AddressDoors;
  readonly maxConnections: number;
  /** Open connections of every kind. */
  openConnections(): number;
  /**
   * Closes the connection that has waited longest for its hello, beyond a second.
   *
   * @returns false where there is none
   */
  makeRoom(): boolean;
  /** Monotonic milliseconds. */
  readonly steadyMs: () => number;
};

/** Decides whether a new connection, WebSocket or event stream, is accepted: by number, by rate, and not while stopping. */
export class ConnectionGate {
  readonly #options: ConnectionGateOptions;
  #isStopping = false;

  constructor(options: ConnectionGateOptions) {
    this.#options = options;
  }

  /** From now on every connection is refused: the server stops. */
  stop(): void {
    this.#isStopping = true;
  }

  /**
   * Asks to accept one connection.
   *
   * @param address of the client; null where it is not known
   * @returns null when accepted; else the value of `Retry-After`, whole seconds
   */
  retryAfterS(address: string | null): number | null {
    const { admission, addresses, maxConnections, openConnections, makeRoom, steadyMs } = this.#options;
    // Random delays, so that refused clients do not come back all at once.
    if (this.#isStopping) return randomWhole(3, 8);
    const ownS = address === null ? null : addresses.ask(address, steadyMs());
    if (ownS !== null) return ownS;
    if (openConnections() >= maxConnections && !makeRoom()) return randomWhole(20, 40);
    return admission.ask(steadyMs());
  }
}

/** Least delay before clients reconnect to a server that stops, milliseconds. */
const RECONNECT_MIN_MS = 1000;
/** The reconnects of many clients are spread over this much time for each of them, milliseconds. */
const RECONNECT_SPREAD_MS_PER_CLIENT = 1;

/**
 * Makes the frame that announces the end of the server, with a random delay.
 *
 * @param clients how many are told to reconnect
 */
export function byeFrame(clients: number): ByeFrame {
  const spreadMs = RECONNECT_MIN_MS + clients * RECONNECT_SPREAD_MS_PER_CLIENT;
  return { type: 'bye', reconnectAfterMs: Math.floor(RECONNECT_MIN_MS + Math.random() * spreadMs) };
}

/** Makes the frame for a student for whom there is no place: she comes back when others may have left. */
export function fullFrame(): ByeFrame {
  return { type: 'bye', reconnectAfterMs: randomWhole(20_000, 40_000) };
}

/** A random whole number, both bounds inclusive. */
function randomWhole(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}
