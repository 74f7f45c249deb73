/** How long a kind's delay is remembered, milliseconds of its media: longer than the bursts in which phones send. */
const MEMORY_MS = 3000;
/** Leads that are remembered at most: timestamps that stand still make none of them old. */
const MAX_LEADS = 1024;

/** How far something was ahead when media came, by the media's time. */
type Lead = { readonly timeMs: number; readonly leadMs: number };

/** Something that goes on, by which the absence of media is told: its newest time, and its leads of late. */
class Witness {
  /** By what leads are measured. */
  nowMs: number | null = null;
  /** Up to when it says that media would have come. */
  newestMs: number | null = null;
  readonly #leads: Lead[] = [];

  /** Takes media that has arrived at this time of the witness. */
  compare(timeMs: number): void {
    if (this.nowMs === null) return;
    this.#leads.push({ timeMs, leadMs: Math.max(0, this.nowMs - timeMs) });
    const first = this.#leads.findIndex((lead) => lead.timeMs > timeMs - MEMORY_MS);
    const old = Math.max(first, this.#leads.length - MAX_LEADS);
    if (old > 0) this.#leads.splice(0, old);
  }

  /** The time up to which media would have come by now, if it still did; -Infinity before anything is known. */
  get expectedMs(): number {
    if (this.newestMs === null) return Number.NEGATIVE_INFINITY;
    let longestMs = 0;
    for (const { leadMs } of this.#leads) longestMs = Math.max(longestMs, leadMs);
    return this.newestMs - longestMs;
  }
}

/**
 * Tells up to when a kind of media that has stopped is to be made up for: a picture that stands, or silence.
 *
 * A publisher's connection delivers in order. So when sound of a time has arrived, all pictures before it have, but for the delay that
 * they always had; when nothing arrives at all, that tells nothing until she is heard from again. Pure: times are source times in
 * milliseconds.
 */
export class Stillness {
  /** What is made up for ends so far behind what is expected, milliseconds. */
  readonly behindMs: number;
  /** Media of the other kind, and the publisher's connection. */
  readonly #other = new Witness();
  readonly #connection = new Witness();
  #newestMs: number | null = null;

  /** @param behindMs what is made up for ends so far behind what is expected, so that media that comes after all finds its place */
  constructor(behindMs: number) {
    this.behindMs = behindMs;
  }

  /** Reports media of this kind. */
  came(timeMs: number): void {
    this.#newestMs = Math.max(this.#newestMs ?? timeMs, timeMs);
    this.#other.compare(timeMs);
    this.#connection.compare(timeMs);
  }

  /** Reports media of the other kind. */
  otherCame(timeMs: number): void {
    this.#other.nowMs = Math.max(this.#other.nowMs ?? timeMs, timeMs);
    this.#other.newestMs = this.#other.nowMs;
  }

  /**
   * Reports what the other end of the line says.
   *
   * @param nowMs its time now
   * @param heardMs when the publisher was last heard from, behind all that she had sent; null while she sends
   */
  line(nowMs: number, heardMs: number | null): void {
    this.#connection.nowMs = nowMs;
    if (heardMs !== null) this.#connection.newestMs = heardMs;
  }

  /** @returns the time up to which to make up; null while media comes, and before the first */
  get untilMs(): number | null {
    if (this.#newestMs === null) return null;
    const expectedMs = Math.max(this.#other.expectedMs, this.#connection.expectedMs);
    const untilMs = expectedMs - this.behindMs;
    return untilMs > this.#newestMs ? untilMs : null;
  }
}
