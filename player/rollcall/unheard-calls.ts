/** The roll call is usually faster than the playlist: a call that only the playlist has after this long was lost, milliseconds. */
const OVERDUE_MS = 1500;

/** Calls of the first so many milliseconds were in the playlist before the page was. */
const SETTLED_MS = 5000;

/**
 * Compares the calls in the live playlist with those that came over the roll call's own connection. One that is missing there says
 * that the connection is dead, though it seems open: a proxy or a phone's network may swallow what is sent on it.
 */
export class UnheardCalls {
  /** When each call was first seen in the playlist; null for calls that were there at first, or have been reported. */
  readonly #seenAtMs = new Map<string, number | null>();
  #firstAtMs: number | null = null;

  /**
   * Looks at the playlist; to be called some ten times a second.
   *
   * @param inPlaylist ids of calls
   * @param heard those that the connection has told of
   * @param nowMs a clock that never goes back, milliseconds
   * @returns true, once, when a call is overdue
   */
  isOverdue(inPlaylist: readonly string[], heard: { has(callId: string): boolean }, nowMs: number): boolean {
    this.#firstAtMs ??= nowMs;
    const isSettled = nowMs - this.#firstAtMs > SETTLED_MS;
    let isOverdue = false;
    for (const callId of inPlaylist) {
      const seenAtMs = this.#seenAtMs.get(callId);
      // What was in the playlist before is over, or comes with the welcome.
      if (seenAtMs === undefined) this.#seenAtMs.set(callId, isSettled ? nowMs : null);
      else if (seenAtMs !== null && (heard.has(callId) || nowMs - seenAtMs >= OVERDUE_MS)) {
        this.#seenAtMs.set(callId, null);
        isOverdue ||= !heard.has(callId);
      }
    }
    return isOverdue;
  }
}
