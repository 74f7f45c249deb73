import { LRUCache } from 'lru-cache';
import { describeError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';
import { forEachBounded } from '../../shared/for-each-bounded.ts';
import { waitAtMost } from '../../shared/wait-at-most.ts';
import type { StoredCall, Ledger, RosterEntry } from '../ledger/ledger.ts';
import { callPhase, overMs } from '../protocol/call.ts';
import type { Lessons } from './lessons.ts';
import type { Link } from './origin-client.ts';
import { RetrySchedule } from './retry-schedule.ts';

/** What a registrar works with. */
export type AttendanceReporterDeps = {
  readonly ledger: Pick<Ledger, 'calls' | 'changeCall' | 'roster'>;
  readonly link: Pick<Link, 'mark' | 'broadcast' | 'keep'>;
  readonly lessons: Pick<Lessons, 'note' | 'ofBroadcast'>;
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** All channels, by id: calls of one that nobody comes to are settled as well. */
  readonly configured: readonly string[];
  /** Channels that somebody is connected to. */
  channels(): Iterable<string>;
};

type Broadcast = NonNullable<StoredCall['broadcast']>;
type Watched = { broadcast: Broadcast | null; askedMs: number; keptMs: number };
type ToKeep = { readonly channel: string; readonly broadcast: Broadcast; readonly sinceMs: number };

/** How often it is looked what is over, milliseconds. */
const LOOK_MS = 2000;
/** How often channels are looked at that nobody is connected to, milliseconds. */
const LOOK_AT_ALL_MS = 60_000;
/** How often the origin is asked what is on air, milliseconds. */
const ASK_MS = 30_000;
/** How often the attendance of a class that goes on is given to the origin, milliseconds. */
const KEEP_MS = 300_000;
/** What another gateway has opened and not settled after this is settled here, milliseconds: it was killed. */
const ORPHAN_MS = 60_000;
/** An attendance that no origin has taken for so long is given up, milliseconds. */
const GIVE_UP_MS = 86_400_000;
/** How long the last attendances may take when the process ends, milliseconds. */
const STOP_MS = 2500;
/** Channels that are looked at, calls that are marked, and attendances that are handed over, at once. */
const [CHANNELS_AT_ONCE, MARKS_AT_ONCE, KEPT_AT_ONCE] = [8, 4, 2];
/** Classes whose roster is remembered. */
const ROSTERS_MOST = 64;

/**
 * Sees that what the roll call has to say outlives it: each call stands in the stream as a mark, and the attendance of each
 * class lies with its broadcast. What cannot be handed over now is tried again, each thing by itself; a call that is not
 * settled also by another gateway, or after a restart.
 */
export class AttendanceReporter {
  readonly #deps: AttendanceReporterDeps;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #marking = new KeyedMutex();
  readonly #keeping = new KeyedMutex();
  readonly #retries: RetrySchedule;
  readonly #channels = new Map<string, Watched>();
  /** Channel of each call that was opened or changed by this gateway, and is not settled. */
  readonly #own = new Map<string, string>();
  /** Calls that the origin does not take: it has been said, and they are not told again. */
  readonly #refused = new Set<string>();
  /** Attendances that are to be handed over, by {@link nameOf}. */
  readonly #toKeep = new Map<string, ToKeep>();
  /** Rosters of classes that have ended: the next one may have another before the last is settled. */
  readonly #rosters = new LRUCache<string, readonly RosterEntry[]>({ max: ROSTERS_MOST });
  readonly #timer: NodeJS.Timeout;
  #lookedAtAllMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;

  constructor(deps: AttendanceReporterDeps) {
    this.#deps = deps;
    this.#log = sparing(deps.logger, 10_000, deps.nowMs);
    this.#retries = new RetrySchedule(deps.nowMs);
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  /** The class that is on air on a channel, as far as it is known here: it may have ended half a minute ago. */
  broadcastOf(channel: string): StoredCall['broadcast'] {
    return this.#channels.get(channel)?.broadcast ?? null;
  }

  /** Enters a call that was opened or changed in the stream; what goes wrong is tried again when it is over. */
  onChange(call: StoredCall): void {
    this.#own.set(call.callId, call.channel);
    void this.#try(`${call.channel}: call ${call.callId} is not in the stream`, () => this.#mark(call));
  }

  /** Looks what is over, and hands over what is due; by itself every 2 s. Resolves when that has been tried. */
  look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Hands over what is left and the attendance of what is on air, all at once, for 2.5 s; says what it could not. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const [channel, { broadcast }] of this.#channels) {
      if (broadcast !== null) this.#keepLater(channel, broadcast);
    }
    const left = new Map(this.#toKeep);
    const handedOver = [...left.values()].map(({ channel, broadcast }) =>
      this.#try(`${channel}: attendance`, async () => {
        await this.#keep(channel, broadcast);
        left.delete(nameOf(channel, broadcast));
      }),
    );
    await waitAtMost(STOP_MS, Promise.all([this.#looking, ...handedOver]));
    if (left.size === 0) return;
    const lessons = [...left.keys()];
    this.#deps.logger.warn({ lessons }, 'attendances could not be handed over before the end');
  }

  async #lookOnce(): Promise<void> {
    const { configured, nowMs } = this.#deps;
    const present = new Set(this.#deps.channels());
    await forEachBounded(present, CHANNELS_AT_ONCE, (channel) =>
      this.#try(`${channel}: what is on air`, () => this.#follow(channel)),
    );
    for (const [channel, { broadcast }] of this.#channels) {
      if (present.has(channel)) continue;
      // The last one has gone home.
      this.#channels.delete(channel);
      if (broadcast !== null) await this.#end(channel, broadcast);
    }
    const isAll = Math.abs(nowMs() - this.#lookedAtAllMs) >= LOOK_AT_ALL_MS;
    if (isAll) this.#lookedAtAllMs = nowMs();
    // Everybody may have gone home before a call was over.
    const channels = new Set([...present, ...this.#own.values(), ...(isAll ? configured : [])]);
    await forEachBounded(channels, CHANNELS_AT_ONCE, (channel) =>
      this.#try(`${channel}: its calls cannot be settled`, () => this.#settleAll(channel)),
    );
    await forEachBounded([...this.#toKeep.values()], KEPT_AT_ONCE, (toKeep) => this.#keepIfDue(toKeep));
  }

  async #follow(channel: string): Promise<void> {
    const { link, lessons, nowMs } = this.#deps;
    const watched = this.#channels.get(channel) ?? {
      ...{ broadcast: null, askedMs: Number.NEGATIVE_INFINITY, keptMs: nowMs() },
    };
    this.#channels.set(channel, watched);
    if (Math.abs(nowMs() - watched.askedMs) < ASK_MS) return;
    watched.askedMs = nowMs();
    const before = watched.broadcast;
    const now = await link.broadcast(channel);
    watched.broadcast = now;
    if (now !== null) {
      lessons.note(channel, now);
      this.#rosters.delete(nameOf(channel, now));
    }
    if (before !== null && before.id !== now?.id) await this.#end(channel, before);
    else if (before !== null && Math.abs(nowMs() - watched.keptMs) >= KEEP_MS) {
      watched.keptMs = nowMs();
      this.#keepLater(channel, before);
    }
  }

  async #end(channel: string, broadcast: Broadcast): Promise<void> {
    this.#keepLater(channel, broadcast);
    await this.#try(`${channel}: roster`, async () => {
      this.#rosters.set(nameOf(channel, broadcast), await this.#deps.ledger.roster(channel));
    });
  }

  async #settleAll(channel: string): Promise<void> {
    const { ledger, nowMs } = this.#deps;
    const due = (await ledger.calls(channel)).filter((call) => {
      const isOurs = this.#own.has(call.callId) || nowMs() - overMs(call) > ORPHAN_MS;
      return (
        !call.settled && isOurs && callPhase(call, nowMs()) === 'over' && this.#retries.isDue(call.callId)
      );
    });
    /** By broadcast: one attendance is enough for all calls of a class. */
    const marked = new Map<string | null, { readonly broadcast: Broadcast | null; readonly ids: string[] }>();
    await forEachBounded(due, MARKS_AT_ONCE, (call) =>
      this.#tryCalls(channel, [call.callId], async () => {
        const broadcast = await this.#mark(call);
        const group = marked.get(broadcast?.id ?? null);
        if (group === undefined) marked.set(broadcast?.id ?? null, { broadcast, ids: [call.callId] });
        else group.ids.push(call.callId);
      }),
    );
    for (const { broadcast, ids } of marked.values()) {
      await this.#tryCalls(channel, ids, async () => {
        if (broadcast !== null) await this.#keep(channel, broadcast);
        for (const callId of ids) {
          await ledger.changeCall(channel, callId, () => ({ settled: true }));
          this.#own.delete(callId);
          this.#refused.delete(callId);
          this.#retries.forget(callId);
        }
      });
    }
  }

  async #tryCalls(channel: string, callIds: readonly string[], work: () => Promise<void>): Promise<void> {
    await this.#try(`${channel}: ${callIds.join(', ')} cannot be settled`, async () => {
      try {
        await work();
      } catch (error) {
        for (const callId of callIds) this.#retries.failed(callId);
        throw error;
      }
    });
  }

  /** Tells the origin of a call. @returns the broadcast it belongs to, by what the origin says: what was known here may be old */
  async #mark(call: StoredCall): Promise<Broadcast | null> {
    const { link, ledger, lessons, logger, nowMs } = this.#deps;
    const { callId, channel } = call;
    let { broadcast } = call;
    await this.#marking.run(callId, async () => {
      if (this.#refused.has(callId)) return;
      const outcome = await link.mark(call, callPhase(call, nowMs()) !== 'open');
      if (outcome.kind === 'refused') {
        this.#refused.add(callId);
        logger.warn({ callId }, `${channel}: call ${callId} will not be in the stream: ${outcome.reason}`);
        return;
      }
      const found = outcome.broadcast;
      // Null says nothing: it may be kept no longer.
      if (found === null || found.id === broadcast?.id) return;
      broadcast = found;
      await ledger.changeCall(channel, callId, () => ({ broadcast }));
      lessons.note(channel, found);
      const watched = this.#channels.get(channel);
      if (watched !== undefined) watched.askedMs = Number.NEGATIVE_INFINITY;
    });
    return broadcast;
  }

  #keepLater(channel: string, broadcast: Broadcast): void {
    const name = nameOf(channel, broadcast);
    this.#toKeep.set(name, { channel, broadcast, sinceMs: this.#deps.nowMs() });
    this.#retries.forget(name);
  }

  async #keepIfDue(toKeep: ToKeep): Promise<void> {
    const { channel, broadcast, sinceMs } = toKeep;
    const name = nameOf(channel, broadcast);
    if (!this.#retries.isDue(name)) return;
    const forget = (): void => {
      this.#retries.forget(name);
      // It may be wanted anew by now.
      if (this.#toKeep.get(name) === toKeep) this.#toKeep.delete(name);
    };
    await this.#try(`${channel}: attendance`, async () => {
      try {
        await this.#keep(channel, broadcast);
        forget();
      } catch (error) {
        this.#retries.failed(name);
        if (this.#deps.nowMs() - sinceMs > GIVE_UP_MS) {
          forget();
          this.#deps.logger.warn(
            { channel, broadcast: broadcast.id },
            `${channel}: an attendance is given up`,
          );
        }
        throw error;
      }
    });
  }

  /** Hands over the attendance of a class; what the origin will never take is said, and done with. */
  async #keep(channel: string, broadcast: Broadcast): Promise<void> {
    const { lessons, link, logger } = this.#deps;
    const { id } = broadcast;
    // One after the other: an older one must not be put over a newer one.
    const name = nameOf(channel, broadcast);
    await this.#keeping.run(name, async () => {
      const attendance = await lessons.ofBroadcast(channel, broadcast, this.#rosters.get(name) ?? null);
      if (attendance?.students.length === 0) return;
      const outcome = attendance === null ? NOT_THERE : await link.keep(id, attendance);
      if (outcome.kind === 'taken') return;
      logger.warn({ channel, broadcast: id }, `${channel}: an attendance is not kept: ${outcome.reason}`);
    });
  }

  async #try(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#log.warn({ error: describeError(error) }, `${what}: ${describeError(error)}`);
    }
  }
}

/** Names a broadcast among those of all channels. */
function nameOf(channel: string, { id }: Broadcast): string {
  return `${channel}/${id}`;
}

const NOT_THERE = { kind: 'refused', reason: 'no origin has this broadcast' } as const;
