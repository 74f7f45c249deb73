import type { TrackChoice } from '../splicer/track-choice.ts';

/** What a segment of the channel shows. */
export type Decision = {
  readonly feedId: string;
  /** It does not continue the segment before it. */
  readonly discontinuity: boolean;
  /** Which track each rendition shows. */
  readonly choice: TrackChoice;
};

/** The decisions on a channel's segments, by number: each is made once, and followed by all renditions. */
export class Decisions {
  readonly #byNumber = new Map<number, Decision>();
  readonly #retained: number;
  #next: number;

  /**
   * @param firstNumber the segment that is decided first
   * @param retained how many of the newest are retained
   */
  constructor(firstNumber: number, retained: number) {
    this.#next = firstNumber;
    this.#retained = retained;
  }

  /** The segment that is decided next. */
  get next(): number {
    return this.#next;
  }

  /** The decision on a segment; undefined where there is none yet, or none any more. */
  at(number: number): Decision | undefined {
    return this.#byNumber.get(number);
  }

  /** Decides the next segment. */
  add(decision: Decision): void {
    this.#byNumber.set(this.#next, decision);
    this.#byNumber.delete(this.#next - this.#retained);
    this.#next += 1;
  }

  /** Discards all, and goes on with another segment. */
  restart(number: number): void {
    this.#byNumber.clear();
    this.#next = number;
  }
}
