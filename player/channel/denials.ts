/** Denials in a row that count for a channel that has played before. */
const BELIEVED_AFTER = 3;

/** Why nothing is played: the channel does not exist, or this page has no access to it. */
export type Denial = 'not-found' | 'forbidden';

/** Why a page does not play. */
export type Refusal = Denial | 'unsupported';

/**
 * Decides when a channel counts as missing or forbidden.
 *
 * On a page that has just been opened, the API's first answer counts. A class that plays is not stopped for a single
 * denial, by a starting server or a cache. Media is judged separately: an edge may deny what the API allows.
 */
export class Denials {
  #isKnown = false;
  #ofApi = 0;
  #ofMedia = 0;
  #byApi: Denial | null = null;

  /** The denial that counts now; null when the channel may be played. */
  get denial(): Denial | null {
    return this.#byApi ?? (this.isMediaDenied ? 'forbidden' : null);
  }

  /** Media was denied often enough to count; someone else has to find out when that ends. */
  get isMediaDenied(): boolean {
    return this.#ofMedia >= BELIEVED_AFTER;
  }

  /** The API has answered. An API that cannot be reached says nothing about the channel. */
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

  /** The engine gave up because a playlist or media was denied (401, 403). */
  mediaDenied(): void {
    this.#ofMedia += 1;
  }

  /** Media arrived. */
  mediaServed(): void {
    this.#ofMedia = 0;
  }
}
