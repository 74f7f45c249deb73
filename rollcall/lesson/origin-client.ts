import { mintToken } from '../../shared/token.ts';
import { isFiniteNumber, isRecord } from '../protocol/checked.ts';
import type { StoredCall } from '../ledger/ledger.ts';
import { windowEndMs } from '../protocol/call.ts';
import { RollCallError } from '../roll-call-error.ts';
import { attendanceJson } from './attendance-json.ts';
import type { LessonAttendance } from './attendance.ts';

/** What a link to the origins needs. */
export type OriginClientOptions = {
  /** Addresses, without a slash at their end; the first one that answers is asked. */
  origins(): readonly string[];
  readonly secret: string;
  readonly nowMs: () => number;
};

/** What was said to what was handed over; one that is refused would be refused again, `reason` says why. */
export type SubmitOutcome<T> =
  | ({ readonly kind: 'taken' } & T)
  | { readonly kind: 'refused'; readonly reason: string };

/** What is handed over; see {@link OriginClient}. */
export type Link = Pick<OriginClient, 'mark' | 'broadcast' | 'endOf' | 'keep'>;

/** How long an origin may take, milliseconds; and with a city's attendance. */
const PATIENCE_MS = 5000;
const KEEP_PATIENCE_MS = 30_000;
const TOKEN_S = 3600;
/** Of what an origin does not take, these may be otherwise the next time: a wrong secret, or clock, is put right by somebody. */
const PASSING = new Set([401, 403, 408, 425, 429]);

type Reply =
  | { readonly kind: 'ok'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: RollCallError };

/** Tells the origins where the roll was called, so that it stands in the stream, and gives them attendances to keep. */
export class OriginClient {
  readonly #options: OriginClientOptions;
  #token: { readonly text: string; readonly expiresMs: number } | null = null;

  constructor(options: OriginClientOptions) {
    this.#options = options;
  }

  /**
   * Enters a call in the stream of its channel, or changes it there. All origins are told, and one that takes it is enough: it
   * keeps the mark with the broadcast. Those that did not are told again when the call changes or ends, and not after that.
   *
   * @returns the broadcast that the call lies in, null where there is none; `refused` where no origin takes it and one says
   *   that it never will
   * @throws {RollCallError} `origin-unavailable` where none takes it now
   */
  async mark(
    call: StoredCall,
    isOver: boolean,
  ): Promise<SubmitOutcome<{ readonly broadcast: StoredCall['broadcast'] }>> {
    const { channel, callId, kind, prompt, atProgramTimeMs } = call;
    const endMs = isOver ? windowEndMs(call) : null;
    const body = JSON.stringify({ kind, atMs: atProgramTimeMs, endMs, label: prompt });
    const path = `/api/channels/${channel}/marks/${callId}`;
    const replies = await Promise.all(
      this.#options.origins().map((origin) => this.#ask(origin + path, { method: 'PUT', body })),
    );
    const taken = replies.filter((reply) => reply.kind === 'ok');
    if (taken.length > 0) {
      const found = taken.map((reply) => broadcastOf(reply.body)).find((broadcast) => broadcast !== null);
      return { kind: 'taken', broadcast: found ?? null };
    }
    const refused = replies.find((reply) => reply.kind === 'refused');
    if (refused !== undefined) return { kind: 'refused', reason: refused.reason };
    throw replies.find((reply) => reply.kind === 'failed')?.error ?? noOrigin();
  }

  /**
   * Asks which class is on air on a channel.
   *
   * @returns null where none is, or nothing is kept
   * @throws {RollCallError} `origin-unavailable`
   */
  async broadcast(channel: string): Promise<StoredCall['broadcast']> {
    const reply = await this.#askAny(`/api/channels/${channel}`, {});
    if (reply.kind === 'ok') return broadcastOf(reply.body);
    throw unavailable(reply.reason);
  }

  /**
   * Asks when a broadcast ended.
   *
   * @returns `endMs` in UTC milliseconds, null while it is on air or may come back; null where no origin has such a broadcast
   * @throws {RollCallError} `origin-unavailable`
   */
  async endOf(channel: string, broadcastId: string): Promise<{ readonly endMs: number | null } | null> {
    const reply = await this.#askAny(`/api/channels/${channel}/broadcasts/${broadcastId}`, {});
    if (reply.kind === 'refused') {
      if (reply.status === 404) return null;
      throw unavailable(reply.reason);
    }
    const endMs = isRecord(reply.body) ? reply.body['endMs'] : null;
    return { endMs: isFiniteNumber(endMs) ? endMs : null };
  }

  /**
   * Gives an attendance to be kept with its broadcast, in place of the one before.
   *
   * @returns `refused` where no origin takes it, each of them for good: the broadcast was deleted
   * @throws {RollCallError} `origin-unavailable`
   */
  async keep(broadcastId: string, attendance: LessonAttendance): Promise<SubmitOutcome<object>> {
    const path = `/api/channels/${attendance.channel}/broadcasts/${broadcastId}/attendance`;
    const body = await attendanceJson(attendance);
    const reply = await this.#askAny(path, { method: 'PUT', body }, KEEP_PATIENCE_MS);
    return reply.kind === 'ok' ? { kind: 'taken' } : { kind: 'refused', reason: reply.reason };
  }

  /** Asks one after the other until one gives what is wanted. */
  async #askAny(
    path: string,
    init: RequestInit,
    patienceMs = PATIENCE_MS,
  ): Promise<Exclude<Reply, { readonly kind: 'failed' }>> {
    let refused: Extract<Reply, { readonly kind: 'refused' }> | null = null;
    let failed: RollCallError | null = null;
    for (const origin of this.#options.origins()) {
      const reply = await this.#ask(origin + path, init, patienceMs);
      if (reply.kind === 'ok') return reply;
      if (reply.kind === 'refused') refused ??= reply;
      else failed ??= reply.error;
    }
    if (failed === null && refused !== null) return refused;
    throw failed ?? noOrigin();
  }

  async #ask(url: string, init: RequestInit, patienceMs = PATIENCE_MS): Promise<Reply> {
    const headers = { authorization: `Bearer ${await this.#bearer()}`, 'content-type': 'application/json' };
    try {
      const answer = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(patienceMs) });
      const text = await answer.text();
      if (answer.ok) return { kind: 'ok', body: text === '' ? null : JSON.parse(text) };
      const { status } = answer;
      const reason = `origin ${url} answered ${status}: ${text.slice(0, 300).trim()}`;
      if (status >= 400 && status < 500 && !PASSING.has(status)) return { kind: 'refused', status, reason };
      return { kind: 'failed', error: unavailable(reason) };
    } catch (cause) {
      return { kind: 'failed', error: unavailable(`origin ${url} cannot be asked`, cause) };
    }
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

function broadcastOf(answer: unknown): StoredCall['broadcast'] {
  const given = isRecord(answer) && isRecord(answer['broadcast']) ? answer['broadcast'] : {};
  const { id, startMs } = given;
  return typeof id === 'string' && isFiniteNumber(startMs) ? { id, startMs } : null;
}

function unavailable(message: string, cause?: unknown): RollCallError {
  return new RollCallError(message, { code: 'origin-unavailable', status: 503, cause });
}

function noOrigin(): RollCallError {
  return unavailable('no origin is configured');
}
