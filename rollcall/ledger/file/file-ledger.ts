import { join } from 'node:path';
import type { Logger } from '../../../shared/logger.ts';
import { KeyedMutex } from '../../../shared/keyed-mutex.ts';
import { callPhase } from '../../protocol/call.ts';
import { AnswerBook } from '../answer-book.ts';
import { AppendLog, NOT_WRITTEN } from './append-log.ts';
import type {
  Answer,
  Attendee,
  CallDecision,
  Counts,
  StoredCall,
  Ledger,
  Recorded,
  RosterEntry,
  Watcher,
} from '../ledger.ts';
import { LedgerError, unavailable } from '../ledger.ts';
import { type LogRecord, readRecord, timeOf } from './log-record.ts';
import { FileWatchedMinutes } from './file-watched-minutes.ts';

/** What a ledger on the local disk is opened with. */
export type FileLedgerOptions = {
  /** Its log lies in the folder `rollcall` in here. */
  readonly dataDir: string;
  readonly keepDays: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
};

type CallBook = {
  call: StoredCall;
  readonly book: AnswerBook;
  /** Answers that are being written: what stands is not known before they are durable. */
  readonly pendingSubs: Map<string, Promise<void>>;
  readonly pendingIds: Set<string>;
  readonly asked: Map<string, Attendee>;
};

const DAY_MS = 86_400_000;
const FORGET_EVERY_MS = 3_600_000;
/** A disk that took nothing is tried again, milliseconds: while it is not ready, nobody may be sent here who would write. */
const PROBE_EVERY_MS = 3000;
const NO_COUNTS = new AnswerBook().counts(0);

/** Keeps calls and answers in memory and in a log on the local disk: for one gateway, which needs no server beside it. */
export class FileLedger implements Ledger {
  readonly #log: AppendLog;
  readonly #options: FileLedgerOptions;
  readonly #calls = new Map<string, CallBook>();
  /** Ids of a channel's calls, oldest first. */
  readonly #callsOf = new Map<string, string[]>();
  readonly #rosters = new Map<string, { readonly entries: readonly RosterEntry[]; readonly atMs: number }>();
  readonly #watchers: FileWatchedMinutes;
  readonly #changes = new KeyedMutex();
  readonly #listeners: ((channel: string) => void)[] = [];
  #forgetTimer: NodeJS.Timeout | undefined;
  #probeTimer: NodeJS.Timeout | undefined;

  private constructor(options: FileLedgerOptions) {
    this.#options = options;
    this.#log = new AppendLog({ folder: join(options.dataDir, 'rollcall'), logger: options.logger });
    this.#watchers = new FileWatchedMinutes(this.#log);
  }

