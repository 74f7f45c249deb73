/** How long a kind's delay is remembered, milliseconds of its media: longer than the bursts in which phones send. */
const MEMORY_MS = 3000;

/** What goes on while a kind of media does not come, by which its own absence is told. */
export type Witness =
  /** media of the other kind, */
  | 'other-kind'
  /** or the publisher's connection: all that she sent before has arrived. */
  | 'connection';

/** How far a witness was ahead when media came, by the media's time. */
type Lead = { readonly timeMs: number; readonly leadMs: number };

/** A witness's newest time, and its leads of late. */
class Clock {
  newestMs: number | null = null;
  #leads: Lead[] = [];

  /** Takes media that has arrived while the clock stood where it stands. */
  compare(timeMs: number): void {
    if (this.newestMs === null) return;
    this.#leads.push({ timeMs, leadMs: Math.max(0, this.newestMs - timeMs) });
    const first = this.#leads.findIndex((lead) => lead.timeMs > timeMs - MEMORY_MS);
    if (first > 0) this.#leads.splice(0, first);
  }

  /** The time up to which media would have come by now, if it still did; null before anything is known. */
  get expectedMs(): number | null {
    if (this.newestMs === null) return null;
    return this.newestMs - Math.max(0, ...this.#leads.map(({ leadMs }) => leadMs));
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
  readonly #behindMs: number;
  readonly #clocks: Readonly<Record<Witness, Clock>> = { 'other-kind': new Clock(), connection: new Clock() };
  #newestMs: number | null = null;

  /** @param behindMs what is made up for ends so far behind what is expected, so that media that comes after all finds its place */
  constructor(behindMs: number) {
    this.#behindMs = behindMs;
  }

  /** Reports media of this kind. */
  came(timeMs: number): void {
    this.#newestMs = Math.max(this.#newestMs ?? timeMs, timeMs);
    for (const clock of Object.values(this.#clocks)) clock.compare(timeMs);
  }

  /** Reports that a witness has gone on to a time. */
  witnessed(witness: Witness, timeMs: number): void {
    const clock = this.#clocks[witness];
    clock.newestMs = Math.max(clock.newestMs ?? timeMs, timeMs);
  }

  /** @returns the time up to which to make up; null while media comes, and before the first */
  get untilMs(): number | null {
    if (this.#newestMs === null) return null;
    let untilMs = Number.NEGATIVE_INFINITY;
    for (const { expectedMs } of Object.values(this.#clocks)) {
      if (expectedMs !== null) untilMs = Math.max(untilMs, expectedMs - this.#behindMs);
    }
    return untilMs > this.#newestMs ? untilMs : null;
  }
}
