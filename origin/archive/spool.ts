import { mkdir, opendir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeError } from '../../shared/errors.ts';
import { ArchiveError } from './archive-error.ts';
import type { StoredSegment } from '../packager/recording/stored-segment.ts';

/** Something that waits on the local disk for its place in the store. */
export type Spooled =
  | { readonly kind: 'segment'; readonly channel: string; readonly segment: StoredSegment }
  | { readonly kind: 'init'; readonly channel: string; readonly rendition: string; readonly hash: string };

const SEGMENT = /^(\d{1,15})-(\d{1,16})-(\d{1,10})-(\d{1,7})-(\d{1,6})-(\d{1,10})\.m4s$/;
const INIT_FILE = 'init.mp4';
const NAME = /^[a-z0-9-]{1,64}$/;
const HASH = /^[0-9a-f]{12}$/;
const MAX_FOLDERS = 10_000;
/** No name of ours ends so: what a killed process left half-written. */
const HALF = '.half';

/**
 * The local disk between a closed segment and the store. It is the archive's queue: what is in it survives kill -9 and is
 * found again at the next start, with all that the index has to say of it in the file's name.
 *
 * Not flushed to the disk's own platter: against loss of power stand the store, and uplinks that send the last 30 s again.
 */
export class Spool {
  readonly #folder: string;
  readonly #folders = new Set<string>();
  #sizeBytes = 0;

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
      await mkdir(folder, { recursive: true });
    } catch (cause) {
      throw new ArchiveError(`spool folder ${folder} cannot be made`, { code: 'bad-data-dir', cause });
    }
    return new Spool(folder);
  }

  /** What is in it, in bytes: what {@link recover} found, and what was written and not removed since. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * What an earlier process left, oldest segments first and init segments before all of them. Half-written files and
   * files of other names are removed.
   *
   * @throws {ArchiveError} `bad-data-dir` when the folder cannot be read
   */
  async recover(): Promise<Spooled[]> {
    const found: Spooled[] = [];
    try {
      for await (const path of filesBelow(this.#folder, [])) {
        const spooled = readPath(path);
        if (spooled === null) {
          await rm(join(this.#folder, ...path), { force: true });
          continue;
        }
        found.push(spooled);
        this.#sizeBytes += spooled.kind === 'segment' ? spooled.segment.sizeBytes : 0;
      }
    } catch (cause) {
      throw new ArchiveError(`spool folder ${this.#folder} cannot be read`, { code: 'bad-data-dir', cause });
    }
    return found.toSorted((a, b) => orderOf(a) - orderOf(b));
  }

  /**
   * Writes one; it is there whole or not at all.
   *
   * @throws {ArchiveError} `spool-failed`: the disk is full, or gone
   */
  async write(spooled: Spooled, bytes: Buffer): Promise<void> {
    const path = this.#path(spooled);
    try {
      await this.#makeFolder(dirname(path));
      await writeFile(`${path}${HALF}`, bytes);
      await rename(`${path}${HALF}`, path);
    } catch (cause) {
      this.#folders.clear();
      await rm(`${path}${HALF}`, { force: true }).catch(() => {});
      throw new ArchiveError(`${path} cannot be written: ${describeError(cause)}`, {
        code: 'spool-failed',
        cause,
      });
    }
    this.#sizeBytes += spooled.kind === 'segment' ? spooled.segment.sizeBytes : 0;
  }

  /**
   * Its bytes; null when it is not there any more.
   *
   * @throws {ArchiveError} `spool-failed`: it may be there, and cannot be read now
   */
  async read(spooled: Spooled): Promise<Buffer | null> {
    const path = this.#path(spooled);
    try {
      return await readFile(path);
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
      throw new ArchiveError(`${path} cannot be read: ${describeError(cause)}`, {
        code: 'spool-failed',
        cause,
      });
    }
  }

  /** Removes one that is in the store. */
  async remove(spooled: Spooled): Promise<void> {
    await rm(this.#path(spooled), { force: true });
    this.#sizeBytes -= spooled.kind === 'segment' ? spooled.segment.sizeBytes : 0;
  }

  /** Folders are few and stay: each is made once. */
  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await mkdir(folder, { recursive: true });
    if (this.#folders.size >= MAX_FOLDERS) this.#folders.clear();
    this.#folders.add(folder);
  }

  #path(spooled: Spooled): string {
    if (spooled.kind === 'init') {
      return join(this.#folder, spooled.channel, spooled.rendition, spooled.hash, INIT_FILE);
    }
    const { channel, segment } = spooled;
    const { rendition, initHash, number, startTicks, durationTicks, timescaleHz, frames, sizeBytes } =
      segment;
    const name = [number, startTicks, durationTicks, timescaleHz, frames, sizeBytes].join('-');
    return join(this.#folder, channel, rendition, initHash, `${name}.m4s`);
  }
}

/** Why a spooled file cannot be put; null where it can. After a loss of power files may be there without their bytes. */
export function faultOf(spooled: Spooled, bytes: Buffer | null): string | null {
  if (bytes === null) return 'its spool file is gone';
  if (spooled.kind === 'init') return bytes.length > 0 ? null : 'its spool file is empty';
  const { sizeBytes } = spooled.segment;
  return bytes.length === sizeBytes ? null : `its spool file has ${bytes.length} bytes of ${sizeBytes}`;
}

async function* filesBelow(
  folder: string,
  at: readonly string[],
): AsyncGenerator<readonly string[], void, undefined> {
  for await (const entry of await opendir(join(folder, ...at))) {
    const path = [...at, entry.name];
    if (entry.isDirectory()) yield* filesBelow(folder, path);
    else yield path;
  }
}

function readPath(path: readonly string[]): Spooled | null {
  const [channel = '', rendition = '', initHash = '', file = ''] = path;
  if (path.length !== 4 || !NAME.test(channel) || !NAME.test(rendition) || !HASH.test(initHash)) return null;
  if (file === INIT_FILE) return { kind: 'init', channel, rendition, hash: initHash };
  const match = SEGMENT.exec(file);
  if (match === null) return null;
  const [number = 0, startTicks = 0, durationTicks = 0, timescaleHz = 0, frames = 0, sizeBytes = 0] = match
    .slice(1)
    .map(Number);
  const segment = { rendition, number, startTicks, durationTicks, timescaleHz, frames, initHash, sizeBytes };
  return { kind: 'segment', channel, segment };
}

function orderOf(spooled: Spooled): number {
  return spooled.kind === 'init' ? 0 : spooled.segment.startTicks / spooled.segment.timescaleHz;
}
