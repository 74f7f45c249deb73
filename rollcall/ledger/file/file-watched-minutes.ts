import type { Attendee, WatchedMinute, Watcher } from '../ledger.ts';
import { WatchedMinutes } from '../watched-minutes.ts';
import type { AppendLog } from './append-log.ts';
import type { LogRecord } from './log-record.ts';

/** Most minutes that wait for the disk: ten of 20,000 students. Further ones are discarded. */
const PENDING_MAX = 200_000;
const RETRY_MS = 3000;

type WatchedRecord = Extract<LogRecord, { t: 'watched' }>;

/** Watched minutes in memory and in the log. A minute counts once it is written. */
export class FileWatchedMinutes {
  readonly #log: Pick<AppendLog, 'append'>;
  readonly #byChannel = new Map<string, WatchedMinutes>();
  /** Not written yet, each minute of a student once. */
  readonly #pending = new Map<string, WatchedRecord>();
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Pick<AppendLog, 'append'>) {
    this.#log = log;
  }

  /** Adds minutes. They are written at once, or together with others; a failed write is retried. */
  note(channel: string, watched: readonly WatchedMinute[]): void {
    const minutes = this.#of(channel);
    for (const { sub, name, rosterId, minute } of watched) {
      if (this.#pending.size >= PENDING_MAX || minutes.has(sub, minute)) continue;
      const attendee = { sub, name, rosterId };
      this.#pending.set(`${channel} ${minute} ${sub}`, { t: 'watched', channel, attendee, minute });
    }
    this.#write();
  }

  /** Enters a record of the log. */
  enter({ channel, attendee, minute }: WatchedRecord): void {
    this.#of(channel).note(attendee, minute);
  }

  /** Yields the students who watched any minute of a range, both ends inclusive. */
  between(channel: string, fromMinute: number, toMinute: number): Iterable<Watcher> {
    return this.#of(channel).between(fromMinute, toMinute);
  }

  /** Yields some students of a channel with all their minutes. */
  of(channel: string, isWanted: (attendee: Attendee) => boolean): Iterable<Watcher> {
    return this.#of(channel).of(isWanted);
  }

  /** Removes students of a channel, also from what is not written yet. */
  erase(channel: string, isToGo: (attendee: Attendee) => boolean): void {
    this.#of(channel).erase(isToGo);
    for (const [key, record] of this.#pending) {
      if (record.channel === channel && isToGo(record.attendee)) this.#pending.delete(key);
    }
  }

  /** Removes minutes before a minute. */
  forget(beforeMinute: number): void {
    for (const minutes of this.#byChannel.values()) minutes.forget(beforeMinute);
  }

  /** Writes what is pending, once. */
  async close(): Promise<void> {
    await this.#writing;
    this.#write();
    await this.#writing;
    clearTimeout(this.#timer);
  }

  #write(): void {
    if (this.#writing !== null || this.#pending.size === 0) return;
    clearTimeout(this.#timer);
    this.#writing = this.#writeAll().then((isWritten) => {
      this.#writing = null;
      if (isWritten) this.#write();
      else this.#timer = setTimeout(() => this.#write(), RETRY_MS).unref();
    });
  }

  /** @returns false when the disk refused it; the log reports why */
  async #writeAll(): Promise<boolean> {
    const batch = [...this.#pending];
    try {
      await this.#log.append(batch.map(([, record]) => record));
    } catch {
      return false;
    }
    for (const [key, record] of batch) {
      this.enter(record);
      if (this.#pending.get(key) === record) this.#pending.delete(key);
    }
    return true;
  }

  #of(channel: string): WatchedMinutes {
    let minutes = this.#byChannel.get(channel);
    if (minutes === undefined) {
      minutes = new WatchedMinutes();
      this.#byChannel.set(channel, minutes);
    }
    return minutes;
  }
}
