import { LRUCache } from 'lru-cache';
import type { Logger } from '../../shared/logger.ts';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { waitAtMost } from '../../shared/wait-at-most.ts';
import type { BroadcastRef, Ledger, RosterEntry } from '../ledger/ledger.ts';
import type { Lessons } from './lessons.ts';
import { logFailure } from './log-failure.ts';
import type { OriginClient } from './origin-client.ts';
import { RetrySchedule } from './retry-schedule.ts';

/** What submitting attendances needs. */
export type AttendanceSubmissionsDeps = {
  readonly ledger: Pick<Ledger, 'roster'>;
  readonly origin: Pick<OriginClient, 'putAttendance'>;
  readonly lessons: Pick<Lessons, 'ofBroadcast'>;
  readonly nowMs: () => number;
  readonly logger: Pick<Logger, 'warn'>;
  /** For failures that are tried again; writes at most a line every few seconds. */
  readonly failureLog: Pick<Logger, 'warn'>;
};

type Pending = { readonly channel: string; readonly broadcast: BroadcastRef; readonly sinceMs: number };

/** An attendance that no origin has accepted for so long is given up, milliseconds. */
const GIVE_UP_MS = 86_400_000;
/** Attendances that are submitted at the same time. */
const CONCURRENCY = 2;
/** Most class lists of ended broadcasts in memory. */
const ROSTERS_MAX = 64;
/** Their entries: that of a city has 100,000. */
const ROSTER_ENTRIES_MAX = 1_000_000;
const NOT_FOUND = { kind: 'rejected', reason: 'no origin has this broadcast' } as const;

/** Submits attendances to the origin, which stores them with their broadcasts; each is retried by itself until it is accepted. */
export class AttendanceSubmissions {
  readonly #deps: AttendanceSubmissionsDeps;
  readonly #submitting = new KeyedMutex();
  readonly #retries: RetrySchedule;
  /** By {@link nameOf}. */
  readonly #pending = new Map<string, Pending>();
  /** Class lists as they were when their broadcasts ended: the channel may have another one before the last call is settled. */
  readonly #rosters = new LRUCache<string, readonly RosterEntry[]>({
    ...{ max: ROSTERS_MAX, maxSize: ROSTER_ENTRIES_MAX },
    sizeCalculation: ({ length }) => Math.max(1, length),
  });

  constructor(deps: AttendanceSubmissionsDeps) {
    this.#deps = deps;
    this.#retries = new RetrySchedule(deps.nowMs);
  }

  /** Has an attendance submitted with the next {@link submitDue}. */
  enqueue(channel: string, broadcast: BroadcastRef): void {
    const name = nameOf(channel, broadcast);
    this.#pending.set(name, { channel, broadcast, sinceMs: this.#deps.nowMs() });
    this.#retries.forget(name);
  }

  /** As {@link enqueue}, for a broadcast that has ended; remembers the channel's class list for it. */
  async enqueueEnded(channel: string, broadcast: BroadcastRef): Promise<void> {
    this.enqueue(channel, broadcast);
    const { ledger, failureLog } = this.#deps;
    await logFailure(failureLog, `${channel}: the class list cannot be read`, async () => {
      this.#rosters.set(nameOf(channel, broadcast), await ledger.roster(channel));
    });
  }

  /** A broadcast is on air (again): its attendance uses the channel's present class list. */
  onAir(channel: string, broadcast: BroadcastRef): void {
    this.#rosters.delete(nameOf(channel, broadcast));
  }

  /** A student was erased: attendances are taken by the channel's present class list, which has her no more. */
  forgetRosters(channel: string): void {
    for (const name of this.#rosters.keys()) {
      if (name.startsWith(`${channel}/`)) this.#rosters.delete(name);
    }
  }

  /** Submits all attendances that are due; failures are logged. */
  async submitDue(): Promise<void> {
    await forEachBounded([...this.#pending.values()], CONCURRENCY, (pending) => this.#submitIfDue(pending));
  }

  /**
   * Submits all pending attendances at once, when the process stops.
   *
   * @param timeoutMs how long to wait
   * @param alsoWait other work to wait for
   * @returns names of the broadcasts whose attendance was not submitted, as `{channel}/{id}`
   */
  async submitAll(timeoutMs: number, alsoWait: Promise<unknown> | null): Promise<readonly string[]> {
    const left = new Map(this.#pending);
    const submitted = [...left.values()].map(({ channel, broadcast }) =>
      logFailure(this.#deps.failureLog, failureOf(channel), async () => {
        await this.submit(channel, broadcast);
        left.delete(nameOf(channel, broadcast));
      }),
    );
    await waitAtMost(timeoutMs, Promise.all([alsoWait, ...submitted]));
    return [...left.keys()];
  }

  /**
   * Submits the attendance of a broadcast now. One that the origin rejects for good is logged.
   *
   * @throws {RollCallError} `origin-unavailable`
   * @throws {LedgerError} `ledger-unavailable`
   */
  async submit(channel: string, broadcast: BroadcastRef): Promise<void> {
    const { lessons, origin, logger } = this.#deps;
    const { id } = broadcast;
    const name = nameOf(channel, broadcast);
    // One after the other: an older attendance must not replace a newer one.
    await this.#submitting.run(name, async () => {
      const attendance = await lessons.ofBroadcast(channel, broadcast, this.#rosters.get(name) ?? null);
      if (attendance?.students.length === 0) return;
      const outcome = attendance === null ? NOT_FOUND : await origin.putAttendance(id, attendance);
      if (outcome.kind === 'accepted') return;
      const message = `${channel}: the attendance of broadcast ${id} is discarded: ${outcome.reason}`;
      logger.warn({ channel, broadcast: id }, message);
    });
  }

  async #submitIfDue(pending: Pending): Promise<void> {
    const { channel, broadcast, sinceMs } = pending;
    const { nowMs, logger, failureLog } = this.#deps;
    const name = nameOf(channel, broadcast);
    if (!this.#retries.isDue(name)) return;
    const remove = (): void => {
      this.#retries.forget(name);
      // It may have been enqueued anew in the meantime.
      if (this.#pending.get(name) === pending) this.#pending.delete(name);
    };
    await logFailure(failureLog, failureOf(channel), async () => {
      try {
        await this.submit(channel, broadcast);
        remove();
      } catch (error) {
        this.#retries.failed(name);
        if (nowMs() - sinceMs > GIVE_UP_MS) {
          remove();
          const message = `${channel}: the attendance of broadcast ${broadcast.id} is given up after a day`;
          logger.warn({ channel, broadcast: broadcast.id }, message);
        }
        throw error;
      }
    });
  }
}

/** Names a broadcast among those of all channels. */
function nameOf(channel: string, { id }: BroadcastRef): string {
  return `${channel}/${id}`;
}

function failureOf(channel: string): string {
  return `${channel}: the attendance cannot be submitted`;
}
