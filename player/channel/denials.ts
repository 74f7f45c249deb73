/** Denials in a row after which what was there before is taken to be gone. */
const BELIEVED_AFTER = 3;

/** Why nothing is played: there is no such channel, or this page has no access to it. */
export type Denial = 'not-found' | 'forbidden';

/** What keeps a page from playing. */
export type Refusal = Denial | 'unsupported';

/**
 * Tells when to believe a server that says there is no such channel, or no access to it.
 *
 * The API is believed at once on a page that has only just been opened; but a class that plays is not given up for one odd
 * answer, of a server that is starting or of a cache. Media is judged by itself: an edge may deny what the API allows.
 */
export class Denials {
  #isKnown = false;
  #ofApi = 0;
  #ofMedia = 0;
  #byApi: Denial | null = null;

  /** What is to be believed now; null when nothing keeps the channel from playing. */
  get denial(): Denial | null {
    return this.#byApi ?? (this.isMediaDenied ? 'forbidden' : null);
  }

  /** Whether media was denied so often that it is believed: somebody has to try whether it still is. */
  get isMediaDenied(): boolean {
    return this.#ofMedia >= BELIEVED_AFTER;
  }

  /** Takes the kind of the API's next answer. An API that cannot be reached says nothing about the channel. */
  apiAnswered(answer: 'ok' | Denial | 'unreachable'): void {
    if (answer === 'unreachable') return;
    if (answer === 'ok') {
      this.#isKnown = true;
      this.#ofApi = 0;
      this.#byApi = null;
      return;
    }
    this.#ofApi += 1;
    if (!this.#isKnown || this.#ofApi >= BELIEVED_AFTER) this.#byApi = answer;
  }

  /** The player gave up because a playlist or media was denied (401, 403). */
  mediaDenied(): void {
    this.#ofMedia += 1;
  }

  /** Media came. */
  mediaServed(): void {
    this.#ofMedia = 0;
  }
}
