import { FORWARD_JUMP_MS, PLAUSIBLE_MS } from '../../shared/source-clock.ts';

/** A source's timestamp without jumps, and whether it jumped. */
export type SourceTime = {
  /** Source time without jumps, milliseconds. Plus the epoch stamp it is UTC. */
  readonly timeMs: number;
  /** Size of the jump at this timestamp, milliseconds; 0 without one. */
  readonly jumpedMs: number;
};

/** The kind of media that a timestamp belongs to. */
export type SourceKind = 'picture' | 'sound';

/** A kind may go back by this much without a jump, milliseconds. */
const BACKWARD_JUMP_MS = 2000;
/** Source time that passes at a jump, milliseconds: about a frame. */
const STEP_MS = 20;
/** FLV timestamps have 32 bits of milliseconds and wrap after 49 days. */
const PERIOD_MS = 2 ** 32;
/** A first timestamp this close below the wrap is negative; ingest reads it the same way. Milliseconds. */
const NEGATIVE_SPAN_MS = 60_000;

/**
 * Removes jumps from a source's timestamps, so that media time is continuous whatever an encoder's clock does.
 *
 * After a jump the timestamp is used unchanged when it agrees with the wall clock (so that twins agree when only one saw the jump);
 * otherwise it is placed one frame after the previous one. Time is an argument.
 */
export class SourceTimeline {
  #shiftMs = 0;
  /** The newest time of all. */
  #newestMs: number | null = null;
  /** The newest time of each kind: sound may be seconds ahead of pictures that queue on a phone, or behind. */
  readonly #newestOf = new Map<SourceKind, number>();
  /** The last timestamp without wraps, with jumps. */
  #unwrappedMs: number | null = null;
  readonly #epochOffsetMs: number;

  /** @param epochOffsetMs UTC of timestamp 0, milliseconds */
  constructor(epochOffsetMs: number) {
    this.#epochOffsetMs = epochOffsetMs;
  }

  /** The newest time that was placed, milliseconds; 0 before the first. */
  get newestMs(): number {
    return this.#newestMs ?? 0;
  }

  /** The newest UTC of one kind that was placed, milliseconds; null before the first. */
  newestUtcMs(kind: SourceKind): number | null {
    const timeMs = this.#newestOf.get(kind);
    return timeMs === undefined ? null : timeMs + this.#epochOffsetMs;
  }

  /** The source is read again and may begin in the past: the next timestamp is no jump. */
  restart(): void {
    this.#restarted = true;
  }

  #restarted = false;

  /**
   * Places one tag of sound or picture.
   *
   * @param stampMs timestamp of the tag: 32 bit unsigned, milliseconds
   * @param nowMs UTC, milliseconds
   * @param kind a step back counts as a jump only within one kind
   */
  place(stampMs: number, nowMs: number, kind: SourceKind): SourceTime {
    const timestampMs = this.#unwrap(stampMs);
    const newest = this.#newestMs;
    let timeMs = timestampMs + this.#shiftMs;
    let jumpedMs = 0;
    if (newest !== null && !this.#restarted) {
      const own = this.#newestOf.get(kind);
      const earliest = own === undefined ? newest - FORWARD_JUMP_MS : own - BACKWARD_JUMP_MS;
      if (timeMs > newest + FORWARD_JUMP_MS || timeMs < earliest) {
        jumpedMs = timeMs - (timeMs < earliest ? (own ?? newest) : newest);
        const plausible = Math.abs(timestampMs + this.#epochOffsetMs - nowMs) <= PLAUSIBLE_MS;
        this.#shiftMs = plausible && timestampMs > newest ? 0 : newest + STEP_MS - timestampMs;
        timeMs = timestampMs + this.#shiftMs;
      }
    }
    if (this.#restarted) this.#newestOf.clear();
    // Compared with the newest time, not the last one: a late tag must not make the next one look like a jump.
    const starts = jumpedMs !== 0 || this.#restarted || newest === null;
    this.#newestMs = starts ? timeMs : Math.max(newest, timeMs);
    this.#newestOf.set(kind, starts ? timeMs : Math.max(this.#newestOf.get(kind) ?? timeMs, timeMs));
    this.#restarted = false;
    return { timeMs, jumpedMs };
  }

  #unwrap(stampMs: number): number {
    const last = this.#unwrappedMs ?? (stampMs >= PERIOD_MS - NEGATIVE_SPAN_MS ? 0 : stampMs);
    this.#unwrappedMs = stampMs + Math.round((last - stampMs) / PERIOD_MS) * PERIOD_MS;
    return this.#unwrappedMs;
  }
}
