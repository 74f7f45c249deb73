import { LRUCache } from 'lru-cache';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';
import type { StoredCall, Ledger, RosterEntry } from '../ledger/ledger.ts';
import { RollCallError } from '../roll-call-error.ts';
import { type LessonAttendance, lessonOf, lessonOfBroadcast, takeAttendance } from './attendance.ts';
import type { Link } from './origin-client.ts';

/** What attendances are taken from. */
export type LessonsDeps = {
  readonly ledger: Pick<Ledger, 'calls' | 'roster' | 'answers' | 'asked' | 'watchers'>;
  readonly link: Pick<Link, 'endOf'>;
  readonly nowMs: () => number;
};

type Broadcast = NonNullable<StoredCall['broadcast']>;

/** When a broadcast ended is asked again after this, milliseconds. */
const FRESH_MS = 30_000;
/** Ends of broadcasts that are remembered; and broadcasts of a channel. */
const [ENDS_MOST, SEEN_MOST] = [256, 32];

/**
 * Takes the attendances of channels' lessons: of a channel one at a time, and who asks for the same meanwhile is given the
 * same. A lesson ends with its broadcast, or where the next one begins.
 */
export class Lessons {
  readonly #deps: LessonsDeps;
  readonly #turns = new KeyedMutex();
  readonly #underWay = new Map<string, Promise<LessonAttendance | null>>();
  readonly #ends = new LRUCache<string, { readonly endMs: number | null; readonly atMs: number }>({
    max: ENDS_MOST,
  });
  readonly #seen = new Map<string, LRUCache<string, Broadcast>>();

  constructor(deps: LessonsDeps) {
    this.#deps = deps;
  }

  /** Notes that a broadcast is, or was, on air: the one before it has ended by then. */
  note(channel: string, broadcast: Broadcast): void {
    let seen = this.#seen.get(channel);
    if (seen === undefined) {
      seen = new LRUCache({ max: SEEN_MOST });
      this.#seen.set(channel, seen);
    }
    seen.set(broadcast.id, broadcast);
  }

  /**
   * Takes the attendance of a lesson with calls, by the roster of today. An origin that is away is no reason to give none: the
   * lesson ends then where another one is known to begin, or now.
   *
   * @param broadcastId null for the newest lesson
   * @returns null where no call was made in it
   * @throws {LedgerError} `ledger-unavailable`
   */
  attendance(channel: string, broadcastId: string | null): Promise<LessonAttendance | null> {
    const name = JSON.stringify([channel, broadcastId]);
    let taking = this.#underWay.get(name);
    if (taking === undefined) {
      taking = this.#inTurn(channel, () => this.#take(channel, broadcastId)).finally(() =>
        this.#underWay.delete(name),
      );
      this.#underWay.set(name, taking);
    }
    return taking;
  }

  /**
   * Takes the attendance of a broadcast to be kept with it, also where no call was made. It begins after this was asked, so
   * that nothing is missing that was there by then.
   *
   * @param entries the roster of that lesson; null for that of today
   * @returns null where no origin has such a broadcast
   * @throws {RollCallError} `origin-unavailable`: when it ended cannot be told, and minutes of another lesson must not be kept
   * @throws {LedgerError} `ledger-unavailable`
   */
  ofBroadcast(
    channel: string,
    broadcast: Broadcast,
    entries: readonly RosterEntry[] | null,
  ): Promise<LessonAttendance | null> {
    return this.#inTurn(channel, async () => {
      const { ledger, link, nowMs } = this.#deps;
      const end = await link.endOf(channel, broadcast.id);
      if (end === null) return null;
      const calls = await ledger.calls(channel);
      const own = calls.filter((call) => call.broadcast?.id === broadcast.id);
      const lesson = lessonOfBroadcast(
        broadcast,
        [...calls.flatMap((call) => call.broadcast ?? []), ...this.#seenOn(channel)],
        Math.min(nowMs(), end.endMs ?? Number.POSITIVE_INFINITY),
      );
      return takeAttendance(ledger, channel, lesson, own, entries ?? undefined);
    });
  }

  async #take(channel: string, broadcastId: string | null): Promise<LessonAttendance | null> {
    const { ledger, nowMs } = this.#deps;
    const calls = await ledger.calls(channel);
    const found = lessonOf(calls, broadcastId, nowMs());
    if (found === null) return null;
    let { lesson } = found;
    if (lesson.broadcastId !== null) {
      const { broadcastId: id, startMs, endMs } = lesson;
      const knownMs = (await this.#endOf(channel, id)) ?? Number.POSITIVE_INFINITY;
      lesson = lessonOfBroadcast({ id, startMs }, this.#seenOn(channel), Math.min(endMs, knownMs));
    }
    return takeAttendance(ledger, channel, lesson, found.calls);
  }

  #seenOn(channel: string): readonly Broadcast[] {
    return [...(this.#seen.get(channel)?.rvalues() ?? [])].flatMap((broadcast) => broadcast ?? []);
  }

  /** Null where it is not known, or there is no end yet. */
  async #endOf(channel: string, id: string): Promise<number | null> {
    const { link, nowMs } = this.#deps;
    const name = JSON.stringify([channel, id]);
    const known = this.#ends.get(name);
    if (known !== undefined && Math.abs(nowMs() - known.atMs) < FRESH_MS) return known.endMs;
    let endMs = known?.endMs ?? null;
    try {
      endMs = (await link.endOf(channel, id))?.endMs ?? null;
    } catch (error) {
      if (!(error instanceof RollCallError)) throw error;
    }
    this.#ends.set(name, { endMs, atMs: nowMs() });
    return endMs;
  }

  async #inTurn(
    channel: string,
    take: () => Promise<LessonAttendance | null>,
  ): Promise<LessonAttendance | null> {
    let attendance: LessonAttendance | null = null;
    await this.#turns.run(channel, async () => {
      attendance = await take();
    });
    return attendance;
  }
}
