import type { Attendee } from '../ledger/ledger.ts';
import { KeyedBuckets } from '../../shared/token-bucket.ts';

/** What becomes of a claim: it is recorded, or refused, or to be made again after so many milliseconds. */
export type WatchedVerdict =
  | { readonly kind: 'counts' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'too-many'; readonly retryAfterMs: number };

/** What claims are judged by. */
export type WatchedClaimsOptions = {
  /** UTC milliseconds. */
  readonly nowMs: () => number;
  /** Monotonic milliseconds. */
  readonly steadyMs: () => number;
};

/** How far back a watched minute may lie, because of start-over; milliseconds. */
const MAX_AGE_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Minutes that count at the first word: what she watched before this gateway knew her, a page that was open through its restart. */
const AT_FIRST = 3;
/** Minutes a minute: the fastest speed of the pages. */
const FASTEST = 2;
/** Minutes that a page may have kept while it was not connected. */
const MOST_KEPT = 600;
/** Students whose claims are remembered. */
const STUDENTS_MAX = 200_000;
/** Ids of guests begin so; anybody may become one, as often as she likes. */
const GUEST = 'guest-';
/** Guests who are not on a class list, for each channel and day: where there is a list, and where there is none. */
const STRANGERS_BESIDE_LIST = 200;
const STRANGERS_WITHOUT_LIST = 20_000;

/**
 * Decides whether a minute that a student claims to have watched is recorded: not more of them than can have passed since she was
 * first heard of, at the fastest speed, and not of guests without number.
 */
export class WatchedClaims {
  readonly #options: WatchedClaimsOptions;
  readonly #buckets = new KeyedBuckets(
    { capacity: MOST_KEPT, perSecond: FASTEST / 60, initial: AT_FIRST },
    STUDENTS_MAX,
  );
  readonly #strangers = new Map<string, { readonly subs: Set<string>; readonly sinceMs: number }>();

  constructor(options: WatchedClaimsOptions) {
    this.#options = options;
  }

  /** She is connected: from now on minutes can pass. */
  heard(channel: string, sub: string): void {
    this.#buckets.begin(keyOf(channel, sub), this.#options.steadyMs());
  }

  /**
   * Judges a claim.
   *
   * @param minute minutes since the epoch of program date time
   * @param rosterSize entries of the class list
   * @returns `refused` for a minute of the future or of more than a day ago, and for a guest beyond those that count
   */
  judge(channel: string, { sub, rosterId }: Attendee, minute: number, rosterSize: number): WatchedVerdict {
    const { nowMs, steadyMs } = this.#options;
    const aheadMs = minute * MINUTE_MS - nowMs();
    if (aheadMs > 0 || aheadMs < -MAX_AGE_MS) return { kind: 'refused' };
    // Whoever signs tokens knows how many students there are.
    const isStranger = rosterId === null && sub.startsWith(GUEST);
    if (isStranger && !this.#isCountedStranger(channel, sub, rosterSize)) return { kind: 'refused' };
    const retryAfterMs = this.#buckets.take(keyOf(channel, sub), steadyMs());
    return retryAfterMs === 0 ? { kind: 'counts' } : { kind: 'too-many', retryAfterMs };
  }

  #isCountedStranger(channel: string, sub: string, rosterSize: number): boolean {
    const steadyMs = this.#options.steadyMs();
    let strangers = this.#strangers.get(channel);
    if (strangers === undefined || steadyMs - strangers.sinceMs > MAX_AGE_MS) {
      strangers = { subs: new Set(), sinceMs: steadyMs };
      this.#strangers.set(channel, strangers);
    }
    if (strangers.subs.has(sub)) return true;
    if (strangers.subs.size >= (rosterSize > 0 ? STRANGERS_BESIDE_LIST : STRANGERS_WITHOUT_LIST))
      return false;
    strangers.subs.add(sub);
    return true;
  }
}

function keyOf(channel: string, sub: string): string {
  return `${channel}\n${sub}`;
}
