import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { LedgerError, unavailable } from '../ledger.ts';
import { readLine, writeLine } from './log-line.ts';

/** What a log is opened with. */
export type AppendLogOptions = {
  readonly folder: string;
  /** A file that has grown beyond this is followed by a new one, bytes. */
  readonly fileBytes?: number;
  /** Opens a file; a test has disks that fail. */
  readonly openFile?: typeof open;
  readonly logger: Logger;
};

/** What reading a log at the start came to. */
export type LogReading = {
  readonly records: number;
  readonly files: number;
  /** Last lines that a kill has torn: what was in them was never acknowledged. */
  readonly torn: number;
  /** Lines in the middle whose sum is wrong: the disk, or somebody, has changed them. */
  readonly damaged: number;
};

/** What lies in a file from a byte on does not count. */
type VoidRecord = { readonly t: typeof VOID; readonly file: number; readonly fromByte: number };
const VOID = 'void';

type Waiting = { readonly text: string; readonly done: (error: unknown) => void };

/** What is said of a log that takes nothing. */
export const NOT_WRITTEN = 'the roll-call log cannot be written; the log says why';

const FILE_BYTES = 64 * 1024 * 1024;
const FILE_NAME = /^(\d{15})\.log$/;

/**
 * A log on the local disk: what `append` resolved for is there after any kill and any loss of power.
 *
 * Appends that come while the disk is flushing wait, and go out together with one flush: the more there are at once, the less
 * each costs. A file is never written to by two processes, nor after a write to it has failed: what the system has of such a
 * file is not known, and a second fdatasync(2) may say that all is well when it is not.
 */
export class AppendLog {
  readonly #folder: string;
  readonly #fileBytes: number;
  readonly #logger: Logger;
  readonly #open: typeof open;
  #file: FileHandle | null = null;
  #sizeBytes = 0;
  /** Number of the newest file. */
  #number = 0;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  #closed = false;
  #fault: string | null = null;
  /** What could not be taken back; the next file begins with it. */
  #voids: readonly VoidRecord[] = [];

  constructor(options: AppendLogOptions) {
    this.#folder = options.folder;
    this.#fileBytes = options.fileBytes ?? FILE_BYTES;
    this.#logger = options.logger;
    this.#open = options.openFile ?? open;
  }

  /** What is wrong with the disk, in words; null while appends succeed. */
  get fault(): string | null {
    return this.#fault;
  }

  /**
   * Reads all that is there, oldest first. To be called once, before the first append.
   *
   * @param onRecord gets each record
   * @throws {LedgerError} `bad-data-dir` when the folder cannot be made or read
   */
  async read(onRecord: (record: Record<string, unknown>) => void): Promise<LogReading> {
    let [records, torn, damaged] = [0, 0, 0];
    try {
      await mkdir(this.#folder, { recursive: true });
      const numbers = await this.#numbers();
      for (const number of numbers) await this.#sync(number);
      const endOf = await this.#voidsOf(numbers);
      for (const number of numbers) {
        const path = this.#path(number);
        for await (const { line, isWhole, offset } of linesOf(path)) {
          if (offset >= (endOf.get(number) ?? Number.POSITIVE_INFINITY)) break;
          const record = readLine(line);
          if (record?.['t'] === VOID) continue;
          if (record !== null && isWhole) {
            onRecord(record);
            records++;
          } else if (isWhole) {
            damaged++;
            this.#logger.error({ path, offset }, `${path} at byte ${offset}: the line is damaged; left out`);
          } else {
            torn++;
            this.#logger.warn(
              { path, offset, bytes: Buffer.byteLength(line) },
              `${path} at byte ${offset}: the last line is torn; dropped. Nobody was told that it counts`,
            );
          }
        }
      }
      this.#number = numbers.at(-1) ?? 0;
      return { records, files: numbers.length, torn, damaged };
    } catch (cause) {
      throw new LedgerError(`roll-call log ${this.#folder} cannot be read`, { code: 'bad-data-dir', cause });
    }
  }

  /**
   * Appends records; they are on the disk when this resolves.
   *
   * @throws {LedgerError} `ledger-unavailable` (503): whether they are there is not known
   */
  async append(records: readonly object[]): Promise<void> {
    const text = records.map(writeLine).join('');
    const error = await new Promise<unknown>((done) => {
      // What was given before that is still flushed.
      if (this.#closed) {
        this.#fault = 'the roll-call log cannot be written: it is closed';
        done(new Error('the log is closed'));
        return;
      }
      this.#waiting.push({ text, done });
      this.#running ??= this.#run();
    });
    if (error === null) return;
    throw unavailable(NOT_WRITTEN, error);
  }

