import type { memorize, recalled } from '../ui/browser-memory.ts';
import { checkText, isFiniteNumber, isRecord } from '../../rollcall/protocol/checked.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { errorReplyOf, retryAfterMs } from '../net/error-reply.ts';
import { request } from '../net/request.ts';

/** What came of asking for a token: one, none for now, or none at all, since guests are not let in. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string }
  /** @see TokenAnswer retryAfterMs: what the server asked for, milliseconds; null when it said nothing */
  | { readonly kind: 'later'; readonly retryAfterMs: number | null }
  | { readonly kind: 'never' };

/** What an identity is made of. */
export type IdentityOptions = {
  readonly channel: string;
  /** Of the page's address; null without one. */
  readonly linkToken: string | null;
  /** What a guest is called who has given no name. */
  readonly spareName: string;
  /** Where name and guest are remembered, if anywhere. */
  readonly memory: { readonly recalled: typeof recalled; readonly memorize: typeof memorize };
  /** Asks the server for a guest's token; throws when it does not answer. */
  readonly askGuest: (body: { readonly name: string; readonly token?: string }) => Promise<GuestReply>;
  /** UTC milliseconds, as a token's end is. */
  readonly nowMs: () => number;
};

/** What the server says to who wants to be a guest. */
export type GuestReply = {
  /** Of HTTP. */
  readonly status: number;
  /** What it asked for before it is asked again, milliseconds; null when it said nothing. */
  readonly retryAfterMs: number | null;
  /** The body. */
  readonly text: string;
};

/** A guest's token, as the server gave it. */
type Guest = { readonly token: string; readonly name: string; readonly expiresMs: number };

const NAME_KEY = 'lectern.rollcall.name';
const GUEST_KEY = 'lectern.rollcall.guest.';
/** A token that ends sooner than this is asked for anew, milliseconds. */
const ENDS_SOON_MS = 600_000;
/** So often her new name is insisted on; then she comes as she was, since an answer counts for more than a name. */
const NAME_TRIES = 3;

/**
 * Who the student is: as her link says, or, where everybody may watch, a guest with the name that she gives. A guest stays the
 * same one over reloads and when she changes her name.
 */
export class Identity {
  readonly #options: IdentityOptions;
  #guest: Guest | null;
  #name: string;
  #renewed = false;
  /** Questions in a row that came to nothing. */
  #failures = 0;
  /** One question at a time: two would make two guests. */
  #asking: Promise<TokenAnswer> | null = null;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#guest = readGuest(this.#options.memory.recalled(GUEST_KEY + options.channel));
    this.#name = nameOf(this.#options.memory.recalled(NAME_KEY)) ?? '';
  }

  /** She has no link of her own: her name is what she says. */
  get isGuest(): boolean {
    return this.#options.linkToken === null;
  }

  /** What she has called herself; '' as long as she has not. A link has a name of its own. */
  get name(): string {
    return this.isGuest ? this.#name : '';
  }

  /** Gives the token to come with; a guest's has her name. */
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
    // She may have given her name while the one of before was under way.
    if (wanted !== this.#name) return this.token();
    const guest = this.#guest;
    const isAsBefore = answer.kind === 'later' && this.#failures >= NAME_TRIES;
    return isAsBefore && guest !== null && this.#isFresh(guest)
      ? { kind: 'token', token: guest.token }
      : answer;
  }

  /** The token was refused; true where another one is worth asking for. */
  renew(): boolean {
    if (!this.isGuest || this.#renewed) return false;
    // A server with another secret, or another data folder: once, and not for ever.
    this.#renewed = true;
    this.#guest = null;
    return true;
  }

  /**
   * Takes the name that she gives; the next token has it.
   *
   * @param name one that {@link nameOf} takes
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
      // As it was asked for: another spelling of it is no other name.
      this.#guest = { ...guest, name };
      this.#options.memory.memorize(GUEST_KEY + channel, JSON.stringify(this.#guest));
      return { kind: 'token', token: guest.token };
    } catch {
      return { kind: 'later', retryAfterMs: null };
    }
  }
}

/** A name as the server takes it: one line, composed, without space around it; null for what is none. */
export function nameOf(text: string | null): string | null {
  const name = checkText('name', text, LIMITS.nameLength);
  return name.ok ? name.value : null;
}

/** Asks a channel's roll call for a guest's token. */
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
