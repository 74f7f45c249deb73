/** Denials in a row after which a channel that was there before is taken to be gone. */
const BELIEVED_AFTER = 3;

/** What to make of an answer of the API: go on, stop playing, or ask again first. */
export type Verdict = 'go-on' | 'stop' | 'ask-again';

/**
 * Tells when to believe an API that says there is no such channel, or no access to it. At once on a page that has only
 * just been opened; but a class that plays is not given up for one odd answer, of a server that is starting or of a cache.
 */
export class Denials {
  #isKnown = false;
  #count = 0;

  /** Takes the kind of the next answer. An API that cannot be reached says nothing about the channel. */
  judge(answer: 'ok' | 'not-found' | 'forbidden' | 'unreachable'): Verdict {
    if (answer === 'unreachable') return 'ask-again';
    if (answer === 'ok') {
      this.#isKnown = true;
      this.#count = 0;
      return 'go-on';
    }
    this.#count += 1;
    return !this.#isKnown || this.#count >= BELIEVED_AFTER ? 'stop' : 'ask-again';
  }
}
