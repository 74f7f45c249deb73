import type { AppendLog } from './append-log.ts';
import type { Attendee, Watcher } from '../ledger.ts';
import type { LogRecord } from './log-record.ts';
import { WatchedMinutes } from '../watched-minutes.ts';

/** While the disk takes nothing so many minutes wait: ten of 20,000 students. What comes then is left out. */
const WAITING_MOST = 200_000;
const AGAIN_MS = 3000;

type WatchedRecord = Extract<LogRecord, { t: 'watched' }>;

/** Who watched which minutes, in memory and in the log; a minute counts when it is written. */
export class FileWatchedMinutes {
  readonly #log: Pick<AppendLog, 'append'>;
  readonly #books = new Map<string, WatchedMinutes>();
  /** What is not written yet, each minute of a student once. */
  readonly #waiting = new Map<string, WatchedRecord>();
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Pick<AppendLog, 'append'>) {
    this.#log = log;
  }

  /** Notes minutes. They are written now, or with those that come meanwhile, and tried again until the disk takes them. */
  note(channel: string, watched: readonly (Attendee & { readonly minute: number })[]): void {
    const book = this.#bookOf(channel);
    for (const { sub, name, rosterId, minute } of watched) {
      if (this.#waiting.size >= WAITING_MOST || book.has(sub, minute)) continue;
      const attendee = { sub, name, rosterId };
      this.#waiting.set(`${channel} ${minute} ${sub}`, { t: 'watched', channel, attendee, minute });
    }
    this.#write();
  }

  /** Enters what stands in the log. */
  enter({ channel, attendee, minute }: WatchedRecord): void {
    this.#bookOf(channel).note(attendee, minute);
  }

  /** Gives those who were there in some minutes, both ends inclusive. */
  between(channel: string, fromMinute: number, toMinute: number): Iterable<Watcher> {
    return this.#bookOf(channel).between(fromMinute, toMinute);
  }

  /** Forgets what lies before a minute. */
  forget(beforeMinute: number): void {
    for (const book of this.#books.values()) book.forget(beforeMinute);
  }

  /** Writes what waits, if the disk takes it now. */
  async close(): Promise<void> {
    await this.#writing;
    this.#write();
    await this.#writing;
    clearTimeout(this.#timer);
  }

  #write(): void {
    if (this.#writing !== null || this.#waiting.size === 0) return;
    clearTimeout(this.#timer);
    this.#writing = this.#writeAll().then((isDone) => {
      this.#writing = null;
      if (isDone) this.#write();
      else this.#timer = setTimeout(() => this.#write(), AGAIN_MS).unref();
    });
  }

  async #writeAll(): Promise<boolean> {
    const some = [...this.#waiting];
    try {
      await this.#log.append(some.map(([, record]) => record));
    } catch {
      // The log says why.
      return false;
    }
    for (const [key, record] of some) {
      this.enter(record);
      if (this.#waiting.get(key) === record) this.#waiting.delete(key);
    }
    return true;
  }

  #bookOf(channel: string): WatchedMinutes {
    let book = this.#books.get(channel);
    if (book === undefined) {
      book = new WatchedMinutes();
      this.#books.set(channel, book);
    }
    return book;
  }
}
