import type { PicturePlan } from './ladder-plan.ts';
import { encodeCard, type CardSegment } from './tracks/picture-card.ts';

/** The cards that this worker has encoded: one for each ladder, which are few. */
export class CardCache {
  readonly #program: string;
  readonly #cards = new Map<string, Promise<readonly CardSegment[]>>();

  /** @param program ffmpeg */
  constructor(program: string) {
    this.#program = program;
  }

  /** @throws {TranscodeError} `ffmpeg-gave-up`; the next one who asks tries again */
  get(plan: Extract<PicturePlan, { kind: 'card' }>): Promise<readonly CardSegment[]> {
    const key = JSON.stringify(plan);
    const known = this.#cards.get(key);
    if (known !== undefined) return known;
    const made = encodeCard(this.#program, plan.rungs, plan.frameRate);
    this.#cards.set(key, made);
    made.catch(() => this.#cards.delete(key));
    return made;
  }
}
