import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../shared/durable-file.ts';
import { AppError, describeError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';

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
};

/** One small file for each channel, such as its log of runs or its marks, that survives a restart. */
export class SnapshotFolder<T> {
  readonly #folder: string;
  readonly #options: SnapshotFolderOptions<T>;
  /** The write in progress, by channel; the newest snapshot waits for it. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #pending = new Map<string, T>();

  private constructor(options: SnapshotFolderOptions<T>) {
    this.#folder = join(options.dataDir, options.name);
    this.#options = options;
  }

  /**
   * Opens the folder, and creates it when it does not exist.
   *
   * @throws {SnapshotError} `bad-data-dir`
   */
  static async open<T>(options: SnapshotFolderOptions<T>): Promise<SnapshotFolder<T>> {
    const folder = new SnapshotFolder(options);
    try {
      await mkdir(folder.#folder, { recursive: true });
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
    if (!this.#writing.has(channel)) this.#writing.set(channel, this.#write(channel));
  }

  /** Resolves when all snapshots are on disk. */
  async flush(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  async #write(channel: string): Promise<void> {
    for (;;) {
      const snapshot = this.#pending.get(channel);
      if (snapshot === undefined) break;
      this.#pending.delete(channel);
      const path = this.#path(channel);
      try {
        await replaceFile(path, JSON.stringify(snapshot));
      } catch (error) {
        const { logger, name } = this.#options;
        logger.error({ channel, error: describeError(error) }, `${name} of ${channel} cannot be written`);
      }
    }
    this.#writing.delete(channel);
  }

  #path(channel: string): string {
    return join(this.#folder, fileOf(channel));
  }
}

function fileOf(channel: string): string {
  return `${channel}.json`;
}
