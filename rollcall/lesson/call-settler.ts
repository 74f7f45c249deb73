import type { Logger } from '../../shared/logger.ts';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import type { BroadcastRef, Ledger, StoredCall } from '../ledger/ledger.ts';
import { callPhase, overMs } from '../protocol/call.ts';
import { logFailure } from './log-failure.ts';
import type { OriginClient } from './origin-client.ts';
import { RetrySchedule } from './retry-schedule.ts';

/** What settling calls needs. */
export type CallSettlerDeps = {
  readonly ledger: Pick<Ledger, 'calls' | 'changeCall'>;
  readonly origin: Pick<OriginClient, 'putMark'>;
  readonly nowMs: () => number;
  readonly logger: Pick<Logger, 'warn'>;
  /** For failures that are tried again; writes at most a line every few seconds. */
  readonly failureLog: Pick<Logger, 'warn'>;
  /** Submits the attendance of a broadcast, when calls of it are over. */
  submitAttendance(channel: string, broadcast: BroadcastRef): Promise<void>;
  /** The origin names another broadcast for a call than was known here. */
  onBroadcast(channel: string, broadcast: BroadcastRef): void;
};

/** A call of another gateway that is not settled so long after its end is settled here: that gateway was killed. Milliseconds. */
const ORPHAN_MS = 60_000;
/** Calls of a channel that are marked at the same time. */
const MARKS_CONCURRENCY = 4;

/**
 * Settles calls: a call is marked in its channel's streams when it is opened or changed; when it is over, its mark is completed
 * and its broadcast's attendance submitted. What fails is retried, each call by itself; by another gateway or after a restart too.
 */
export class CallSettler {
  readonly #deps: CallSettlerDeps;
  readonly #marking = new KeyedMutex();
  readonly #retries: RetrySchedule;
  /** Channel of each call that this gateway has opened or changed and that is not settled. */
  readonly #own = new Map<string, string>();
  /** Calls whose marks the origin rejected: that is logged once, and they are not marked again. */
  readonly #rejected = new Set<string>();
  /** Calls that an origin has not heard of: its viewers are not asked, or not told of the end. */
  readonly #unheard = new Set<string>();

  constructor(deps: CallSettlerDeps) {
    this.#deps = deps;
    this.#retries = new RetrySchedule(deps.nowMs);
  }

  /** Channels with calls of this gateway that are not settled. */
  channels(): Iterable<string> {
    return this.#own.values();
  }

  /** Marks a call that was opened or changed; what fails is tried again. */
  onChange(call: StoredCall): void {
    const { channel, callId } = call;
    this.#own.set(callId, channel);
    const what = `${channel}: call ${callId} cannot be marked in the streams`;
    void logFailure(this.#deps.failureLog, what, () => this.#mark(call));
  }

  /**
   * Settles the calls of a channel that are over and due; failures to do so are logged.
   *
   * @throws {LedgerError} `ledger-unavailable` when the calls cannot be read
   */
  async settle(channel: string): Promise<void> {
    const calls = await this.#deps.ledger.calls(channel);
    await forEachBounded(calls, MARKS_CONCURRENCY, (call) => this.#markAgain(call));
    const due = calls.filter((call) => this.#isDue(call));
    /** One attendance covers all calls of a broadcast. */
    const marked = new Map<
      string | null,
      { readonly broadcast: BroadcastRef | null; readonly ids: string[] }
    >();
    await forEachBounded(due, MARKS_CONCURRENCY, (call) =>
      this.#attempt(channel, [call.callId], async () => {
        const broadcast = await this.#mark(call);
        const group = marked.get(broadcast?.id ?? null);
        if (group === undefined) marked.set(broadcast?.id ?? null, { broadcast, ids: [call.callId] });
        else group.ids.push(call.callId);
      }),
    );
    for (const { broadcast, ids } of marked.values()) {
      await this.#attempt(channel, ids, async () => {
        if (broadcast !== null) await this.#deps.submitAttendance(channel, broadcast);
        for (const callId of ids) await this.#markSettled(channel, callId);
      });
    }
  }

  /** Marks a call again that an origin has not heard of, while it may be answered. */
  async #markAgain(call: StoredCall): Promise<void> {
    const { channel, callId } = call;
    if (!this.#unheard.has(callId) || callPhase(call, this.#deps.nowMs()) === 'over') return;
    if (!this.#retries.isDue(callId)) return;
    const what = `${channel}: call ${callId} cannot be marked in the streams`;
    await logFailure(this.#deps.failureLog, what, async () => {
      await this.#mark(call);
    });
    if (this.#unheard.has(callId)) this.#retries.failed(callId);
    else this.#retries.forget(callId);
  }

  #isDue(call: StoredCall): boolean {
    const nowMs = this.#deps.nowMs();
    const isOurs = this.#own.has(call.callId) || nowMs - overMs(call) > ORPHAN_MS;
    return !call.settled && isOurs && callPhase(call, nowMs) === 'over' && this.#retries.isDue(call.callId);
  }

  async #markSettled(channel: string, callId: string): Promise<void> {
    await this.#deps.ledger.changeCall(channel, callId, () => ({ settled: true }));
    this.#own.delete(callId);
    this.#rejected.delete(callId);
    this.#unheard.delete(callId);
    this.#retries.forget(callId);
  }

  async #attempt(channel: string, callIds: readonly string[], work: () => Promise<void>): Promise<void> {
    const what = `${channel}: calls cannot be settled: ${callIds.join(', ')}`;
    await logFailure(this.#deps.failureLog, what, async () => {
      try {
        await work();
      } catch (error) {
        for (const callId of callIds) this.#retries.failed(callId);
        throw error;
      }
    });
  }

  /** @returns the broadcast of the call as the origin names it: what was known here may be out of date */
  async #mark(call: StoredCall): Promise<BroadcastRef | null> {
    const { origin, ledger, logger, nowMs, onBroadcast } = this.#deps;
    const { callId, channel } = call;
    let { broadcast } = call;
    await this.#marking.run(callId, async () => {
      if (this.#rejected.has(callId)) return;
      const outcome = await origin
        .putMark(call, callPhase(call, nowMs()) !== 'open')
        .catch((error: unknown) => {
          this.#unheard.add(callId);
          throw error;
        });
      if (outcome.kind === 'accepted' && outcome.isMissing) this.#unheard.add(callId);
      else this.#unheard.delete(callId);
      if (outcome.kind === 'rejected') {
        this.#rejected.add(callId);
        const message = `${channel}: call ${callId} will not be marked in the streams: ${outcome.reason}`;
        logger.warn({ callId }, message);
        return;
      }
      const found = outcome.broadcast;
      // Null is no information: the broadcast may have been deleted.
      if (found === null || found.id === broadcast?.id) return;
      broadcast = found;
      await ledger.changeCall(channel, callId, () => ({ broadcast }));
      onBroadcast(channel, found);
    });
    return broadcast;
  }
}
