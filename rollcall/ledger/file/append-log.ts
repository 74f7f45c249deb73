import type { FileHandle, open } from 'node:fs/promises';
import { Mutex } from 'async-mutex';
import { describeError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { LedgerError, unavailable } from '../ledger.ts';
import { LogFiles } from './log-files.ts';
import { readLine, writeLine } from './log-line.ts';
import { type LogReading, readLog, type VoidRecord, voidedEnds, voidRecord } from './log-reader.ts';
import { rewriteFile } from './rewrite-file.ts';

/** What a log is opened with. */
export type AppendLogOptions = {
  readonly folder: string;
  /** A file that is larger than this is followed by a new one, bytes. */
  readonly fileBytes?: number;
  /** Opens a file; tests replace it with disks that fail. */
  readonly openFile?: typeof open;
  readonly logger: Logger;
};

type Queued = { readonly text: string; readonly done: (error: unknown) => void };

/** The error message while the log cannot be written. */
export const NOT_WRITTEN = 'the roll-call log cannot be written; see the server log';

const FILE_BYTES = 64 * 1024 * 1024;

/**
 * A log on the local disk: what `append` has resolved for survives any kill and any loss of power.
 *
 * Appends that arrive during a flush are written together with the next one, so each costs less the more there are. A file is
 * never written by two processes, and never again after a write or flush of it has failed: it is unknown what the disk holds
 * then, and a second fdatasync(2) may report success for data that is lost.
 */
export class AppendLog {
  readonly #files: LogFiles;
  readonly #fileBytes: number;
  readonly #logger: Logger;
  #file: FileHandle | null = null;
  /** Bytes of the open file that are on the disk. */
  #sizeBytes = 0;
  /** Number of the newest file. */
  #number = 0;
  #queue: Queued[] = [];
  #running: Promise<void> | null = null;
  /** One at a time deletes files, or rewrites them. */
  readonly #rewriting = new Mutex();
  #isClosed = false;
  #fault: string | null = null;
  /** What a failed flush may have left and could not be cut off; the next file begins with these. */
  #voids: readonly VoidRecord[] = [];

  constructor(options: AppendLogOptions) {
    this.#files = new LogFiles(options.folder, options.openFile);
    this.#fileBytes = options.fileBytes ?? FILE_BYTES;
    this.#logger = options.logger;
  }

  /** Why the log cannot be written; null while appends succeed. */
  get fault(): string | null {
    return this.#fault;
  }

  /**
   * Reads all records, oldest first. To be called once, before the first append.
   *
   * @param onRecord receives each record
   * @throws {LedgerError} `bad-data-dir` when the folder cannot be made or read
   */
  async read(onRecord: (record: Record<string, unknown>) => void): Promise<LogReading> {
    try {
      await this.#files.makeFolder();
      await this.#files.removeDrafts();
      const numbers = await this.#files.numbers();
      const reading = await readLog(this.#files, numbers, onRecord, this.#logger);
      this.#number = numbers.at(-1) ?? 0;
      return reading;
    } catch (cause) {
      const { folder } = this.#files;
      throw new LedgerError(`roll-call log ${folder} cannot be read`, { code: 'bad-data-dir', cause });
    }
  }

  /**
   * Appends records; they are on the disk when this resolves.
   *
   * @throws {LedgerError} `ledger-unavailable` (503): it is unknown whether they are on the disk
   */
  async append(records: readonly object[]): Promise<void> {
    const text = records.map(writeLine).join('');
    const error = await new Promise<unknown>((done) => {
      if (this.#isClosed) {
        this.#fault = 'the roll-call log cannot be written: it is closed';
        done(new Error('the log is closed'));
        return;
      }
      this.#queue.push({ text, done });
      this.#running ??= this.#run();
    });
    if (error === null) return;
    throw unavailable(NOT_WRITTEN, error);
  }

  /**
   * Deletes the oldest files, up to the first one that is still needed.
   *
   * @param isObsolete tells by a file's newest record whether nothing in the file is needed any more
   */
  async forget(isObsolete: (newest: Record<string, unknown>) => boolean): Promise<void> {
    await this.#rewriting.runExclusive(() => this.#forget(isObsolete));
  }

  /**
   * Changes records that were written before, in the files themselves. What is appended meanwhile goes to another file.
   *
   * @param change returns the same record to leave it, another one to put in its place, or null to remove it
   * @param words damaged and incomplete lines with one of them are removed: they may say what was to be removed
   * @throws {LedgerError} `ledger-unavailable` (503): some files may be changed, each is whole
   */
  async rewrite(
    change: (record: Record<string, unknown>) => object | null,
    words: readonly string[],
  ): Promise<void> {
    await this.#rewriting.runExclusive(async () => {
      while (this.#running !== null) await this.#running;
      const last = this.#number;
      await this.#closeFile();
      try {
        const own = (await this.#files.numbers()).filter((number) => number <= last);
        const ends = new Map(await voidedEnds(this.#files, own));
        for (const { file, fromByte } of this.#voids) ends.set(file, fromByte);
        for (const number of own) await rewriteFile(this.#files, number, ends.get(number), change, words);
      } catch (cause) {
        throw unavailable(NOT_WRITTEN, cause);
      }
    });
  }

  async #forget(isObsolete: (newest: Record<string, unknown>) => boolean): Promise<void> {
    for (const number of await this.#files.numbers()) {
      if (number >= this.#number) return;
      let newest: Record<string, unknown> | null = null;
      for await (const { text } of this.#files.lines(number)) newest = readLine(text) ?? newest;
      if (newest !== null && !isObsolete(newest)) return;
      await this.#files.remove(number);
    }
  }

  /** Flushes what was appended before, and closes the file. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
    await this.#closeFile();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      const error = await this.#flush(Buffer.from(batch.map(({ text }) => text).join('')));
      for (const { done } of batch) done(error);
    }
    this.#running = null;
  }

  /** @returns null, or the error */
  async #flush(bytes: Buffer): Promise<unknown> {
    try {
      const file = await this.#writableFile();
      const voids = Buffer.from(this.#voids.map(writeLine).join(''));
      // Not FileHandle.write, which may write less than it is given.
      await file.writeFile(Buffer.concat([voids, bytes]));
      await file.datasync();
      this.#sizeBytes += voids.length + bytes.length;
      this.#voids = [];
      if (this.#fault !== null) {
        this.#logger.info({ folder: this.#files.folder }, 'the roll-call log can be written again');
      }
      this.#fault = null;
      return null;
    } catch (error) {
      const reason = describeError(error);
      const fault = `the roll-call log cannot be written: ${reason}`;
      if (this.#fault === null) this.#logger.error({ folder: this.#files.folder, error: reason }, fault);
      this.#fault = fault;
      await this.#discardFailedWrite();
      return error;
    }
  }

  /**
   * Cuts off what a failed flush may have left, or has the next file declare it void. Its students were told to send again, and
   * after a restart those answers must not be refused because of what was left.
   */
  async #discardFailedWrite(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    try {
      await file.truncate(this.#sizeBytes);
      await file.datasync();
    } catch {
      this.#voids = [...this.#voids, voidRecord(this.#number, this.#sizeBytes)];
    }
    await this.#closeFile();
  }

  async #writableFile(): Promise<FileHandle> {
    if (this.#file !== null && this.#sizeBytes < this.#fileBytes) return this.#file;
    await this.#closeFile();
    const { number, file } = await this.#files.create(this.#number);
    this.#number = number;
    this.#file = file;
    this.#sizeBytes = 0;
    return file;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => {});
  }
}
