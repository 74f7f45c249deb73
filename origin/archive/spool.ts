import { mkdir, opendir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FOLDER_MODE, replaceFile } from '../../shared/durable-file.ts';
import { describeError } from '../../shared/errors.ts';
import { systemCode } from '../../shared/system-error.ts';
import { ArchiveError } from './archive-error.ts';
import { inUploadOrder, parseSpoolPath, type Spooled, spoolPath } from './spool-names.ts';

/** Folders that are known to exist; a forgotten one is made again. */
const MAX_FOLDERS = 10_000;

/**
 * The local disk between a closed segment and the store. Its files are the archive's queue: they survive kill -9, and the
 * next start reads all fields of the index from their names.
 *
 * Files are not flushed: after a power failure the store has the older ones, and uplinks send the last 30 s again.
 */
export class Spool {
  readonly #folder: string;
  readonly #folders = new Set<string>();
  #sizeBytes = 0;
  readonly #sizeByChannel = new Map<string, number>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Opens a spool, and makes its folder.
   *
   * @throws {ArchiveError} `bad-data-dir`
   */
  static async open(folder: string): Promise<Spool> {
    try {
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    } catch (cause) {
      throw new ArchiveError(`spool folder ${folder} cannot be made`, { code: 'bad-data-dir', cause });
    }
    return new Spool(folder);
  }

  /** Size of all segments in it, in bytes: those that {@link recover} found, and those written and not removed since. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Size of a channel's segments in it, in bytes. */
  sizeOf(channel: string): number {
    return this.#sizeByChannel.get(channel) ?? 0;
  }

  /** Channels with segments in it. */
  get channelCount(): number {
    return this.#sizeByChannel.size;
  }

  /**
   * Lists what an earlier process left, in the order in which it is put. Files with other names, such as incomplete
   * ones, are removed.
   *
   * @param onSkipped called with each folder below it that cannot be read, and each file that cannot be removed
   * @throws {ArchiveError} `bad-data-dir` when the spool's own folder cannot be read
   */
  async recover(onSkipped: (path: string, error: unknown) => void): Promise<Spooled[]> {
    const found: Spooled[] = [];
    try {
      for await (const path of filesBelow(this.#folder, [], onSkipped)) {
        const spooled = parseSpoolPath(path);
        if (spooled === null) {
          const stray = join(this.#folder, ...path);
          await rm(stray, { force: true }).catch((error: unknown) => onSkipped(stray, error));
          continue;
        }
        found.push(spooled);
        this.#count(spooled, sizeOf(spooled));
      }
    } catch (cause) {
      throw new ArchiveError(`spool folder ${this.#folder} cannot be read`, { code: 'bad-data-dir', cause });
    }
    return found.toSorted(inUploadOrder);
  }

  /**
   * Writes an object; after a kill it is complete, or does not exist.
   *
   * @throws {ArchiveError} `spool-failed`: the disk is full or broken
   */
  async write(spooled: Spooled, bytes: Buffer): Promise<void> {
    const path = this.#pathOf(spooled);
    try {
      await this.#makeFolder(dirname(path));
      await replaceFile(path, bytes, { flush: false });
    } catch (cause) {
      this.#folders.clear();
      throw new ArchiveError(`${path} cannot be written: ${describeError(cause)}`, {
        code: 'spool-failed',
        cause,
      });
    }
    this.#count(spooled, sizeOf(spooled));
  }

  /**
   * Reads an object; null when it is not in the spool.
   *
   * @throws {ArchiveError} `spool-failed`: it may be there, and cannot be read now
   */
  async read(spooled: Spooled): Promise<Buffer | null> {
    const path = this.#pathOf(spooled);
    try {
      return await readFile(path);
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return null;
      throw new ArchiveError(`${path} cannot be read: ${describeError(cause)}`, {
        code: 'spool-failed',
        cause,
      });
    }
  }

  /** Removes an object. */
  async remove(spooled: Spooled): Promise<void> {
    await rm(this.#pathOf(spooled), { force: true });
    this.#count(spooled, -sizeOf(spooled));
  }

  /** Folders are few and are not removed: each is created once. */
  #count({ channel }: Spooled, bytes: number): void {
    this.#sizeBytes += bytes;
    const own = this.sizeOf(channel) + bytes;
    if (own > 0) this.#sizeByChannel.set(channel, own);
    else this.#sizeByChannel.delete(channel);
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    if (this.#folders.size >= MAX_FOLDERS) this.#folders.clear();
    this.#folders.add(folder);
  }

  #pathOf(spooled: Spooled): string {
    return join(this.#folder, ...spoolPath(spooled));
  }
}

/** Init segments are few and small: they are not counted. */
function sizeOf(spooled: Spooled): number {
  return spooled.kind === 'segment' ? spooled.segment.sizeBytes : 0;
}

async function* filesBelow(
  folder: string,
  at: readonly string[],
  onSkipped: (path: string, error: unknown) => void,
): AsyncGenerator<readonly string[], void, undefined> {
  const path = join(folder, ...at);
  const entries = await opendir(path).catch((error: unknown) => {
    if (at.length === 0) throw error;
    // One folder that cannot be read holds up nothing else.
    onSkipped(path, error);
    return [];
  });
  for await (const entry of entries) {
    const below = [...at, entry.name];
    if (entry.isDirectory()) yield* filesBelow(folder, below, onSkipped);
    else yield below;
  }
}
