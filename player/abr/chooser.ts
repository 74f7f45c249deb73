import { type Level, highestUseful, highestWithin } from './levels.ts';

/** What a level is chosen by. */
export type ChoiceInput = {
  readonly nowMs: number;
  /** Ascending by bit rate, at least one. */
  readonly levels: readonly Level[];
  /** Index of the level that is being loaded. */
  readonly current: number;
  /** Bits a second; null while nothing is known. */
  readonly estimateBps: number | null;
  /** Height of the picture on the page in device pixels; 0 when unknown. */
  readonly viewHeightPx: number;
  /** Index of the highest level that the machine can decode; `Infinity` where it sets no bound. */
  readonly maxLevel: number;
};

const DOWN_SHARE = 0.8;
const UP_FACTOR = 1.6;
const QUIET_MS = 6000;
const FIRST_PENALTY_MS = 12_000;
const LAST_PENALTY_MS = 120_000;
/** A step up that is reverted within this time was a mistake, and the next one waits longer. */
const REGRET_MS = 20_000;
/** Stalls count for this long. */
const STALL_MEMORY_MS = 10_000;

/**
 * Chooses the level: down at once when network or machine cannot keep up, up one step at a time when there has been
 * room for a while, and after longer and longer waits when steps up had to be reverted.
 */
export class LevelChooser {
  #changedAtMs = Number.NEGATIVE_INFINITY;
  #wentUpAtMs = Number.NEGATIVE_INFINITY;
  #penaltyMs = FIRST_PENALTY_MS;
  #blockedUntilMs = Number.NEGATIVE_INFINITY;
  #stallsMs: number[] = [];

  /** Playback ran dry. */
  stalled(nowMs: number): void {
    this.#stallsMs = [...this.#stallsMs.filter((past) => nowMs - past < STALL_MEMORY_MS), nowMs];
  }

  /**
   * Chooses.
   *
   * @returns index into `input.levels`
   */
  choose(input: ChoiceInput): number {
    const { nowMs, levels, estimateBps } = input;
    const current = Math.min(input.current, levels.length - 1);
    const settled = nowMs - this.#changedAtMs > QUIET_MS;
    const top = Math.max(0, Math.min(highestUseful(levels, input.viewHeightPx), input.maxLevel));
    if (current > top) return this.#change(nowMs, current, top);
    const now = levels[current];
    if (now === undefined) return 0;
    if (estimateBps !== null && estimateBps < now.bitrateBps * 1.1 && current > 0) {
      return this.#change(
        nowMs,
        current,
        Math.min(current - 1, highestWithin(levels, estimateBps * DOWN_SHARE)),
      );
    }
    const recentStalls = this.#stallsMs.filter((past) => nowMs - past < STALL_MEMORY_MS).length;
    if (recentStalls >= 2 && current > 0) return this.#change(nowMs, current, current - 1);
    const next = levels[current + 1];
    const mayRise = settled && nowMs >= this.#blockedUntilMs && recentStalls === 0 && current < top;
    if (mayRise && next !== undefined && (estimateBps ?? 0) >= next.bitrateBps * UP_FACTOR) {
      return this.#change(nowMs, current, current + 1);
    }
    return current;
  }

  #change(nowMs: number, from: number, to: number): number {
    if (to === from) return to;
    if (to < from) {
      const regretted = nowMs - this.#wentUpAtMs < REGRET_MS;
      this.#penaltyMs = regretted ? Math.min(LAST_PENALTY_MS, this.#penaltyMs * 2) : FIRST_PENALTY_MS;
      this.#blockedUntilMs = nowMs + this.#penaltyMs;
      this.#stallsMs = [];
    } else {
      this.#wentUpAtMs = nowMs;
    }
    this.#changedAtMs = nowMs;
    return to;
  }
}
