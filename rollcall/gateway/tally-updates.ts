import type { Counts, Ledger } from '../ledger/ledger.ts';
import type { TallyFrame } from '../protocol/frames.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { RosterIndex } from '../roster/roster-index.ts';
import { tallyFrame } from './tally.ts';

/** What the updates are read from. */
export type TallyUpdatesDeps = {
  readonly channel: string;
  readonly ledger: Pick<Ledger, 'newestAnswers'>;
  readonly nowMs: () => number;
  counts(callId: string): Promise<Counts>;
};

/** Reads the tally of the newest call for a room's teachers: at most four times a second, and only what they have not seen. */
export class TallyUpdates {
  readonly #deps: TallyUpdatesDeps;
  #callId: string | null = null;
  /** Position of the newest answer that teachers have seen. */
  #cursor: string | null = null;
  /** The counts that teachers have seen, as JSON. */
  #seenCounts = '';
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(deps: TallyUpdatesDeps) {
    this.#deps = deps;
  }

  /** The next update is sent even when its counts are the same: a teacher has joined. */
  repeat(): void {
    this.#seenCounts = '';
  }

  /**
   * Reads the tally.
   *
   * @param roster the class list
   * @param connected connected students, at all gateways
   * @returns null when it is too early, or nothing has changed
   * @throws {LedgerError} `ledger-unavailable`
   */
  async next(callId: string, roster: RosterIndex, connected: number): Promise<TallyFrame | null> {
    const { channel, ledger, nowMs, counts: countsOf } = this.#deps;
    // A clock that is set back must not stop the updates.
    if (Math.abs(nowMs() - this.#readMs) < LIMITS.tallyEveryMs) return null;
    if (this.#callId !== callId) {
      this.#callId = callId;
      this.#cursor = null;
      this.#seenCounts = '';
    }
    this.#readMs = nowMs();
    const counts = await countsOf(callId);
    const newest = await ledger.newestAnswers(channel, callId, this.#cursor, LIMITS.tallyChanged);
    this.#cursor = newest.cursor;
    const frame = tallyFrame(callId, counts, roster, connected, newest.answers);
    const json = JSON.stringify({ ...frame, changed: [] });
    if (json === this.#seenCounts && newest.answers.length === 0) return null;
    this.#seenCounts = json;
    return frame;
  }
}
