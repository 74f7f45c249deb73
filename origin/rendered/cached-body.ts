import { type TextBody, textBody } from '../http/reply/replies.ts';

/** A text that is sent as it was written for a while: one render and one buffer, whatever the number of those who ask. */
export class CachedBody {
  readonly #keptMs: number;
  #body: TextBody | null = null;
  #writtenMs = 0;

  /** @param keptMs how long it is sent as it was written, milliseconds; no longer than caches may keep it */
  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  /**
   * The text as it was written, or written anew where that is too long ago, or lies ahead of a clock that was set back.
   *
   * @param nowMs UTC milliseconds
   */
  at(nowMs: number, write: () => string): TextBody {
    const ageMs = nowMs - this.#writtenMs;
    if (this.#body === null || ageMs < 0 || ageMs >= this.#keptMs) {
      this.#body = textBody(write());
      this.#writtenMs = nowMs;
    }
    return this.#body;
  }

  /** Has it written anew at the next request. */
  forget(): void {
    this.#body = null;
  }
}