  /**
   * Reads the log that is there.
   *
   * @throws {LedgerError} `bad-data-dir`
   */
  static async open(options: FileLedgerOptions): Promise<FileLedger> {
    const ledger = new FileLedger(options);
    const sinceMs = options.nowMs() - options.keepDays * DAY_MS;
    let unread = 0;
    const reading = await ledger.#log.read((raw) => {
      const record = readRecord(raw);
      if (record === null) unread++;
      else if (timeOf(record) >= sinceMs || record.t === 'roster') ledger.#apply(record);
    });
    const { records, torn, damaged } = reading;
    options.logger.info(
      { ...reading, unread },
      `roll call: ${records} records read, ${torn} torn, ${damaged + unread} that cannot be read`,
    );
    ledger.#forgetTimer = setInterval(() => void ledger.#forget(), FORGET_EVERY_MS);
    ledger.#forgetTimer.unref();
    ledger.#probeTimer = setInterval(() => ledger.#probe(), PROBE_EVERY_MS);
    ledger.#probeTimer.unref();
    return ledger;
  }

  async openCall(
    call: StoredCall,
    nowMs: number,
  ): Promise<{ readonly kind: 'opened' } | { readonly kind: 'busy'; readonly call: StoredCall }> {
    let inTheWay: StoredCall | null = null;
    await this.#changes.run(call.channel, async () => {
      const newest = this.#callsOf.get(call.channel)?.at(-1);
      const open = newest === undefined ? undefined : this.#calls.get(newest);
      if (open !== undefined && callPhase(open.call, nowMs) === 'open') {
        inTheWay = open.call;
        return;
      }
      await this.#write({ t: 'call', call });
    });
    return inTheWay === null ? { kind: 'opened' } : { kind: 'busy', call: inTheWay };
  }

  async changeCall(channel: string, callId: string, decide: CallDecision): Promise<StoredCall | null> {
    let changed: StoredCall | null = null;
    await this.#changes.run(channel, async () => {
      const found = this.#bookOf(channel, callId);
      const isNewest = this.#callsOf.get(channel)?.at(-1) === callId;
      const change = found === null ? null : decide(found.call, isNewest);
      if (found === null || change === null) return;
      const call = { ...found.call, ...change };
      await this.#write({ t: 'call', call });
      changed = call;
    });
    return changed;
  }

  async calls(channel: string): Promise<readonly StoredCall[]> {
    return (this.#callsOf.get(channel) ?? []).flatMap((id) => this.#calls.get(id)?.call ?? []);
  }

  async record(answers: readonly Answer[]): Promise<readonly Recorded[]> {
    const entries = answers.map((answer) => this.#entryOf(answer));
    const fresh: { readonly answer: Answer; readonly entry: CallBook }[] = [];
    /** Writes of others that tell what comes of an answer of these. */
    const others = new Set<Promise<void>>();
    let written: (() => void) | undefined;
    const own = new Promise<void>((resolve) => {
      written = resolve;
    });
    for (const [i, answer] of answers.entries()) {
      const entry = entries[i];
      if (entry === undefined || entry.book.look(answer) !== null) continue;
      const pending = entry.pendingSubs.get(answer.sub);
      if (pending !== undefined && pending !== own) others.add(pending);
      if (pending !== undefined || entry.pendingIds.has(answer.answerId)) continue;
      entry.pendingSubs.set(answer.sub, own);
      entry.pendingIds.add(answer.answerId);
      fresh.push({ answer, entry });
    }
    try {
      if (fresh.length > 0) await this.#log.append(fresh.map(({ answer }) => ({ t: 'answer', answer })));
      for (const { answer, entry } of fresh) entry.book.enter(answer);
    } finally {
      for (const { answer, entry } of fresh) {
        entry.pendingSubs.delete(answer.sub);
        entry.pendingIds.delete(answer.answerId);
      }
      written?.();
    }
    await Promise.all(others);
    for (const channel of new Set(fresh.map(({ answer }) => answer.channel))) this.#hint(channel);
    return answers.map((answer, i) => outcomeOf(answer, entries[i]));
  }

  async counts(channel: string, callId: string): Promise<Counts> {
    const found = this.#bookOf(channel, callId);
    return found === null ? NO_COUNTS : found.book.counts(found.asked.size);
  }

  async answersOf(
    channel: string,
    callId: string,
    subs: readonly string[],
  ): Promise<readonly (Answer | null)[]> {
    const found = this.#bookOf(channel, callId);
    return subs.map((sub) => found?.book.of(sub) ?? null);
  }

  async newestAnswers(
    channel: string,
    callId: string,
    after: string | null,
    most: number,
  ): Promise<{ readonly cursor: string | null; readonly answers: readonly Answer[] }> {
    const inOrder = this.#bookOf(channel, callId)?.book.inOrder ?? [];
    const from = Math.max(Number(after ?? 0), inOrder.length - most);
    return { cursor: String(inOrder.length), answers: inOrder.slice(from) };
  }

  async *answers(channel: string, callId: string): AsyncIterable<Answer> {
    yield* [...(this.#bookOf(channel, callId)?.book.inOrder ?? [])];
  }

  async noteAsked(channel: string, callId: string, attendees: readonly Attendee[]): Promise<void> {
    const found = this.#bookOf(channel, callId);
    if (found === null) return;
    for (const attendee of attendees) found.asked.set(attendee.sub, attendee);
    // Where there is a class list, that is the class; nobody waits for this, and the log says what cannot be written.
    if (this.#rosters.get(channel)?.entries.length) return;
    this.#log.append([{ t: 'asked', callId, attendees, atMs: this.#options.nowMs() }]).catch(() => {});
  }

  async *asked(channel: string, callId: string): AsyncIterable<Attendee> {
    yield* [...(this.#bookOf(channel, callId)?.asked.values() ?? [])];
  }

  async connected(_channel: string, here: number): Promise<number> {
    return here;
  }

  noteWatched(channel: string, watched: readonly (Attendee & { readonly minute: number })[]): void {
    this.#watchers.note(channel, watched);
  }

  async *watchers(channel: string, fromMinute: number, toMinute: number): AsyncIterable<Watcher> {
    yield* this.#watchers.between(channel, fromMinute, toMinute);
  }

  async putRoster(channel: string, entries: readonly RosterEntry[]): Promise<void> {
    await this.#changes.run(channel, () =>
      this.#write({ t: 'roster', channel, entries, atMs: this.#options.nowMs() }),
    );
  }

  async roster(channel: string): Promise<readonly RosterEntry[]> {
    return this.#rosters.get(channel)?.entries ?? [];
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
    await this.#watchers.close();
    await this.#log.close();
  }

  async #write(record: LogRecord & { readonly t: 'call' | 'roster' }): Promise<void> {
    await this.#log.append([record]);
    this.#apply(record);
    this.#hint(record.t === 'call' ? record.call.channel : record.channel);
  }

  #apply(record: LogRecord): void {
    switch (record.t) {
      case 'call': {
        const { call } = record;
        const known = this.#calls.get(call.callId);
        if (known !== undefined) {
          known.call = call;
          return;
        }
        const maps = { pendingSubs: new Map(), pendingIds: new Set<string>(), asked: new Map() };
        this.#calls.set(call.callId, { call, book: new AnswerBook(), ...maps });
        const ids = this.#callsOf.get(call.channel) ?? [];
        this.#callsOf.set(call.channel, [...ids, call.callId]);
        return;
      }
      case 'answer':
        this.#enterRead(record.answer);
        return;
      case 'watched':
        this.#watchers.enter(record);
        return;
      case 'asked': {
        const asked = this.#calls.get(record.callId)?.asked;
        for (const attendee of record.attendees) asked?.set(attendee.sub, attendee);
        return;
      }
      case 'roster':
        this.#rosters.set(record.channel, record);
        return;
      case 'probe':
        return;
    }
  }

  /** Each line brings its own copy of what all answers of a call share: a week of a city would be gigabytes of them. */
  #enterRead(answer: Answer): void {
    const found = this.#calls.get(answer.callId);
    if (found === undefined) return;
    const { callId, channel } = found.call;
    const { sub, rosterId } = answer;
    found.book.enter({ ...answer, callId, channel, rosterId: rosterId === sub ? sub : rosterId });
  }

  #bookOf(channel: string, callId: string): CallBook | null {
    const found = this.#calls.get(callId);
    return found?.call.channel === channel ? found : null;
  }

  #entryOf({ channel, callId }: Answer): CallBook {
    const found = this.#bookOf(channel, callId);
    if (found !== null) return found;
    throw new LedgerError(`channel ${channel}: no call ${callId}`, { code: 'unknown-call', status: 404 });
  }

  #hint(channel: string): void {
    for (const listener of this.#listeners) listener(channel);
  }

  #probe(): void {
    if (this.#log.fault === null) return;
    // What is wrong stands in the log.
    this.#log.append([{ t: 'probe', atMs: this.#options.nowMs() }]).catch(() => {});
  }

  /** Lets go of what is older than is kept. Rosters stay: they are written again, so that their old file can go. */
  async #forget(): Promise<void> {
    const sinceMs = this.#options.nowMs() - this.#options.keepDays * DAY_MS;
    for (const [channel, ids] of this.#callsOf) {
      const left = ids.filter((id) => (this.#calls.get(id)?.call.atProgramTimeMs ?? 0) >= sinceMs);
      for (const id of ids) if (!left.includes(id)) this.#calls.delete(id);
      if (left.length > 0) this.#callsOf.set(channel, left);
      else this.#callsOf.delete(channel);
    }
    this.#watchers.forget(Math.floor(sinceMs / 60_000));
    try {
      for (const channel of this.#rosters.keys()) {
        await this.#changes.run(channel, async () => {
          const roster = this.#rosters.get(channel);
          if (roster === undefined || roster.atMs >= sinceMs + DAY_MS) return;
          await this.#write({ t: 'roster', channel, entries: roster.entries, atMs: this.#options.nowMs() });
        });
      }
      await this.#log.forget((raw) => {
        const record = readRecord(raw);
        // What another version of the program has written is not for this one to delete.
        return record !== null && timeOf(record) < sinceMs;
      });
    } catch {
      // The log says what is wrong with the disk; the next hour tries again.
    }
  }
}

function outcomeOf(answer: Answer, entry: CallBook | undefined): Recorded {
  const outcome = entry?.book.look(answer) ?? null;
  if (outcome !== null) return outcome;
  // Another request is writing this answerId for somebody else.
  if (entry?.pendingIds.has(answer.answerId) === true) return { kind: 'id-taken' };
  // What another request was writing for this student has failed.
  throw unavailable(NOT_WRITTEN);
}
