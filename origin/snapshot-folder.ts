import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FOLDER_MODE, makeFolder, replaceFile } from '../shared/durable-file.ts';
import { AppError, describeError } from '../shared/errors.ts';
import { type Logger, sparing } from '../shared/logger.ts';

/** The folder of snapshots cannot be used. */
export class SnapshotError extends AppError {}

/** Options of {@link SnapshotFolder.open}. */
export type SnapshotFolderOptions<T> = {
  readonly dataDir: string;
  /** Name of the folder, and of its content in log lines: `runs`. */
  readonly name: string;
  /** Checks what was read; throws when it is no snapshot. */
  readonly parse: (value: unknown) => T;
  readonly logger: Logger;
  /** Delay before the first retry of a write that failed, milliseconds; 1 s when left out. It doubles up to a minute. */
  readonly retryMs?: number;
};

const RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
const LOG_EVERY_MS = 60_000;

/**
 * One small file for each channel, such as its log of runs or its marks, that survives a restart. A write that fails is tried
 * again, each channel by itself.
 */
export class SnapshotFolder<T> {
  readonly #folder: string;
  readonly #options: SnapshotFolderOptions<T>;
  /** The write in progress, by channel; the newest snapshot waits for it. */
  readonly #writing = new Map<string, Promise<void>>();
  /** Snapshots that are not on disk. */
  readonly #pending = new Map<string, T>();
  /** Retries to come, by channel. */
  readonly #retries = new Map<string, NodeJS.Timeout>();
  /** Writes of a channel that failed in a row. */
  readonly #failures = new Map<string, number>();
  readonly #failureLog: ReturnType<typeof sparing>;

  private constructor(options: SnapshotFolderOptions<T>) {
    this.#folder = join(options.dataDir, options.name);
    this.#options = options;
    this.#failureLog = sparing(options.logger, LOG_EVERY_MS, () => performance.now());
  }

  /**
   * Opens the folder, and creates it when it does not exist.
   *
   * @throws {SnapshotError} `bad-data-dir`
   */
  static async open<T>(options: SnapshotFolderOptions<T>): Promise<SnapshotFolder<T>> {
    const folder = new SnapshotFolder(options);
    try {
      await mkdir(folder.#folder, { recursive: true, mode: FOLDER_MODE });
    } catch (cause) {
      throw new SnapshotError(`data folder ${folder.#folder} cannot be made`, {
        code: 'bad-data-dir',
        cause,
      });
    }
    return folder;
  }

  /**
   * Reads all snapshots. A file that cannot be read is logged and skipped: its channel starts without one.
   *
   * @param channels ids; safe as file names by their grammar
   */
  async load(channels: readonly string[]): Promise<Map<string, T>> {
    const { parse, logger, name } = this.#options;
    const found = new Map<string, T>();
    // Few of many thousand channels have a snapshot: one listing tells which.
    const files = await this.#files();
    for (const channel of channels) {
      if (!files.has(fileOf(channel))) continue;
      try {
        found.set(channel, parse(JSON.parse(await readFile(this.#path(channel), 'utf8'))));
      } catch (error) {
        logger.warn(
          { channel, error: describeError(error) },
          `${name} of ${channel} cannot be read; the channel starts without them`,
        );
      }
    }
    return found;
  }

  async #files(): Promise<ReadonlySet<string>> {
    try {
      return new Set(await readdir(this.#folder));
    } catch (error) {
      const { logger, name } = this.#options;
      logger.warn(
        { error: describeError(error) },
        `${name} cannot be listed; all channels start without them`,
      );
      return new Set();
    }
  }

  /** Writes the snapshot of a channel in the background; while a write is in progress, only the newest one waits. */
  save(channel: string, snapshot: T): void {
    this.#pending.set(channel, snapshot);
    if (!this.#retries.has(channel)) this.#start(channel);
  }

  /** Resolves when all snapshots are on disk, or have been tried once more. */
  async flush(): Promise<void> {
    for (const [channel, timer] of this.#retries) {
      clearTimeout(timer);
      this.#retries.delete(channel);
      this.#start(channel);
    }
    await Promise.all(this.#writing.values());
  }

  #start(channel: string): void {
    if (this.#writing.has(channel)) return;
    const writing = this.#write(channel).then((isWritten) => {
      this.#writing.delete(channel);
      if (!isWritten) this.#retryLater(channel);
    });
    this.#writing.set(channel, writing);
  }

  /** @returns false when the newest snapshot is not on disk */
  async #write(channel: string): Promise<boolean> {
    for (;;) {
      const snapshot = this.#pending.get(channel);
      if (snapshot === undefined) break;
      try {
        // Somebody may have removed the folder.
        if (this.#failures.has(channel)) await makeFolder(this.#folder);
        await replaceFile(this.#path(channel), JSON.stringify(snapshot));
      } catch (error) {
        const { name } = this.#options;
        const message = `${name} of ${channel} cannot be written; it is tried again: ${describeError(error)}`;
        this.#failureLog.error({ channel }, message);
        return false;
      }
      if (this.#pending.get(channel) === snapshot) this.#pending.delete(channel);
    }
    this.#failures.delete(channel);
    return true;
  }

  #retryLater(channel: string): void {
    const failures = (this.#failures.get(channel) ?? 0) + 1;
    this.#failures.set(channel, failures);
    const delayMs = (this.#options.retryMs ?? RETRY_MS) * 2 ** Math.min(failures - 1, 10);
    const retry = (): void => {
      this.#retries.delete(channel);
      this.#start(channel);
    };
    this.#retries.set(channel, setTimeout(retry, Math.min(LAST_RETRY_MS, delayMs)).unref());
  }

  #path(channel: string): string {
    return join(this.#folder, fileOf(channel));
  }
}

function fileOf(channel: string): string {
  return `${channel}.json`;
}
