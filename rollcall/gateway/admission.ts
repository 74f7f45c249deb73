import type { ByeFrame } from '../protocol/frames.ts';

/** Longest time that anybody is sent away for, seconds. */
const AWAY_MAX_S = 30;
/** And the shortest: a crowd takes some seconds to arrive, and who came back amid it would be sent away again. */
const AWAY_MIN_S = 5;
/** Of what is let in, this share is kept for those who were told to be back; the rest is for who comes unasked. */
const BACK_SHARE = 0.5;

/**
 * Bounds how many come in a second, after a burst of one second's worth. Who is sent away is told when to come back: each one
 * takes a place in a line that is let in at half the rate, so that those who come back when they were told are not one crowd
 * again, and find a place beside those who come unasked (the generic cell rate algorithm, ITU-T I.371 §A.1, with a second line).
 */
export class Admission {
  readonly #everyMs: number;
  readonly #burstMs: number;
  /** When the next one is due, were they to come evenly; milliseconds. */
  #dueMs = Number.NEGATIVE_INFINITY;
  /** When the last one that was sent away is to be back. */
  #backMs = Number.NEGATIVE_INFINITY;

  /** @param perSecond above 0 */
  constructor(perSecond: number) {
    this.#everyMs = 1000 / perSecond;
    this.#burstMs = Math.max(1000, this.#everyMs);
  }

  /**
   * Asks for a place.
   *
   * @param steadyMs by a clock that nobody sets, milliseconds
   * @returns null when there is one; else in how many whole seconds to come back, 5 to 30
   */
  ask(steadyMs: number): number | null {
    const due = Math.max(this.#dueMs, steadyMs);
    if (due - steadyMs <= this.#burstMs - this.#everyMs) {
      this.#dueMs = due + this.#everyMs;
      return null;
    }
    if (this.#backMs > steadyMs + AWAY_MAX_S * 1000) this.#backMs = steadyMs + AWAY_MAX_S * 1000;
    this.#backMs = Math.max(this.#backMs, steadyMs + (AWAY_MIN_S - 1) * 1000) + this.#everyMs / BACK_SHARE;
    return Math.min(AWAY_MAX_S, Math.ceil((this.#backMs - steadyMs) / 1000));
  }
}

/** When the server stops, clients come back over so long, milliseconds; the more there are, the longer. */
const BACK_LEAST_MS = 1000;
const BACK_PER_CLIENT_MS = 1;

/** Tells one of so many to come back in a while, each at another time. */
export function byeFrame(clients: number): ByeFrame {
  const spreadMs = BACK_LEAST_MS + clients * BACK_PER_CLIENT_MS;
  return { type: 'bye', reconnectAfterMs: Math.floor(BACK_LEAST_MS + Math.random() * spreadMs) };
}

/** When to come back to a server that stops, whole seconds; for each another time. */
export function stoppingS(): number {
  return 3 + Math.floor(Math.random() * 6);
}

/** When to come back while as many are here as there may be, whole seconds; for each another time. */
export function fullS(): number {
  return 20 + Math.floor(Math.random() * 21);
}
