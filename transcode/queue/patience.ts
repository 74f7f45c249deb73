/** How often a worker without room looks for jobs that wait, and at those that it has seen, milliseconds. */
const LOOK_MS = 250;

/** What a worker without room does next. */
export type PatienceStep =
  | { readonly kind: 'take' }
  /** Look again after so many milliseconds. */
  | { readonly kind: 'look'; readonly afterMs: number };

/**
 * How a worker without room leaves a job to others: it looks at the job that comes next without taking it, and takes it when it
 * still waits after its patience has run out. Pure: the time is an argument.
 */
export class Patience {
  #seen: { readonly id: string; readonly sinceMs: number } | null = null;

  /**
   * @param first the job that comes next; null when none waits
   * @param patienceMs how long it is left to others, milliseconds
   * @param nowMs milliseconds of a steady clock
   */
  step(first: { readonly id: string } | null, patienceMs: number, nowMs: number): PatienceStep {
    if (first === null) {
      this.#seen = null;
      return { kind: 'look', afterMs: LOOK_MS };
    }
    if (this.#seen?.id !== first.id) this.#seen = { id: first.id, sinceMs: nowMs };
    const leftMs = this.#seen.sinceMs + patienceMs - nowMs;
    return leftMs <= 0 ? { kind: 'take' } : { kind: 'look', afterMs: Math.min(LOOK_MS, leftMs) };
  }
}