  /**
   * Deletes the oldest files, as long as nothing in them is wanted any more.
   *
   * @param isOver tells of a file, by its newest record, whether nothing in it is wanted any more
   */
  async forget(isOver: (newest: Record<string, unknown>) => boolean): Promise<void> {
    for (const number of await this.#numbers()) {
      if (number >= this.#number) return;
      let newest: Record<string, unknown> | null = null;
      for await (const { line } of linesOf(this.#path(number))) newest = readLine(line) ?? newest;
      if (newest !== null && !isOver(newest)) return;
      await unlink(this.#path(number));
    }
  }

  /** Flushes what was given to it and closes its file. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await this.#letGo();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const error = await this.#flush(Buffer.from(batch.map(({ text }) => text).join('')));
      for (const { done } of batch) done(error);
    }
    this.#running = null;
  }

  async #flush(bytes: Buffer): Promise<unknown> {
    try {
      const file = await this.#fileFor();
      const voids = Buffer.from(this.#voids.map(writeLine).join(''));
      // FileHandle.write may write less than it was given; writeFile goes on until all is written.
      await file.writeFile(Buffer.concat([voids, bytes]));
      await file.datasync();
      this.#sizeBytes += voids.length + bytes.length;
      this.#voids = [];
      if (this.#fault !== null)
        this.#logger.info({ folder: this.#folder }, 'the roll-call log is written again');
      this.#fault = null;
      return null;
    } catch (error) {
      const reason = describeError(error);
      if (this.#fault === null) {
        this.#logger.error(
          { folder: this.#folder, error: reason },
          `the roll-call log cannot be written: ${reason}`,
        );
      }
      this.#fault = `the roll-call log cannot be written: ${reason}`;
      await this.#takeBack();
      return error;
    }
  }

  /**
   * Takes back what a flush that failed has left: those who sent it were told that it is not known to be there, and what they
   * send instead must not find it in its way after a restart.
   */
  async #takeBack(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    try {
      await file.truncate(this.#sizeBytes);
      await file.datasync();
    } catch {
      this.#voids = [...this.#voids, { t: VOID, file: this.#number, fromByte: this.#sizeBytes }];
    }
    await this.#letGo();
  }

  async #fileFor(): Promise<FileHandle> {
    if (this.#file !== null && this.#sizeBytes < this.#fileBytes) return this.#file;
    await this.#letGo();
    // 'ax': another process that uses this folder gets a number of its own.
    for (;;) {
      this.#number++;
      try {
        this.#file = await this.#open(this.#path(this.#number), 'ax', 0o600);
        break;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
    }
    this.#sizeBytes = 0;
    // The name of a new file is durable only with its folder.
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    return this.#file;
  }

  async #letGo(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => {});
  }

  /** What a kill has left is with the system, and may not be on the disk yet: a retry of it is acknowledged by what is read. */
  async #sync(number: number): Promise<void> {
    const file = await this.#open(this.#path(number), 'r+');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** Where files end that hold what does not count, bytes, by number: the one after each begins with that. */
  async #voidsOf(numbers: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const endOf = new Map<number, number>();
    for (const number of numbers) {
      for await (const { line } of linesOf(this.#path(number))) {
        const { t, file, fromByte } = readLine(line) ?? {};
        if (t !== VOID || typeof file !== 'number' || typeof fromByte !== 'number') break;
        endOf.set(file, fromByte);
      }
    }
    return endOf;
  }

  async #numbers(): Promise<number[]> {
    const names = await readdir(this.#folder);
    return names
      .flatMap((name) => FILE_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  #path(number: number): string {
    return join(this.#folder, `${String(number).padStart(15, '0')}.log`);
  }
}

/** The lines of a file, with the byte at which each begins; the last one is not whole when it has no line feed. */
async function* linesOf(
  path: string,
): AsyncIterable<{ readonly line: string; readonly isWhole: boolean; readonly offset: number }> {
  let rest: Buffer[] = [];
  let offset = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    let bytes: Buffer = chunk;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
      const line = Buffer.concat([...rest, bytes.subarray(0, end)]);
      rest = [];
      yield { line: line.toString('utf8'), isWhole: true, offset };
      offset += line.length + 1;
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > 0) rest.push(bytes);
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield { line: last.toString('utf8'), isWhole: false, offset };
}
