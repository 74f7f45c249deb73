import { mintToken } from '../../shared/token.ts';
import type { BroadcastRef, StoredCall } from '../ledger/ledger.ts';
import { windowEndMs } from '../protocol/call.ts';
import { isFiniteNumber, isRecord } from '../protocol/checked.ts';
import { writeAsk } from '../protocol/listed-call.ts';
import { RollCallError } from '../roll-call-error.ts';
import { attendanceJson } from './attendance-json.ts';
import type { LessonAttendance } from './attendance.ts';

/** What a client of the origins needs. */
export type OriginClientOptions = {
  /** Base URLs, without a slash at the end, in the order in which they are asked. */
  origins(): readonly string[];
  readonly secret: string;
  readonly nowMs: () => number;
};

/** What the origins say to something that was submitted. `rejected` is final, for the reason given. */
export type SubmitOutcome<T> =
  | ({ readonly kind: 'accepted' } & T)
  | { readonly kind: 'rejected'; readonly reason: string };

const TIMEOUT_MS = 5000;
/** The attendance of a city has 50 MiB. */
const ATTENDANCE_TIMEOUT_MS = 30_000;
/** Attendances of a year are read. */
const STUDENT_TIMEOUT_MS = 120_000;
const TOKEN_S = 3600;
/** Client errors that may pass: an operator corrects a secret or a clock, or the origin is less busy. */
const RETRYABLE_STATUSES = new Set([401, 403, 408, 425, 429]);

type Reply =
  | { readonly kind: 'ok'; readonly body: unknown }
  /** It would be rejected again. */
  | { readonly kind: 'rejected'; readonly status: number; readonly reason: string }
  /** It may be tried again. */
  | { readonly kind: 'failed'; readonly error: RollCallError };

/** Requests of the roll call to the origins: marks of calls, the broadcast on air, and attendances to be stored. */
export class OriginClient {
  readonly #options: OriginClientOptions;
  #token: { readonly text: string; readonly expiresMs: number } | null = null;

  constructor(options: OriginClientOptions) {
    this.#options = options;
  }

  /**
   * Adds a call to the streams of its channel as a mark, or updates that mark. It is sent to all origins, and accepted when one
   * accepts it: that one stores it with the broadcast. Viewers of the others are not asked until it was sent again.
   *
   * @returns the broadcast that contains the call, null where there is none, and whether an origin is to be sent it again;
   *   `rejected` where no origin accepts it and one
   *   rejects it for good
   * @throws {RollCallError} `origin-unavailable` where none accepts it now
   */
  async putMark(
    call: StoredCall,
    isOver: boolean,
  ): Promise<SubmitOutcome<{ readonly broadcast: BroadcastRef | null; readonly isMissing: boolean }>> {
    const { channel, callId, kind, prompt, atProgramTimeMs } = call;
    const endMs = isOver ? windowEndMs(call) : null;
    const ask = { text: writeAsk(call), windowEndMs: windowEndMs(call) };
    const body = JSON.stringify({ kind, atMs: atProgramTimeMs, endMs, label: prompt, ask });
    const path = `/api/channels/${channel}/marks/${callId}`;
    const replies = await Promise.all(
      this.#options.origins().map((origin) => this.#request(origin + path, { method: 'PUT', body })),
    );
    const accepted = replies.filter((reply) => reply.kind === 'ok');
    if (accepted.length > 0) {
      const found = accepted.map((reply) => broadcastIn(reply.body)).find((broadcast) => broadcast !== null);
      const isMissing = replies.some((reply) => reply.kind === 'failed');
      return { kind: 'accepted', broadcast: found ?? null, isMissing };
    }
    const rejected = replies.find((reply) => reply.kind === 'rejected');
    if (rejected !== undefined) return { kind: 'rejected', reason: rejected.reason };
    throw replies.find((reply) => reply.kind === 'failed')?.error ?? noOrigin();
  }

  /**
   * Asks which broadcast is on air on a channel.
   *
   * @returns null where none is, or it is not archived
   * @throws {RollCallError} `origin-unavailable`
   */
  async currentBroadcast(channel: string): Promise<BroadcastRef | null> {
    const reply = await this.#requestAny(`/api/channels/${channel}`, {});
    if (reply.kind === 'ok') return broadcastIn(reply.body);
    throw unavailable(reply.reason);
  }

