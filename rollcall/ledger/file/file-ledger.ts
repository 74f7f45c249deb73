import { join } from 'node:path';
import { KeyedMutex } from '../../../shared/keyed-mutex.ts';
import type { Logger } from '../../../shared/logger.ts';
import { callPhase } from '../../protocol/call.ts';
import { AnswerBook } from '../answer-book.ts';
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
import { isOfStudent, wordsOf } from '../student-data.ts';
import { AnswerWriter } from './answer-writer.ts';
import { AppendLog } from './append-log.ts';
import { CallBooks } from './call-books.ts';
import { withoutStudent } from './erase-records.ts';
import { FileWatchedMinutes } from './file-watched-minutes.ts';
import { type LogRecord, readRecord, timeOf } from './log-record.ts';

/** What a ledger on the local disk is opened with. */
export type FileLedgerOptions = {
  /** Its log is in the folder `rollcall` in here. */
  readonly dataDir: string;
  readonly keepDays: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
};

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const FORGET_EVERY_MS = 3_600_000;
/** How often a disk that failed is tried again, milliseconds: while it is not ready no client may come, who would write. */
const PROBE_EVERY_MS = 3000;
const NO_COUNTS = new AnswerBook().counts(0);

/** Stores calls and answers in memory and in a log on the local disk: for a single gateway, without another server. */
export class FileLedger implements Ledger {
  readonly #log: AppendLog;
  readonly #options: FileLedgerOptions;
  readonly #books = new CallBooks();
  readonly #answers: AnswerWriter;
  readonly #watched: FileWatchedMinutes;
  /** Changes of calls and class lists, by channel. */
  readonly #changes = new KeyedMutex();
  readonly #listeners: ((channel: string) => void)[] = [];
  #forgetTimer: NodeJS.Timeout | undefined;
  #probeTimer: NodeJS.Timeout | undefined;

  private constructor(options: FileLedgerOptions) {
    this.#options = options;
    this.#log = new AppendLog({ folder: join(options.dataDir, 'rollcall'), logger: options.logger });
    this.#answers = new AnswerWriter(this.#log, this.#books);
    this.#watched = new FileWatchedMinutes(this.#log);
  }

