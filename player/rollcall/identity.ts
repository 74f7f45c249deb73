import { isRecord } from '../../rollcall/protocol/checked.ts';
import { retryAfterMs } from './carriers.ts';

/** What came of asking for a token: one, none for now, or none at all, since guests are not let in. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'later' }
  | { readonly kind: 'never' };

/** A guest's token, as the server gave it. */
type Guest = { readonly token: string; readonly name: string; readonly expiresMs: number };

const NAME_KEY = 'lectern.rollcall.name';
const GUEST_KEY = 'lectern.rollcall.guest.';
const LATER = { kind: 'later' } as const;
const PATIENCE_MS = 8000;
/** A token that ends sooner than this is asked for anew, milliseconds. */
const ENDS_SOON_MS = 600_000;

/**
 * Who the student is: as her link says, or, where everybody may watch, a guest with the name that she gives. A guest stays the
 * same one over reloads and when she changes her name.
 */
export class Identity {
  readonly #channel: string;
  readonly #linkToken: string | null;
  readonly #spare: string;
  #guest: Guest | null;
  #renewed = false;

  /**
   * @param linkToken of the page's address; null without one
   * @param spare what a guest is called who has given no name
   */
  constructor(channel: string, linkToken: string | null, spare: string) {
    this.#channel = channel;
    this.#linkToken = linkToken;
    this.#spare = spare;
    this.#guest = readGuest(recall(GUEST_KEY + channel));
  }

  /** What she has called herself; '' as long as she has not. A link has a name of its own. */
  get name(): string {
    return this.#linkToken === null ? (recall(NAME_KEY) ?? '') : '';
  }

  /** She is to be asked for her name. */
  get needsName(): boolean {
    return this.#linkToken === null && this.name === '';
  }

  /** Gives the token to come with. */
  async token(): Promise<TokenAnswer> {
    if (this.#linkToken !== null) return { kind: 'token', token: this.#linkToken };
    const guest = this.#guest;
    if (guest !== null && guest.expiresMs - Date.now() > ENDS_SOON_MS)
      return { kind: 'token', token: guest.token };
    return this.#ask(this.name === '' ? this.#spare : this.name);
  }

  /** The token was refused; true where another one is worth asking for. */
  renew(): boolean {
    if (this.#linkToken !== null || this.#renewed) return false;
    // A server with another secret, or another data folder: once, and not for ever.
    this.#renewed = true;
    this.#guest = null;
    return true;
  }

  /**
   * Takes the name that she gives.
   *
   * @returns false when the server could not be told of it now
   */
  async rename(name: string): Promise<boolean> {
    store(NAME_KEY, name);
    return (await this.#ask(name)).kind === 'token';
  }

  async #ask(name: string): Promise<TokenAnswer> {
    try {
      const answer = await fetch(`/api/rollcall/${this.#channel}/guests`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, ...(this.#guest === null ? {} : { token: this.#guest.token }) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.ok) {
        const text = await answer.text();
        this.#guest = readGuest(text);
        if (this.#guest !== null) store(GUEST_KEY + this.#channel, text);
        return this.#guest === null ? LATER : { kind: 'token', token: this.#guest.token };
      }
      const isForNow = answer.status >= 500 || retryAfterMs(answer) !== null;
      return isForNow ? LATER : { kind: 'never' };
    } catch {
      return LATER;
    }
  }
}

function readGuest(text: string | null): Guest | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (!isRecord(value)) return null;
    const { token, name, expiresMs } = value;
    const isGuest = typeof token === 'string' && typeof name === 'string' && typeof expiresMs === 'number';
    return isGuest ? { token, name, expiresMs } : null;
  } catch {
    return null;
  }
}

function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Not remembered then.
  }
}
