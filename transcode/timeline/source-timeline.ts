import { FORWARD_JUMP_MS, PLAUSIBLE_MS } from '../../shared/source-clock.ts';

/** Where a source's timestamp falls, and whether the source's clock jumped to get there. */
export type SourceTime = {
  /** The source's own timescale, jumps taken out, in milliseconds. Add the broadcast's epoch offset for UTC. */
  readonly timeMs: number;
  /** How far the clock jumped just now, in milliseconds; 0 nearly always. */
  readonly jumpedMs: number;
};

/** What a timestamp belongs to. */
export type SourceKind = 'picture' | 'sound';

/** One kind may be out of order by this much. */
const BACKWARD_JUMP_MS = 2000;
/** Time that passes over a jump: about a frame. */
const STEP_MS = 20;
/** FLV has 32 bits of milliseconds, which are full after 49 days. */
const PERIOD_MS = 2 ** 32;
/** A first timestamp so near below that is one below 0: ingest reads it so as well, and stamps by it. */
const NEGATIVE_SPAN_MS = 60_000;

/**
 * Takes the jumps out of a source's timestamps, so that media time goes on whatever an encoder's clock does.
 *
 * A jump lands where the wall clock says that the timestamp is right after all (so that twins, of which only one may
 * have seen the jump, agree), and otherwise one frame after what came before it. State only; time is an argument.
 */
export class SourceTimeline {
  #shiftMs = 0;
  /** The newest time of all. */
  #newestMs: number | null = null;
  /** The newest time of each kind: sound may run seconds ahead of a picture that queues on a phone, or behind. */
  readonly #newestOf = new Map<SourceKind, number>();
  /** The last timestamp on a line without wraps, jumps left in. */
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

  /** The source is read anew and may begin with what was there already: the next time is no jump. */
  restart(): void {
    this.#restarted = true;
  }

  #restarted = false;

  /**
   * Places one tag of sound or picture.
   *
   * @param stampMs as it stands in the tag: 32 bit unsigned
   * @param nowMs UTC, milliseconds
   * @param kind a step back is a jump where one kind makes it against itself
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
    // The newest time counts, not the last: a late tag must not make the next one look like a jump.
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
