import type { Logger } from '../../../shared/logger.ts';
import type {
  Answer,
  Attendee,
  CallDecision,
  Counts,
  Ledger,
  NewestAnswers,
  OpenOutcome,
  Recorded,
  RosterEntry,
  StoredCall,
  StudentData,
  WatchedMinute,
  Watcher,
} from '../ledger.ts';
import { RedisAnswers } from './redis-answers.ts';
import { RedisCalls } from './redis-calls.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisHints } from './redis-hints.ts';
import { RedisPresence } from './redis-presence.ts';
import { isOfStudent } from '../student-data.ts';
import { RedisRosters } from './redis-rosters.ts';
import { RedisStudentData } from './redis-student-data.ts';
import { RedisWatchedMinutes } from './redis-watched-minutes.ts';

/** What a ledger in Redis is opened with. */
export type RedisLedgerOptions = {
  /** May contain a password. Never in logs or errors. */
  readonly redisUrl: string;
  readonly keepDays: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** A connection that gives no reply for so long is replaced, milliseconds. */
  readonly silentMs?: number;
};

const DAY_S = 86_400;

/** Stores calls and answers in a Redis that flushes each command to its disk: for any number of gateways. */
export class RedisLedger implements Ledger {
  readonly #connection: RedisConnection;
  readonly #hints: RedisHints;
  readonly #calls: RedisCalls;
  readonly #answers: RedisAnswers;
  readonly #rosters: RedisRosters;
  readonly #students: RedisStudentData;
  readonly #presence: RedisPresence;
  readonly #watched: RedisWatchedMinutes;

  private constructor(options: RedisLedgerOptions) {
    const { nowMs } = options;
    const keepS = options.keepDays * DAY_S;
    this.#connection = new RedisConnection(options);
    this.#calls = new RedisCalls(this.#connection, { keepS, nowMs });
    this.#answers = new RedisAnswers(this.#connection, keepS);
    this.#rosters = new RedisRosters(this.#connection, nowMs, options.logger);
    this.#students = new RedisStudentData(this.#connection, this.#rosters);
    this.#presence = new RedisPresence(this.#connection, nowMs);
    this.#watched = new RedisWatchedMinutes(this.#connection, keepS);
    this.#hints = new RedisHints(this.#connection, (channel) => {
      this.#calls.invalidate(channel);
      this.#rosters.invalidate(channel);
    });
  }

  /** Opens the ledger. A Redis that cannot be reached is reported by `notReady`, and connected to later. */
  static async open(options: RedisLedgerOptions): Promise<RedisLedger> {
    const ledger = new RedisLedger(options);
    await ledger.#connection.open();
    ledger.#hints.listen();
    return ledger;
  }

  async openCall(call: StoredCall, nowMs: number): Promise<OpenOutcome> {
    await this.#connection.requireDurable();
    const open = await this.#calls.open(call, nowMs);
    if (open !== null) return { kind: 'busy', call: open };
    this.#hints.tellAll(call.channel);
    return { kind: 'opened' };
  }

  async changeCall(channel: string, callId: string, decide: CallDecision): Promise<StoredCall | null> {
    await this.#connection.requireDurable();
    const changed = await this.#calls.change(channel, callId, decide);
    if (changed !== null) this.#hints.tellAll(channel);
    return changed;
  }

  async calls(channel: string): Promise<readonly StoredCall[]> {
    return this.#calls.all(channel);
  }

  async record(answers: readonly Answer[]): Promise<readonly Recorded[]> {
    await this.#connection.requireDurable();
    const recorded = await this.#answers.record(answers);
    // Other gateways read the counts with their next tick.
    for (const channel of new Set(answers.map((answer) => answer.channel))) this.#hints.tellHere(channel);
    return recorded;
  }

  async counts(_channel: string, callId: string): Promise<Counts> {
    return this.#answers.counts(callId);
  }

  async answersOf(
    _channel: string,
    callId: string,
    subs: readonly string[],
  ): Promise<readonly (Answer | null)[]> {
    return this.#answers.of(callId, subs);
  }

  async newestAnswers(
    _channel: string,
    callId: string,
    after: string | null,
    most: number,
  ): Promise<NewestAnswers> {
    return this.#answers.newest(callId, after, most);
  }

  async *answers(_channel: string, callId: string): AsyncIterable<Answer> {
    yield* this.#answers.all(callId);
  }

  async noteAsked(_channel: string, callId: string, attendees: readonly Attendee[]): Promise<void> {
    await this.#answers.noteAsked(callId, attendees);
  }

  async *asked(_channel: string, callId: string): AsyncIterable<Attendee> {
    yield* this.#answers.asked(callId);
  }

  async connected(channel: string, here: number): Promise<number> {
    return this.#presence.connected(channel, here);
  }

  noteWatched(channel: string, watched: readonly WatchedMinute[]): void {
    this.#watched.note(channel, watched);
  }

  async *watchers(channel: string, fromMinute: number, toMinute: number): AsyncIterable<Watcher> {
    yield* this.#watched.between(channel, fromMinute, toMinute);
  }

  async putRoster(channel: string, roster: readonly RosterEntry[]): Promise<void> {
    await this.#connection.requireDurable();
    await this.#rosters.put(channel, roster);
    this.#hints.tellAll(channel);
  }

  async roster(channel: string): Promise<readonly RosterEntry[]> {
    return this.#rosters.get(channel);
  }

  async studentData(channel: string, id: string): Promise<StudentData> {
    return this.#students.read(channel, id);
  }

  async eraseStudent(channel: string, id: string): Promise<StudentData> {
    await this.#connection.requireDurable();
    this.#watched.discard(channel, (attendee) => isOfStudent(id, attendee));
    const erased = await this.#students.erase(channel, id);
    this.#hints.tellAll(channel);
    return erased;
  }

  onHint(listener: (channel: string) => void): void {
    this.#hints.onHint(listener);
  }

  notReady(): string | null {
    return this.#connection.notReady();
  }

  async close(): Promise<void> {
    await this.#watched.close();
    await this.#connection.close();
  }
}