  /**
   * Opens the ledger and reads its log.
   *
   * @throws {LedgerError} `bad-data-dir`
   */
  static async open(options: FileLedgerOptions): Promise<FileLedger> {
    const ledger = new FileLedger(options);
    const sinceMs = ledger.#retainedSinceMs();
    let unread = 0;
    const reading = await ledger.#log.read((raw) => {
      const record = readRecord(raw);
      if (record === null) unread++;
      else if (timeOf(record) >= sinceMs || record.t === 'roster') ledger.#apply(record);
    });
    const { records, torn, damaged } = reading;
    options.logger.info(
      { ...reading, unread },
      `roll-call log: ${records} records read, ${torn} incomplete last lines, ${damaged + unread} unreadable`,
    );
    ledger.#forgetTimer = setInterval(() => void ledger.#forget(), FORGET_EVERY_MS).unref();
    ledger.#probeTimer = setInterval(() => ledger.#probe(), PROBE_EVERY_MS).unref();
    return ledger;
  }

  async openCall(call: StoredCall, nowMs: number): Promise<OpenOutcome> {
    return this.#changes.run(call.channel, async () => {
      const newest = this.#books.calls(call.channel).at(-1);
      if (newest !== undefined && callPhase(newest, nowMs) === 'open') return { kind: 'busy', call: newest };
      await this.#write({ t: 'call', call });
      return { kind: 'opened' };
    });
  }

  async changeCall(channel: string, callId: string, decide: CallDecision): Promise<StoredCall | null> {
    return this.#changes.run(channel, async () => {
      const book = this.#books.find(channel, callId);
      if (book === null) return null;
      const isNewest = this.#books.calls(channel).at(-1)?.callId === callId;
      const change = decide(book.call, isNewest);
      if (change === null) return null;
      const call = { ...book.call, ...change };
      await this.#write({ t: 'call', call });
      return call;
    });
  }

  async calls(channel: string): Promise<readonly StoredCall[]> {
    return this.#books.calls(channel);
  }

  async record(answers: readonly Answer[]): Promise<readonly Recorded[]> {
    return this.#answers.record(answers, (channel) => this.#hint(channel));
  }

  async counts(channel: string, callId: string): Promise<Counts> {
    const book = this.#books.find(channel, callId);
    return book === null ? NO_COUNTS : book.answers.counts(book.asked.size);
  }

  async answersOf(
    channel: string,
    callId: string,
    subs: readonly string[],
  ): Promise<readonly (Answer | null)[]> {
    const book = this.#books.find(channel, callId);
    return subs.map((sub) => book?.answers.of(sub) ?? null);
  }

  async newestAnswers(
    channel: string,
    callId: string,
    after: string | null,
    most: number,
  ): Promise<NewestAnswers> {
    const answers = this.#books.find(channel, callId)?.answers;
    const cursor = String(answers?.inOrder.length ?? 0);
    return { cursor, answers: answers?.newest(Number(after ?? 0), most) ?? [] };
  }

  async *answers(channel: string, callId: string): AsyncIterable<Answer> {
    yield* [...(this.#books.find(channel, callId)?.answers.counting ?? [])];
  }

  async noteAsked(channel: string, callId: string, attendees: readonly Attendee[]): Promise<void> {
    if (this.#books.find(channel, callId) === null) return;
    this.#books.putAsked(callId, attendees);
    // A class list is the class; without one this is. Nobody waits for it, and the log reports failures.
    if (this.#books.rosters.get(channel)?.entries.length) return;
    this.#log.append([{ t: 'asked', callId, attendees, atMs: this.#options.nowMs() }]).catch(() => {});
  }

  async *asked(channel: string, callId: string): AsyncIterable<Attendee> {
    yield* [...(this.#books.find(channel, callId)?.asked.values() ?? [])];
  }

  async connected(_channel: string, here: number): Promise<number> {
    return here;
  }

  noteWatched(channel: string, watched: readonly WatchedMinute[]): void {
    this.#watched.note(channel, watched);
  }

  async *watchers(channel: string, fromMinute: number, toMinute: number): AsyncIterable<Watcher> {
    yield* this.#watched.between(channel, fromMinute, toMinute);
  }

  async putRoster(channel: string, entries: readonly RosterEntry[]): Promise<void> {
    await this.#changes.run(channel, () =>
      this.#write({ t: 'roster', channel, entries, atMs: this.#options.nowMs() }),
    );
  }

  async roster(channel: string): Promise<readonly RosterEntry[]> {
    return this.#books.rosters.get(channel)?.entries ?? [];
  }

  async studentData(channel: string, id: string): Promise<StudentData> {
    const isHers = (one: Attendee): boolean => isOfStudent(id, one);
    const books = this.#books.ofChannel(channel);
    return {
      roster: (await this.roster(channel)).filter((entry) => entry.id === id),
      answers: books.flatMap(({ answers }) => answers.inOrder.filter(isHers)),
      asked: books.flatMap(({ call: { callId }, asked }) =>
        [...asked.values()].filter(isHers).map((attendee) => ({ callId, ...attendee })),
      ),
      watched: [...this.#watched.of(channel, isHers)],
    };
  }

  async eraseStudent(channel: string, id: string): Promise<StudentData> {
    const erased = await this.studentData(channel, id);
    const fromMemory = (): void => {
      this.#books.eraseStudent(channel, id);
      this.#watched.erase(channel, (attendee) => isOfStudent(id, attendee));
    };
    await this.#changes.run(channel, async () => {
      fromMemory();
      const isOwnCall = (callId: string): boolean => this.#books.mayBeOf(channel, callId);
      await this.#log.rewrite(
        (raw) => {
          const record = readRecord(raw);
          if (record === null) return raw;
          const without = withoutStudent(record, channel, id, isOwnCall);
          return without === record ? raw : without;
        },
        wordsOf(id, erased),
      );
      // What was on its way to the disk when this began.
      fromMemory();
    });
    this.#hint(channel);
    return erased;
  }

  onHint(listener: (channel: string) => void): void {
    this.#listeners.push(listener);
  }

  notReady(): string | null {
    return this.#log.fault;
  }

  async close(): Promise<void> {
    clearInterval(this.#forgetTimer);
    clearInterval(this.#probeTimer);
    await this.#watched.close();
    await this.#log.close();
  }

  async #write(record: LogRecord & { readonly t: 'call' | 'roster' }): Promise<void> {
    await this.#log.append([record]);
    this.#apply(record);
    this.#hint(record.t === 'call' ? record.call.channel : record.channel);
  }

  #apply(record: LogRecord): void {
    switch (record.t) {
      case 'call':
        this.#books.putCall(record.call);
        return;
      case 'answer':
        this.#books.putReadAnswer(record.answer);
        return;
      case 'watched':
        this.#watched.enter(record);
        return;
      case 'asked':
        this.#books.putAsked(record.callId, record.attendees);
        return;
      case 'roster':
        this.#books.rosters.set(record.channel, record);
        return;
      case 'probe':
        return;
    }
  }

  #hint(channel: string): void {
    for (const listener of this.#listeners) listener(channel);
  }

  #retainedSinceMs(): number {
    return this.#options.nowMs() - this.#options.keepDays * DAY_MS;
  }

  /** Tests whether a disk that failed works again; the log reports the result. */
  #probe(): void {
    if (this.#log.fault === null) return;
    this.#log.append([{ t: 'probe', atMs: this.#options.nowMs() }]).catch(() => {});
  }

  /** Removes what is older than `keepDays`. Class lists stay: they are written again, so that their old files can be deleted. */
  async #forget(): Promise<void> {
    const sinceMs = this.#retainedSinceMs();
    this.#books.forget(sinceMs);
    this.#watched.forget(Math.floor(sinceMs / MINUTE_MS));
    try {
      for (const channel of this.#books.rosters.keys()) await this.#rewriteRoster(channel, sinceMs + DAY_MS);
      await this.#log.forget((raw) => {
        const record = readRecord(raw);
        // A record that only another version of the program can read is not deleted.
        return record !== null && timeOf(record) < sinceMs;
      });
    } catch {
      // The log reports what is wrong with the disk; it is tried again in an hour.
    }
  }

  /** Writes a class list again that was last written before a time. */
  async #rewriteRoster(channel: string, beforeMs: number): Promise<void> {
    await this.#changes.run(channel, async () => {
      const roster = this.#books.rosters.get(channel);
      if (roster === undefined || roster.atMs >= beforeMs) return;
      await this.#write({ t: 'roster', channel, entries: roster.entries, atMs: this.#options.nowMs() });
    });
  }
}
