import { z } from 'zod';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { getIfThere, type ObjectStore } from '../../shared/object-store.ts';
import { type BroadcastRecord, broadcastSchema } from './broadcast-record.ts';
import type { LibraryEntry } from './library-index.ts';

const PREFIX = 'catalogue/';
/** Lines of one object: few enough to read and write it in a few milliseconds, which live playlists have to wait. */
const LINES = 256;

const lineSchema = z.tuple([z.string().min(1).max(200), broadcastSchema]);

/** A broadcast, with the version of the object that it was read from. */
export type Remembered = { readonly version: string; readonly broadcast: BroadcastRecord };

/**
 * Many broadcasts in few objects, so that a start need not read the object of each: `catalogue/{n}.jsonl`, with a version and
 * a broadcast in each line.
 *
 * It is only a cache. A line is used only when the store lists the broadcast's own object with the same version, so lines may
 * be outdated, torn, from another origin, or missing.
 */
export class LibrarySnapshot {
  readonly #store: ObjectStore;
  readonly #logger: Logger;

  constructor(store: ObjectStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /**
   * Reads all lines that can be read, in the order in which they were written.
   *
   * @param keyOf the key of a broadcast's own object
   */
  async read(keyOf: (broadcast: BroadcastRecord) => string): Promise<Map<string, Remembered>> {
    const remembered = new Map<string, Remembered>();
    try {
      for (const key of await this.#parts()) {
        const text = (await getIfThere(this.#store, key))?.toString('utf8') ?? '';
        for (const line of text.split('\n', LINES)) {
          const read = readLine(line);
          if (read !== null) remembered.set(keyOf(read.broadcast), read);
        }
      }
    } catch (error) {
      this.#logger.warn({}, `the library's snapshot cannot be read and is not used: ${describeError(error)}`);
    }
    return remembered;
  }

  /**
   * Writes the snapshot.
   *
   * @param entries those without a version are left out
   * @throws {StoreError} what `put` throws: some objects are still the older ones then
   */
  async write(entries: readonly LibraryEntry[]): Promise<void> {
    // Entries may be added and removed meanwhile.
    const all = [...entries];
    const written = new Set<string>();
    for (let at = 0; at < all.length; at += LINES) {
      const lines = all.slice(at, at + LINES).map(({ version, broadcast }) => {
        return version === null ? '' : `${JSON.stringify([version, broadcast])}\n`;
      });
      const key = `${PREFIX}${at / LINES}.jsonl`;
      await this.#store.put(key, Buffer.from(lines.join(''), 'utf8'));
      written.add(key);
    }
    const left = (await this.#parts()).filter((key) => !written.has(key));
    if (left.length > 0) await this.#store.delete(left);
  }

  /** Entries in the order in which they are written: adding them to the library's index is fastest in its own order. */
  async #parts(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(PREFIX)) keys.push(key);
    return keys.toSorted((a, b) => numberOf(a) - numberOf(b));
  }
}

function numberOf(key: string): number {
  return Number.parseInt(key.slice(PREFIX.length), 10);
}

function readLine(line: string): Remembered | null {
  try {
    const [version, broadcast] = lineSchema.parse(JSON.parse(line));
    // No line of a deleted broadcast is ever written, and to trust one would erase media.
    return broadcast.deletedMs === undefined ? { version, broadcast } : null;
  } catch {
    return null;
  }
}
