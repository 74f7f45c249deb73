import type { Sample } from '../../../media/bmff/sample.ts';

/** The samples of a part that has not been written yet: each begins where the one before it ends. */
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

  /** Adds a sample; it must begin where the last one ends. */
  add(sample: Sample): void {
    this.#samples.push(sample);
    this.#ticks += sample.durationTicks;
    this.#bytes += sample.data.length;
  }

  /** Extends the last sample; nothing happens where there is none. */
  lengthen(byTicks: number): void {
    const last = this.#samples.pop();
    if (last === undefined) return;
    this.#samples.push({ ...last, durationTicks: last.durationTicks + byTicks });
    this.#ticks += byTicks;
  }

  /** Returns the samples and empties the part. */
  take(): readonly Sample[] {
    const samples = this.#samples;
    this.#samples = [];
    this.#ticks = 0;
    this.#bytes = 0;
    return samples;
  }
}
