import type { Sample } from '../../../media/bmff/sample.ts';

/** The samples of a part that has not gone out yet: each begins where the one before it ends. */
export class PendingPart {
  #samples: Sample[] = [];
  #ticks = 0;
  #bytes = 0;

  /** Samples so far. */
  get count(): number {
    return this.#samples.length;
  }

  /** Sum of their durations. */
  get ticks(): number {
    return this.#ticks;
  }

  /** Coded bytes so far. */
  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Adds a sample; the caller sees to it that it begins at the end. */
  add(sample: Sample): void {
    this.#samples.push(sample);
    this.#ticks += sample.durationTicks;
    this.#bytes += sample.data.length;
  }

  /** Makes the last sample last longer; to be called with one at least. */
  lengthen(byTicks: number): void {
    const last = this.#samples.pop();
    if (last === undefined) return;
    this.#samples.push({ ...last, durationTicks: last.durationTicks + byTicks });
    this.#ticks += byTicks;
  }

  /** Hands the samples over and begins anew. */
  take(): readonly Sample[] {
    const samples = this.#samples;
    this.#samples = [];
    this.#ticks = 0;
    this.#bytes = 0;
    return samples;
  }
}
