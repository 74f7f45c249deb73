import type { PicturePlan } from '../ladder-plan.ts';
import { encodePlaceholder, type PlaceholderSegment } from './placeholder-picture.ts';

/** The placeholders that this worker has encoded, one for each ladder. */
export class PlaceholderCache {
  readonly #program: string;
  readonly #placeholders = new Map<string, Promise<readonly PlaceholderSegment[]>>();

  /** @param program ffmpeg */
  constructor(program: string) {
    this.#program = program;
  }

  /** @throws {TranscodeError} `ffmpeg-gave-up`; the next call tries again */
  get(plan: Extract<PicturePlan, { kind: 'placeholder' }>): Promise<readonly PlaceholderSegment[]> {
    const key = JSON.stringify(plan);
    const known = this.#placeholders.get(key);
    if (known !== undefined) return known;
    const made = encodePlaceholder(this.#program, plan.rungs, plan.frameRate);
    this.#placeholders.set(key, made);
    made.catch(() => this.#placeholders.delete(key));
    return made;
  }
}
