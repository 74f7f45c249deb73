import { LRUCache } from 'lru-cache';
import { KeyedMutex } from '../../shared/keyed-mutex.ts';
import type { BroadcastRef, Ledger, RosterEntry } from '../ledger/ledger.ts';
import { RollCallError } from '../roll-call-error.ts';
import { type LessonAttendance, takeAttendance } from './attendance.ts';
import { lessonOf, lessonOfBroadcast, lessonOfCall } from './lesson.ts';
import type { OriginClient } from './origin-client.ts';

/** What attendances are taken from. */
export type LessonsDeps = {
  readonly ledger: Pick<Ledger, 'calls' | 'roster' | 'answers' | 'asked' | 'watchers'>;
  readonly origin: Pick<OriginClient, 'broadcastEnd'>;
  readonly nowMs: () => number;
};

/** How long the answer to "when did this broadcast end" is cached, milliseconds. */
const END_FRESH_MS = 30_000;
/** Most ends of broadcasts in the cache. */
const ENDS_MAX = 256;
/** Most broadcasts of a channel that are remembered. */
const BROADCASTS_MAX = 32;

/**
 * Takes the attendances of lessons, one at a time for each channel; concurrent requests for the same one share the result. A
 * lesson ends with its broadcast, or where the next broadcast begins.
 */
export class Lessons {
  readonly #deps: LessonsDeps;
  readonly #turns = new KeyedMutex();
  readonly #running = new Map<string, Promise<LessonAttendance | null>>();
  readonly #ends = new LRUCache<string, { readonly endMs: number | null; readonly askedMs: number }>({
    max: ENDS_MAX,
  });
  readonly #broadcasts = new Map<string, LRUCache<string, BroadcastRef>>();

  constructor(deps: LessonsDeps) {
    this.#deps = deps;
  }

  /** Records that a broadcast is or was on air: the one before it ended by then. */
  note(channel: string, broadcast: BroadcastRef): void {
    let known = this.#broadcasts.get(channel);
    if (known === undefined) {
      known = new LRUCache({ max: BROADCASTS_MAX });
      this.#broadcasts.set(channel, known);
    }
    known.set(broadcast.id, broadcast);
  }

  /**
   * Takes the attendance of a lesson that has calls, by the present class list. It is given even while no origin can be reached:
   * the lesson then ends where another broadcast is known to begin, or now.
   *
   * @param broadcastId null for the newest lesson
   * @param callId the lesson of this call instead; null for none
   * @returns null where no call was opened in it
   * @throws {LedgerError} `ledger-unavailable`
   */
  attendance(
    channel: string,
    broadcastId: string | null,
    callId: string | null = null,
  ): Promise<LessonAttendance | null> {
    const name = JSON.stringify([channel, broadcastId, callId]);
    let running = this.#running.get(name);
    if (running === undefined) {
      running = this.#turns
        .run(channel, () => this.#take(channel, broadcastId, callId))
        .finally(() => this.#running.delete(name));
      this.#running.set(name, running);
    }
    return running;
  }

  /**
   * Takes the attendance that is stored with a broadcast, also where no call was opened. It begins after this request, so that
   * it contains everything recorded by then.
   *
   * @param entries the class list of that lesson; null for the present one
   * @returns null where no origin has such a broadcast
   * @throws {RollCallError} `origin-unavailable`: without its end, minutes of another lesson might be stored
   * @throws {LedgerError} `ledger-unavailable`
   */
  ofBroadcast(
    channel: string,
    broadcast: BroadcastRef,
    entries: readonly RosterEntry[] | null,
  ): Promise<LessonAttendance | null> {
    return this.#turns.run(channel, async () => {
      const { ledger, origin, nowMs } = this.#deps;
      const end = await origin.broadcastEnd(channel, broadcast.id);
      if (end === null) return null;
      const calls = await ledger.calls(channel);
      const own = calls.filter((call) => call.broadcast?.id === broadcast.id);
      const others = [...calls.flatMap((call) => call.broadcast ?? []), ...this.#broadcastsOf(channel)];
      const untilMs = Math.min(nowMs(), end.endMs ?? Number.POSITIVE_INFINITY);
      const lesson = lessonOfBroadcast(broadcast, others, untilMs);
      return takeAttendance(ledger, channel, lesson, own, entries ?? undefined);
    });
  }

  async #take(
    channel: string,
    broadcastId: string | null,
    callId: string | null,
  ): Promise<LessonAttendance | null> {
    const { ledger, nowMs } = this.#deps;
    const calls = await ledger.calls(channel);
    const found =
      callId === null ? lessonOf(calls, broadcastId, nowMs()) : lessonOfCall(calls, callId, nowMs());
    if (found === null) return null;
    let { lesson } = found;
    if (lesson.broadcastId !== null) {
      const { broadcastId: id, startMs } = lesson;
      const endMs = (await this.#endOf(channel, id)) ?? Number.POSITIVE_INFINITY;
      const untilMs = Math.min(lesson.endMs, endMs);
      lesson = lessonOfBroadcast({ id, startMs }, this.#broadcastsOf(channel), untilMs);
    }
    return takeAttendance(ledger, channel, lesson, found.calls);
  }

  #broadcastsOf(channel: string): readonly BroadcastRef[] {
    return [...(this.#broadcasts.get(channel)?.rvalues() ?? [])].flatMap((broadcast) => broadcast ?? []);
  }

  /** @returns null where there is no end yet, or it is not known */
  async #endOf(channel: string, id: string): Promise<number | null> {
    const { origin, nowMs } = this.#deps;
    const name = JSON.stringify([channel, id]);
    const cached = this.#ends.get(name);
    if (cached !== undefined && Math.abs(nowMs() - cached.askedMs) < END_FRESH_MS) return cached.endMs;
    let endMs = cached?.endMs ?? null;
    try {
      endMs = (await origin.broadcastEnd(channel, id))?.endMs ?? null;
    } catch (error) {
      if (!(error instanceof RollCallError)) throw error;
    }
    this.#ends.set(name, { endMs, askedMs: nowMs() });
    return endMs;
  }
}