  /**
   * Asks when a broadcast ended.
   *
   * @returns `endMs` in UTC milliseconds, null while it is on air or may resume; null where no origin has such a broadcast
   * @throws {RollCallError} `origin-unavailable`
   */
  async broadcastEnd(
    channel: string,
    broadcastId: string,
  ): Promise<{ readonly endMs: number | null } | null> {
    const reply = await this.#requestAny(`/api/channels/${channel}/broadcasts/${broadcastId}`, {});
    if (reply.kind === 'rejected') {
      if (reply.status === 404) return null;
      throw unavailable(reply.reason);
    }
    const endMs = isRecord(reply.body) ? reply.body['endMs'] : null;
    return { endMs: isFiniteNumber(endMs) ? endMs : null };
  }

  /**
   * Stores an attendance with its broadcast, in place of an earlier one.
   *
   * @returns `rejected` where every origin rejects it for good: the broadcast was deleted
   * @throws {RollCallError} `origin-unavailable`
   */
  async putAttendance(broadcastId: string, attendance: LessonAttendance): Promise<SubmitOutcome<object>> {
    const path = `/api/channels/${attendance.channel}/broadcasts/${broadcastId}/attendance`;
    const body = await attendanceJson(attendance);
    const reply = await this.#requestAny(path, { method: 'PUT', body }, ATTENDANCE_TIMEOUT_MS);
    return reply.kind === 'ok' ? { kind: 'accepted' } : { kind: 'rejected', reason: reply.reason };
  }

  /**
   * What the stored attendances of a channel say of a student.
   *
   * @throws {RollCallError} `origin-unavailable`
   */
  async studentAttendances(channel: string, id: string): Promise<unknown> {
    return this.#studentData(channel, id, 'GET');
  }

  /**
   * Takes a student out of the stored attendances of a channel.
   *
   * @returns what they said of her
   * @throws {RollCallError} `origin-unavailable`: she may still be in some
   */
  async eraseStudent(channel: string, id: string): Promise<unknown> {
    return this.#studentData(channel, id, 'DELETE');
  }

  async #studentData(channel: string, id: string, method: 'GET' | 'DELETE'): Promise<unknown> {
    const path = `/api/channels/${channel}/students/${encodeURIComponent(id)}`;
    const reply = await this.#requestAny(path, { method }, STUDENT_TIMEOUT_MS);
    // An origin that stores nothing has no such address.
    if (reply.kind === 'rejected' && reply.status === 404) return [];
    if (reply.kind === 'rejected') throw unavailable(reply.reason);
    return isRecord(reply.body) ? reply.body['attendances'] : [];
  }

  /** Asks one origin after the other until one answers with success. */
  async #requestAny(
    path: string,
    init: RequestInit,
    timeoutMs = TIMEOUT_MS,
  ): Promise<Exclude<Reply, { readonly kind: 'failed' }>> {
    let rejected: Extract<Reply, { readonly kind: 'rejected' }> | null = null;
    let failure: RollCallError | null = null;
    for (const origin of this.#options.origins()) {
      const reply = await this.#request(origin + path, init, timeoutMs);
      if (reply.kind === 'ok') return reply;
      if (reply.kind === 'rejected') rejected ??= reply;
      else failure ??= reply.error;
    }
    if (failure === null && rejected !== null) return rejected;
    throw failure ?? noOrigin();
  }

  async #request(url: string, init: RequestInit, timeoutMs = TIMEOUT_MS): Promise<Reply> {
    const headers = { authorization: `Bearer ${await this.#bearer()}`, 'content-type': 'application/json' };
    try {
      const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(timeoutMs) });
      const text = await response.text();
      if (response.ok) return { kind: 'ok', body: text === '' ? null : JSON.parse(text) };
      const { status } = response;
      const reason = `origin ${url} answered ${status}: ${text.slice(0, 300).trim()}`;
      const isFinal = status >= 400 && status < 500 && !RETRYABLE_STATUSES.has(status);
      return isFinal ? { kind: 'rejected', status, reason } : { kind: 'failed', error: unavailable(reason) };
    } catch (cause) {
      return { kind: 'failed', error: unavailable(`origin ${url} cannot be reached`, cause) };
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

function broadcastIn(body: unknown): BroadcastRef | null {
  const given = isRecord(body) && isRecord(body['broadcast']) ? body['broadcast'] : {};
  const { id, startMs } = given;
  return typeof id === 'string' && isFiniteNumber(startMs) ? { id, startMs } : null;
}

function unavailable(message: string, cause?: unknown): RollCallError {
  return new RollCallError(message, { code: 'origin-unavailable', status: 503, cause });
}

function noOrigin(): RollCallError {
  return unavailable('no origin is configured');
}
