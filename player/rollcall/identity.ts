import type { memorize, recalled } from '../ui/browser-memory.ts';
import { checkText, isFiniteNumber, isRecord } from '../../rollcall/protocol/checked.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { errorReplyOf, retryAfterMs } from '../net/error-reply.ts';
import { request } from '../net/request.ts';
import { GUEST_KEY, GUEST_NAME_KEY, GUEST_WHO_KEY } from '../rights/guest-memory.ts';

/** The result of asking for a token: one, none for now, or none at all, where guests are not allowed. */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string }
  /** `retryAfterMs` is the wait that the server asked for, milliseconds; null without. */
  | { readonly kind: 'later'; readonly retryAfterMs: number | null }
  /** `code`: why, by the server. */
  | { readonly kind: 'never'; readonly code: string };

/** What an identity is made from. */
export type IdentityOptions = {
  readonly channel: string;
  /** The token of the link that the page was opened with; null without one. */
  readonly linkToken: string | null;
  /** The name in it; '' where it has none. */
  readonly linkName: string;
  /** The class that is on air; null while unknown. After each class a guest is asked anew who she is. */
  readonly classId: () => string | null;
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
type Guest = {
  readonly token: string;
  readonly name: string;
  readonly expiresMs: number;
  /** Several on the class list have her name. */
  readonly isShared: boolean;
};

/** Who a guest says she is. */
type Who = {
  readonly name: string;
  /** The class in which she said it; null where that was not known. */
  readonly classId: string | null;
  /** UTC milliseconds. */
  readonly sinceMs: number;
};

/** Where classes cannot be told apart, a guest is asked anew after this, in milliseconds. */
const ONE_CLASS_MS = 3 * 3_600_000;
/** A token that expires sooner than this is requested anew, milliseconds. */
const ENDS_SOON_MS = 600_000;
/** Attempts to get a token with her new name; after that the old one is used, since an answer matters more than a name. */
const NAME_TRIES = 3;

/**
 * The student's identity: of her link, or, where everybody may watch, a guest with the name that she gives. A guest stays the
 * same one over reloads, for one class: in the next one another pupil may sit at the same computer. Who gives another name after
 * the first is another guest.
 */
export class Identity {
  readonly #options: IdentityOptions;
  #guest: Guest | null;
  #who: Who | null;
  #renewed = false;
  /** Requests in a row that failed. */
  #failures = 0;
  /** One request at a time: two would make two guests. */
  #asking: Promise<TokenAnswer> | null = null;

  constructor(options: IdentityOptions) {
    this.#options = options;
    const { memory, channel } = options;
    this.#guest = readGuest(memory.recalled(GUEST_KEY + channel));
    this.#who = readWho(memory.recalled(GUEST_WHO_KEY + channel));
    this.classChanged();
  }

  /**
   * Forgets a guest of an earlier class. To be called again and again: the class may become known, or change, later.
   *
   * @returns true where there is another class, so that the present connection is not hers who sits here now
   */
  classChanged(): boolean {
    const who = this.#who;
    if (!this.isGuest || who === null) return false;
    const { classId, nowMs } = this.#options;
    const now = classId();
    if (now !== null && who.classId === null) {
      this.#setWho({ ...who, classId: now });
      return false;
    }
    const isOld = now === null && nowMs() - who.sinceMs > ONE_CLASS_MS;
    if (!isOld && (now === null || who.classId === now)) return false;
    this.#setWho(null);
    this.#setGuest(null);
    return true;
  }

  /** The name that this browser's last guest gave: to be offered, and not to be taken for granted. '' without one. */
  get lastName(): string {
    return this.isGuest ? (nameOf(this.#options.memory.recalled(GUEST_NAME_KEY)) ?? '') : '';
  }

  /** She has no link of her own, and gives her name herself. */
  get isGuest(): boolean {
    return this.#options.linkToken === null;
  }

  /** The name that a guest has given in this class, '' before that; or the name in the link. */
  get name(): string {
    return this.isGuest ? this.#given : this.#options.linkName;
  }

  /** The token for the next connection; a guest's has her name. */
  async token(): Promise<TokenAnswer> {
    const { linkToken, spareName } = this.#options;
    if (linkToken !== null) return { kind: 'token', token: linkToken };
    const isNamed = this.#given === '' || this.#guest?.name === this.#given;
    if (isNamed && this.#guest !== null && this.#isFresh(this.#guest))
      return { kind: 'token', token: this.#guest.token };
    const wanted = this.#given;
    this.#asking ??= this.#ask(wanted === '' ? spareName : wanted).finally(() => {
      this.#asking = null;
    });
    const answer = await this.#asking;
    // She may have given another name during the request.
    if (wanted !== this.#given) return this.token();
    const guest = this.#guest;
    const isAsBefore = answer.kind === 'later' && this.#failures >= NAME_TRIES;
    return isAsBefore && guest !== null && this.#isFresh(guest)
      ? { kind: 'token', token: guest.token }
      : answer;
  }

  /**
   * Whether several on the class list have a name, so that a guest who gives it is counted as none of them. Nothing is changed.
   *
   * @returns false as well where that cannot be found out
   */
  async isShared(name: string): Promise<boolean> {
    if (!this.isGuest) return false;
    try {
      // With her present token no other guest is made.
      const before = this.#guest === null ? {} : { token: this.#guest.token };
      const { status, text } = await this.#options.askGuest({ name, ...before });
      return status < 300 && readGuest(text)?.isShared === true;
    } catch {
      return false;
    }
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
   * Takes the name that a guest gives; the next token has it. After another name she is another guest: what was answered before is
   * not hers.
   *
   * @param name one that {@link nameOf} accepts
   */
  rename(name: string): void {
    const { memory, classId, nowMs } = this.#options;
    const given = nameOf(name) ?? this.#given;
    if (this.#given !== '' && given !== this.#given) this.#setGuest(null);
    this.#setWho({ name: given, classId: classId(), sinceMs: nowMs() });
    memory.memorize(GUEST_NAME_KEY, given);
  }

  get #given(): string {
    return this.#who?.name ?? '';
  }

  #setWho(who: Who | null): void {
    const { memory, channel } = this.#options;
    this.#who = who;
    memory.memorize(GUEST_WHO_KEY + channel, who === null ? null : JSON.stringify(who));
  }

  #setGuest(guest: Guest | null): void {
    const { memory, channel } = this.#options;
    this.#guest = guest;
    memory.memorize(GUEST_KEY + channel, guest === null ? null : JSON.stringify(guest));
  }

  #isFresh({ expiresMs }: Guest): boolean {
    return expiresMs - this.#options.nowMs() > ENDS_SOON_MS;
  }

  async #ask(name: string): Promise<TokenAnswer> {
    const { askGuest } = this.#options;
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
      if ((status < 200 || status >= 300) && !isForNow)
        return { kind: 'never', code: errorReplyOf(text)?.code ?? '' };
      const guest = status < 300 ? readGuest(text) : null;
      if (guest === null) return { kind: 'later', retryAfterMs };
      this.#failures = 0;
      // The requested spelling: the server's may differ, which would count as another name.
      this.#setGuest({ ...guest, name });
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
  const { token, name, expiresMs, isShared } = parsed(text);
  const isGuest = typeof token === 'string' && typeof name === 'string' && isFiniteNumber(expiresMs);
  return isGuest ? { token, name, expiresMs, isShared: isShared === true } : null;
}

function readWho(text: string | null): Who | null {
  const { name, classId, sinceMs } = parsed(text);
  const known = nameOf(typeof name === 'string' ? name : null);
  if (known === null || !isFiniteNumber(sinceMs)) return null;
  return { name: known, classId: typeof classId === 'string' ? classId : null, sinceMs };
}

function parsed(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
