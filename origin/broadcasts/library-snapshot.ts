import { z } from 'zod';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { getIfThere, type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { type BroadcastRecord, broadcastSchema } from './broadcast-record.ts';
import type { LibraryEntry } from './library-index.ts';

const PREFIX = 'catalogue/';
/** Lines of one object: it is written and read in a few milliseconds, since live playlists wait as long. */
const LINES = 256;

const lineSchema = z.tuple([z.string().min(1).max(200), broadcastSchema]);

/** A broadcast as its object was, when the object had this version. */
export type Remembered = { readonly version: string; readonly broadcast: BroadcastRecord };

/**
 * Many broadcasts in few objects, so that a start need not read each one's own: `catalogue/{n}.jsonl`, a version and a
 * broadcast a line.
 *
 * It says nothing of which broadcasts there are, nor of what they are now. A line is of use only while the broadcast's own
 * object is listed with that very version; so any of it may be old, torn, of two origins, or gone.
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
   * @throws {StoreError} `store-unavailable` (503)
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
      if (error instanceof StoreError && error.code === 'store-unavailable') throw error;
      this.#logger.warn({}, `the library's snapshot is done without: ${describeError(error)}`);
    }
    return remembered;
  }

  /**
   * Writes it anew.
   *
   * @param entries those without a version are left out
   * @throws {StoreError} what `put` throws: some of it is from before then
   */
  async write(entries: readonly LibraryEntry[]): Promise<void> {
    // They come and go meanwhile.
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

  /** In the order in which they are written: the shelf takes what comes in its own order most quickly. */
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
    // None is written of those that were deleted, and whoever believes one erases media.
    return broadcast.deletedMs === undefined ? { version, broadcast } : null;
  } catch {
    return null;
  }
}
