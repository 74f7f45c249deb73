import { type TextBody, textBody } from './text-body.ts';

/** One cached text with a maximum age: it is rendered at most once in that time, however many clients request it. */
export class CachedBody {
  readonly #maxAgeMs: number;
  #body: TextBody | null = null;
  #renderedMs = 0;

  /** @param maxAgeMs how long the text is served without being rendered again, milliseconds; at most the max-age sent with it */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  /**
   * The cached text; rendered again when it is too old, or when the clock was set back to before it was rendered.
   *
   * @param nowMs UTC milliseconds
   * @param render called when nothing usable is cached
   */
  at(nowMs: number, render: () => string): TextBody {
    const ageMs = nowMs - this.#renderedMs;
    if (this.#body === null || ageMs < 0 || ageMs >= this.#maxAgeMs) {
      this.#body = textBody(render());
      this.#renderedMs = nowMs;
    }
    return this.#body;
  }

  /** Discards the cached text: the next request renders it again. */
  clear(): void {
    this.#body = null;
  }
}
