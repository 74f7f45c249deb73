import { type ReadonlySignal, signal } from '@preact/signals';
import { isRecord } from '../channel/checked.ts';
import { backoffMs } from '../net/backoff.ts';
import { errorReplyOf } from '../net/error-reply.ts';
import { request } from '../net/request.ts';
import type { Claims } from './claims.ts';
import { refusedBy } from './link-fault.ts';

/** A page waits no longer than this for its first viewer's token, and for the answer of the exchange, in milliseconds. */
const FIRST_WITHIN_MS = 1500;
const ANSWER_WITHIN_MS = 8000;
/** The next one is asked for after this share of a token's life, and at the soonest after so many milliseconds. */
const RENEW_SHARE = 0.6;
const RENEW_SOONEST_MS = 30_000;
/** The longest wait of a timer: browsers take more for none, in milliseconds. */
const LONGEST_MS = 2_000_000_000;

/** What the exchange answers. */
export type Exchanged = {
  /** What goes into addresses; null where none is needed. */
  readonly token: string | null;
  /** UTC milliseconds; null where it lasts. */
  readonly expiresMs: number | null;
};

/**
 * Reads the answer of `POST /api/viewer-token`. Where everybody may watch no address needs a token, also not the one of a teacher,
 * which would open what was cut off a recording.
 *
 * @returns null where it is not valid
 */
export function readExchanged(value: unknown): Exchanged | null {
  if (!isRecord(value)) return null;
  const { access, token, expiresMs } = value;
  if (access === 'open') return { token: null, expiresMs: null };
  if (typeof token !== 'string') return null;
  return { token, expiresMs: typeof expiresMs === 'number' ? expiresMs : null };
}

/** When a token is to be renewed, milliseconds from now; null where it lasts. */
export function renewAfterMs({ expiresMs }: Exchanged, nowMs: number): number | null {
  if (expiresMs === null) return null;
  return Math.min(LONGEST_MS, Math.max(RENEW_SOONEST_MS, (expiresMs - nowMs) * RENEW_SHARE));
}

/** The token of this tab for addresses: exchanged for the own one, and renewed for as long as the page lives. */
export class ViewerToken {
  readonly token: ReadonlySignal<string | null>;
  readonly #token = signal<string | null>(null);
  readonly #own: string;
  readonly #claims: Claims;
  readonly #isStudent: boolean;
  #failures = 0;

  /** @param isStudent her own token may stand in an address while there is no other */
  constructor(own: string, claims: Claims, isStudent: boolean) {
    this.token = this.#token;
    this.#own = own;
    this.#claims = claims;
    this.#isStudent = isStudent;
  }

  /** Gets the first one. Resolves when it is here, or when nothing has come in time. */
  async start(): Promise<void> {
    if (this.#isStudent) this.#token.value = this.#own;
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, FIRST_WITHIN_MS);
    });
    await Promise.race([this.#ask(), late]);
  }

  async #ask(): Promise<void> {
    const exchanged = await this.#exchange();
    if (exchanged !== null) this.#token.value = exchanged.token;
    this.#failures = exchanged === null ? this.#failures + 1 : 0;
    const waitMs =
      exchanged === null
        ? 1000 + backoffMs(this.#failures, Math.random())
        : renewAfterMs(exchanged, Date.now());
    if (waitMs !== null) setTimeout(() => void this.#ask(), waitMs);
  }

  async #exchange(): Promise<Exchanged | null> {
    try {
      const { channel } = this.#claims;
      const options = {
        ...({ method: 'POST', json: channel === '' ? {} : { channel }, fresh: true } as const),
        timeLimitMs: ANSWER_WITHIN_MS,
      };
      const reply = await request('/api/viewer-token', this.#own, options);
      if (reply.ok) return readExchanged(await reply.json());
      if (reply.status === 401 || reply.status === 403) refusedBy(errorReplyOf(await reply.text()));
      return null;
    } catch {
      return null;
    }
  }
}
