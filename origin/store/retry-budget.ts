/** A retry costs so much, and a success gives back one: from one failure in six on, retries become fewer. */
const COST = 5;
/** What is there at the start, and at most: retries during an outage. */
const MOST = 100;

/** Bounds retries: while nothing succeeds, they end after some, so that a store that is down is not asked three times as often. */
export class RetryBudget {
  #left = MOST;

  /** Something succeeded. */
  succeeded(): void {
    this.#left = Math.min(MOST, this.#left + 1);
  }

  /** Takes one retry out. @returns false when there is none left */
  take(): boolean {
    if (this.#left < COST) return false;
    this.#left -= COST;
    return true;
  }
}
