import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, describeError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import type { RunLogSnapshot } from './packager/run-log.ts';

/** The folder that keeps runs over restarts cannot be used. */
export class RunLogError extends AppError {}

const snapshotSchema = z.strictObject({
  base: z.int().min(0),
  runs: z.array(
    z.strictObject({
      firstNumber: z.int().min(0),
      group: z.string(),
      broadcast: z.string(),
      state: z.enum(['before', 'on-air', 'interrupted', 'over', 'announcement', 'recorded']),
    }),
  ),
});

/** Keeps each channel's runs in a small file, so that discontinuities are counted on after a restart. */
export class RunLogStore {
  readonly #folder: string;
  readonly #logger: Logger;
  /** The write under way, by channel; the newest snapshot waits behind it. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #pending = new Map<string, RunLogSnapshot>();

  private constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /**
   * Opens the store, and makes its folder.
   *
   * @param dataDir the operator's data folder
   * @throws {RunLogError} `bad-data-dir`
   */
  static async open(dataDir: string, logger: Logger): Promise<RunLogStore> {
    const folder = join(dataDir, 'runs');
    try {
      await mkdir(folder, { recursive: true });
    } catch (cause) {
      throw new RunLogError(`data folder ${folder} cannot be made`, { code: 'bad-data-dir', cause });
    }
    return new RunLogStore(folder, logger);
  }

  /**
   * Reads all that is kept. A file that cannot be read is said in the log and passed over: its channel begins to count
   * anew, which players take for a restart.
   *
   * @param channels ids; safe as file names by their grammar
   */
  async load(channels: readonly string[]): Promise<Map<string, RunLogSnapshot>> {
    const found = new Map<string, RunLogSnapshot>();
    for (const channel of channels) {
      try {
        const text = await readFile(this.#path(channel), 'utf8');
        found.set(channel, snapshotSchema.parse(JSON.parse(text)));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') continue;
        this.#logger.warn(
          { channel, error: describeError(error) },
          `runs of ${channel} cannot be read; counting anew`,
        );
      }
    }
    return found;
  }

  /** Keeps a channel's runs; written in the background, the newest wins. */
  keep(channel: string, snapshot: RunLogSnapshot): void {
    this.#pending.set(channel, snapshot);
    if (!this.#writing.has(channel)) this.#writing.set(channel, this.#write(channel));
  }

  /** Resolves when all that was given is on disk. */
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
        // A rename is atomic: after a crash there is the old file or the new one, never half of one.
        await writeFile(`${path}.new`, JSON.stringify(snapshot), { flush: true });
        await rename(`${path}.new`, path);
      } catch (error) {
        this.#logger.error({ channel, error: describeError(error) }, `runs of ${channel} cannot be kept`);
      }
    }
    this.#writing.delete(channel);
  }

  #path(channel: string): string {
    return join(this.#folder, `${channel}.json`);
  }
}
