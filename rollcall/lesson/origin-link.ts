import { mintToken } from '../../shared/token.ts';
import { isFiniteNumber, isRecord } from '../protocol/checked.ts';
import type { KeptCall } from '../ledger/ledger.ts';
import { windowEndMs } from '../protocol/call.ts';
import { RollCallError } from '../roll-call-error.ts';
import type { LessonAttendance } from './attendance.ts';

/** What a link to the origins needs. */
export type OriginLinkOptions = {
  /** Addresses, without a slash at their end; the first one that answers is asked. */
  origins(): readonly string[];
  readonly secret: string;
  readonly nowMs: () => number;
};

/** How long an origin may take, milliseconds. */
const PATIENCE_MS = 5000;
const TOKEN_S = 3600;

/** Tells the origins where the roll was called, so that it stands in the stream, and gives them attendances to keep. */
export class OriginLink {
  readonly #options: OriginLinkOptions;
  #token: { readonly text: string; readonly expiresMs: number } | null = null;

  constructor(options: OriginLinkOptions) {
    this.#options = options;
  }

  /**
   * Enters a call in the stream of its channel, or changes it there, at every origin.
   *
   * @returns the broadcast that was on air; null where none was
   * @throws {RollCallError} `origin-unavailable` when an origin does not take it
   */
  async mark(call: KeptCall, isOver: boolean): Promise<KeptCall['broadcast']> {
    const { channel, callId, kind, prompt, atProgramTimeMs } = call;
    const endMs = isOver ? windowEndMs(call) : null;
    const body = JSON.stringify({ kind, atMs: atProgramTimeMs, endMs, label: prompt });
    const path = `/api/channels/${channel}/marks/${callId}`;
    const answers = await Promise.all(
      this.#options.origins().map((origin) => this.#ask(origin + path, { method: 'PUT', body })),
    );
    return answers.map((answer) => broadcastOf(answer)).find((found) => found !== null) ?? null;
  }

  /**
   * Asks which class is on air on a channel.
   *
   * @returns null where none is, or nothing is kept
   * @throws {RollCallError} `origin-unavailable`
   */
  async broadcast(channel: string): Promise<KeptCall['broadcast']> {
    return broadcastOf(await this.#askAny(`/api/channels/${channel}`, {}));
  }

  /**
   * Gives an attendance to be kept with its broadcast, in place of the one before.
   *
   * @throws {RollCallError} `origin-unavailable`
   */
  async keep(broadcastId: string, attendance: LessonAttendance): Promise<void> {
    const path = `/api/channels/${attendance.channel}/broadcasts/${broadcastId}/attendance`;
    await this.#askAny(path, { method: 'PUT', body: JSON.stringify(attendance) });
  }

  async #askAny(path: string, init: RequestInit): Promise<unknown> {
    let last = new RollCallError('no origin is configured', { code: 'origin-unavailable', status: 503 });
    for (const origin of this.#options.origins()) {
      try {
        return await this.#ask(origin + path, init);
      } catch (error) {
        if (!(error instanceof RollCallError)) throw error;
        last = error;
      }
    }
    throw last;
  }

  async #ask(url: string, init: RequestInit): Promise<unknown> {
    const headers = { authorization: `Bearer ${await this.#bearer()}`, 'content-type': 'application/json' };
    let status = 0;
    try {
      const answer = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(PATIENCE_MS) });
      status = answer.status;
      const text = await answer.text();
      if (answer.ok) return text === '' ? null : JSON.parse(text);
    } catch (cause) {
      throw new RollCallError(`origin ${url} cannot be asked`, {
        code: 'origin-unavailable',
        status: 503,
        cause,
      });
    }
    throw new RollCallError(`origin ${url} answered ${status}`, { code: 'origin-unavailable', status: 503 });
  }

  async #bearer(): Promise<string> {
    const nowMs = this.#options.nowMs();
    if (this.#token === null || this.#token.expiresMs < nowMs + 60_000) {
      const exp = Math.floor(nowMs / 1000) + TOKEN_S;
      const claims = { sub: 'rollcall', name: 'roll call', channel: '*', role: 'worker', exp } as const;
      this.#token = { text: await mintToken(this.#options.secret, claims), expiresMs: exp * 1000 };
    }
    return this.#token.text;
  }
}

function broadcastOf(answer: unknown): KeptCall['broadcast'] {
  const given = isRecord(answer) && isRecord(answer['broadcast']) ? answer['broadcast'] : {};
  const { id, startMs } = given;
  return typeof id === 'string' && isFiniteNumber(startMs) ? { id, startMs } : null;
}
