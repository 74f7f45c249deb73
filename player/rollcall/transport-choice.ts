import type { TransportKind } from './transport.ts';

/** The transports, the best first. */
export const TRANSPORTS: readonly TransportKind[] = ['web-socket', 'event-stream', 'polling'];

/** WebSockets that are refused this often in a row are blocked here. */
const SOCKET_TRIES = 2;
/** A lesser transport is left for another try with a WebSocket after this, and then each time after twice as long, milliseconds. */
const PROBE_FIRST_MS = 300_000;
const PROBE_MOST_MS = 3_600_000;
/**
 * The welcome has to arrive within this after a connection was opened, milliseconds. Where a transport is not known to work, the time
 * that is waited for it is missing from a question's.
 */
const WELCOME_WITHIN_MS: Readonly<Record<TransportKind, number>> = {
  'web-socket': 3000,
  'event-stream': 8000,
  polling: 15_000,
};
const PROVEN_WELCOME_WITHIN_MS = 8000;

/**
 * Chooses the transport: a WebSocket; where none gets through, an event stream; where a proxy collects that until its end, polling.
 * What worked at the last visit is tried first.
 */
export class TransportChoice {
  /** The transport that is tried now. */
  #at: number;
  /** The last one that was welcome. */
  #good: number | null = null;
  #socketFailures = 0;
  #probeMs = PROBE_FIRST_MS;

  /** @param first what worked at the last visit; null where nothing is remembered */
  constructor(first: TransportKind | null) {
    this.#at = first === null ? 0 : TRANSPORTS.indexOf(first);
  }

  /** The transport for the next connection. */
  get kind(): TransportKind {
    return TRANSPORTS[this.#at] ?? 'web-socket';
  }

  /** How long the welcome of the next connection may take, milliseconds. */
  get welcomeWithinMs(): number {
    const least = WELCOME_WITHIN_MS[this.kind];
    return this.#good === this.#at ? Math.max(least, PROVEN_WELCOME_WITHIN_MS) : least;
  }

  /**
   * A connection came to nothing before it was welcome.
   *
   * @param isSilent nothing came at all, not even an end: a proxy has swallowed it
   */
  failed(kind: TransportKind, isSilent: boolean): void {
    if (kind === 'web-socket') this.#socketFailed(isSilent);
    // A proxy that collects a stream is silent; one that ends at once tells that the server is away.
    else this.#at = kind === 'event-stream' && isSilent ? this.#at + 1 : 0;
  }

  /** A connection is welcome. */
  succeeded(kind: TransportKind): void {
    this.#at = TRANSPORTS.indexOf(kind);
    this.#good = this.#at;
    if (kind !== 'web-socket') return;
    this.#socketFailures = 0;
    this.#probeMs = PROBE_FIRST_MS;
  }

  /** What was welcome says nothing any more: it seems open, and is dead. */
  suspect(): void {
    this.#good = null;
  }

  /**
   * When a lesser transport is to be left for a try with a WebSocket.
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
    this.#at = 0;
  }

  #socketFailed(isSilent: boolean): void {
    this.#socketFailures++;
    if (!isSilent && this.#socketFailures < SOCKET_TRIES) return;
    this.#socketFailures = 0;
    // After a probe: back to what worked.
    this.#at = Math.max(1, this.#good ?? 1);
  }
}
