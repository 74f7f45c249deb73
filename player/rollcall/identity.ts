import type { memorize, recalled } from '../ui/browser-memory.ts';
import { checkText, isFiniteNumber, isRecord } from '../../rollcall/protocol/checked.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { errorReplyOf, retryAfterMs } from '../net/error-reply.ts';
import { request } from '../net/request.ts';

/** The result of asking for a token: one, none for now, or none at all, where guests are not allowed. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string }
  /** `retryAfterMs` is the wait that the server asked for, milliseconds; null without. */
  | { readonly kind: 'later'; readonly retryAfterMs: number | null }
  | { readonly kind: 'never' };

/** What an identity is made from. */
export type IdentityOptions = {
  readonly channel: string;
  /** The token of the page's address; null without one. */
  readonly linkToken: string | null;
  /** The name of a guest who has not given one. */
  readonly spareName: string;
  /** Where name and guest are stored. */
  readonly memory: { readonly recalled: typeof recalled; readonly memorize: typeof memorize };
  /** Requests a guest's token; rejects where the server does not answer. */
  readonly askGuest: (body: { readonly name: string; readonly token?: string }) => Promise<GuestReply>;
  /** The server's time, UTC milliseconds. */
  readonly nowMs: () => number;
};

/** The response to a request for a guest's token. */
export type GuestReply = {
  /** Of HTTP. */
  readonly status: number;
  /** The wait that it asked for, milliseconds; null without. */
  readonly retryAfterMs: number | null;
  /** The body. */
  readonly text: string;
};

/** A guest's token. */
type Guest = { readonly token: string; readonly name: string; readonly expiresMs: number };

const NAME_KEY = 'lectern.rollcall.name';
const GUEST_KEY = 'lectern.rollcall.guest.';
/** A token that expires sooner than this is requested anew, milliseconds. */
const ENDS_SOON_MS = 600_000;
/** Attempts to get a token with her new name; after that the old one is used, since an answer matters more than a name. */
const NAME_TRIES = 3;

/**
 * The student's identity: of her link, or, where everybody may watch, a guest with the name that she gives. A guest stays the
 * same one over reloads and when she changes her name.
 */
export class Identity {
  readonly #options: IdentityOptions;
  #guest: Guest | null;
  #name: string;
  #renewed = false;
  /** Requests in a row that failed. */
  #failures = 0;
  /** One request at a time: two would make two guests. */
  #asking: Promise<TokenAnswer> | null = null;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#guest = readGuest(this.#options.memory.recalled(GUEST_KEY + options.channel));
    this.#name = nameOf(this.#options.memory.recalled(NAME_KEY)) ?? '';
  }

  /** She has no link of her own, and gives her name herself. */
  get isGuest(): boolean {
    return this.#options.linkToken === null;
  }

  /** The name that a guest has given; '' before that, and for a link. */
  get name(): string {
    return this.isGuest ? this.#name : '';
  }

  /** The token for the next connection; a guest's has her name. */
  async token(): Promise<TokenAnswer> {
    const { linkToken, spareName } = this.#options;
    if (linkToken !== null) return { kind: 'token', token: linkToken };
    const isNamed = this.#name === '' || this.#guest?.name === this.#name;
    if (isNamed && this.#guest !== null && this.#isFresh(this.#guest))
      return { kind: 'token', token: this.#guest.token };
    const wanted = this.#name;
    this.#asking ??= this.#ask(wanted === '' ? spareName : wanted).finally(() => {
      this.#asking = null;
    });
    const answer = await this.#asking;
    // She may have given another name during the request.
    if (wanted !== this.#name) return this.token();
    const guest = this.#guest;
    const isAsBefore = answer.kind === 'later' && this.#failures >= NAME_TRIES;
    return isAsBefore && guest !== null && this.#isFresh(guest)
      ? { kind: 'token', token: guest.token }
      : answer;
  }

  /** The token was refused; true where another one may be accepted. */
  renew(): boolean {
    if (!this.isGuest || this.#renewed) return false;
    // The server has another secret or another data folder: one new token is requested, not more.
    this.#renewed = true;
    this.#guest = null;
    return true;
  }

  /**
   * Changes a guest's name; the next token has it.
   *
   * @param name one that {@link nameOf} accepts
   */
  rename(name: string): void {
    this.#name = nameOf(name) ?? this.#name;
    this.#options.memory.memorize(NAME_KEY, this.#name);
  }

  #isFresh({ expiresMs }: Guest): boolean {
    return expiresMs - this.#options.nowMs() > ENDS_SOON_MS;
  }

  async #ask(name: string): Promise<TokenAnswer> {
    const { askGuest, channel } = this.#options;
    this.#failures++;
    try {
      const before = this.#guest === null ? {} : { token: this.#guest.token };
      const { status, retryAfterMs, text } = await askGuest({ name, ...before });
      const isForNow =
        status >= 500 ||
        status === 408 ||
        status === 429 ||
        retryAfterMs !== null ||
        errorReplyOf(text) === null;
      if ((status < 200 || status >= 300) && !isForNow) return { kind: 'never' };
      const guest = status < 300 ? readGuest(text) : null;
      if (guest === null) return { kind: 'later', retryAfterMs };
      this.#failures = 0;
      // The requested spelling: the server's may differ, which would count as another name.
      this.#guest = { ...guest, name };
      this.#options.memory.memorize(GUEST_KEY + channel, JSON.stringify(this.#guest));
      return { kind: 'token', token: guest.token };
    } catch {
      return { kind: 'later', retryAfterMs: null };
    }
  }
}

/** A name as the server accepts it: one line, composed, without space around it; null for anything else. */
export function nameOf(text: string | null): string | null {
  const name = checkText('name', text, LIMITS.nameLength);
  return name.ok ? name.value : null;
}

/** Requests a guest's token from a channel's roll call. */
export async function askGuest(channel: string, body: object): Promise<GuestReply> {
  const answer = await request(`/api/rollcall/${channel}/guests`, null, { method: 'POST', json: body });
  return { status: answer.status, retryAfterMs: retryAfterMs(answer), text: await answer.text() };
}

function readGuest(text: string | null): Guest | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (!isRecord(value)) return null;
    const { token, name, expiresMs } = value;
    const isGuest = typeof token === 'string' && typeof name === 'string' && isFiniteNumber(expiresMs);
    return isGuest ? { token, name, expiresMs } : null;
  } catch {
    return null;
  }
}
