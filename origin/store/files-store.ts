import { Semaphore } from 'async-mutex';
import { open, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  badRange,
  checkKey,
  checkPrefix,
  checkRange,
  type ListedObject,
  type ObjectStore,
  PartialListError,
  StoreError,
  type StoredObject,
} from '../../shared/object-store.ts';
import { makeFolder, replaceFile } from '../../shared/durable-file.ts';
import { isAbsence, isDiskFull, systemCode } from '../../shared/system-error.ts';
import { deleteLeftDrafts, draftName } from './drafts.ts';
import { readBytes } from './read-bytes.ts';
import { removeEmptyFolders } from './remove-empty-folders.ts';
import { withoutStalling } from './stall.ts';
import { walkFolder } from './walk-folder.ts';

/** Folder of incomplete objects; no key begins with '.', so nothing in it is ever an object. */
const DRAFTS = '.writing';
/** An operation without progress for this time fails. A disk that is writing back may be busy for long. Milliseconds. */
const STALL_MS = 30_000;
/** Attempts of a put, since another process may delete the empty folder or the draft of it meanwhile. */
const PUT_TRIES = 10;
/**
 * Reads at once: half of libuv's threads, so that a spool that syncs, or a ledger, never waits behind all viewers of recordings.
 */
const READS_AT_ONCE = Math.max(1, Math.floor(Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) / 2) || 2);
/** Folders that one listing may leave out because they cannot be read: with more of them the disk is at fault. */
const MAX_UNREADABLE = 1000;
/** Concurrent deletions of files. */
const DELETE_FILES = 64;

/**
 * Objects as files below one folder, by their keys: the tree is the same as in a bucket, and can be copied from one to the
 * other.
 *
 * An object is written as a draft, synced, and renamed, so that neither a reader nor a crash ever sees an incomplete one.
 * Several processes may use one folder.
 */
export class FilesStore implements ObjectStore {
  readonly #root: string;
  readonly #stallMs: number;
  readonly #reads = new Semaphore(READS_AT_ONCE);
  #closed = false;

  private constructor(root: string, stallMs: number) {
    this.#root = root;
    this.#stallMs = stallMs;
  }

  /**
   * Opens the store: creates its folder, checks that it is writable, and deletes the drafts that a crash has left.
   *
   * @param root absolute path
   * @param stallMs longest time without progress on the disk, milliseconds
   * @throws {StoreError} `bad-data-dir` (500)
   */
  static async open(root: string, stallMs = STALL_MS): Promise<FilesStore> {
    const drafts = join(root, DRAFTS);
    try {
      await withoutStalling(stallMs, async (progress) => {
        await makeFolder(drafts);
        await deleteLeftDrafts(drafts, progress);
        await tryToWrite(join(drafts, draftName()));
      });
    } catch (cause) {
      throw new StoreError(`store folder ${root} cannot be used`, { code: 'bad-data-dir', cause });
    }
    return new FilesStore(root, stallMs);
  }

  async put(key: string, body: Buffer): Promise<void> {
    checkKey(key);
    const path = join(this.#root, key);
    await this.#run('put', key, async (progress, signal) => {
      for (let left = PUT_TRIES; ; left -= 1) {
        const draft = join(this.#root, DRAFTS, draftName());
        try {
          // With the signal: an abandoned put must not replace a newer object.
          await replaceFile(path, body, { draft, makeFolder: true, progress, signal });
          return;
        } catch (error) {
          if (left === 0 || systemCode(error) !== 'ENOENT') throw error;
        }
      }
    });
  }

  async get(key: string): Promise<Buffer> {
    checkKey(key);
    return this.#read('get', key, (sizeBytes) => [0, sizeBytes]);
  }

  async getRange(key: string, fromByte: number, toByte: number): Promise<Buffer> {
    checkKey(key);
    checkRange(key, fromByte, toByte);
    return this.#read('get', key, (sizeBytes) => {
      if (fromByte >= sizeBytes) throw badRange(key, fromByte, toByte, `the object has ${sizeBytes} bytes`);
      return [fromByte, Math.min(toByte + 1, sizeBytes)];
    });
  }

  async stat(key: string): Promise<StoredObject | null> {
    checkKey(key);
    return this.#run('stat', key, async () => {
      try {
        const status = await stat(join(this.#root, key));
        return status.isFile() ? { key, sizeBytes: status.size } : null;
      } catch (error) {
        if (isAbsence(error)) return null;
        throw error;
      }
    });
  }

  async *list(prefix: string, options: { readonly after?: string } = {}): AsyncGenerator<ListedObject> {
    const { after = '' } = options;
    checkPrefix(prefix);
    checkPrefix(after);
    const unreadable: { readonly prefix: string; readonly error: unknown }[] = [];
    const walk = walkFolder(this.#root, prefix, after, (at, error) => {
      if (unreadable.length < MAX_UNREADABLE) unreadable.push({ prefix: at, error });
      else throw error;
    });
    for (;;) {
      const next = await this.#run('list', prefix, () => walk.next());
      if (next.done === true) break;
      yield* next.value;
    }
    const [first] = unreadable;
    if (first === undefined) return;
    const prefixes = unreadable.map((one) => one.prefix);
    throw new PartialListError(this.#place('list', prefix), prefixes, first.error);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key);
    const refusals: unknown[] = [];
    for (let at = 0; at < keys.length; at += DELETE_FILES) {
      const some = keys.slice(at, at + DELETE_FILES);
      const deleted = await Promise.allSettled(
        some.map((key) => this.#run('delete', key, () => deleteFile(join(this.#root, key)))),
      );
      for (const result of deleted) if (result.status === 'rejected') refusals.push(result.reason);
      // Where nothing can be deleted, the rest is not tried: a disk that hangs would hang for each.
      if (deleted.every(({ status }) => status === 'rejected')) break;
      const folders = new Set(some.map((key) => dirname(join(this.#root, key))));
      for (const folder of folders) {
        await this.#run('delete', some[0] ?? '', () => removeEmptyFolders(folder, this.#root));
      }
    }
    if (refusals.length > 0) throw refusals[0];
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async #read(
    operation: string,
    key: string,
    choose: (sizeBytes: number) => readonly [number, number],
  ): Promise<Buffer> {
    const bytes = await this.#reads.runExclusive(() =>
      this.#run(operation, key, (progress) => readBytes(join(this.#root, key), choose, progress)),
    );
    if (bytes !== null) return bytes;
    throw new StoreError(`${this.#place(operation, key)}: there is no such object`, {
      code: 'no-such-object',
      status: 404,
    });
  }

  async #run<T>(
    operation: string,
    key: string,
    work: (progress: () => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const place = this.#place(operation, key);
    if (this.#closed) {
      throw new StoreError(`${place}: the store is closed`, { code: 'store-unavailable', status: 503 });
    }
    try {
      return await withoutStalling(this.#stallMs, work);
    } catch (error) {
      throw error instanceof StoreError ? error : fromSystem(place, error);
    }
  }

  #place(operation: string, key: string): string {
    return `store ${this.#root}: ${operation} ${key}`;
  }
}

async function tryToWrite(path: string): Promise<void> {
  try {
    await (await open(path, 'wx')).close();
    await unlink(path);
  } catch (error) {
    // A full disk can still be read; puts report that it is full.
    if (!isDiskFull(error)) throw error;
  }
}

async function deleteFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (isAbsence(error)) return;
    // A folder is no object: EISDIR on Linux, EPERM elsewhere.
    const isFolder = await stat(path).then(
      (status) => status.isDirectory(),
      () => false,
    );
    if (!isFolder) throw error;
  }
}

function fromSystem(place: string, cause: unknown): StoreError {
  if (isDiskFull(cause)) {
    return new StoreError(`${place}: the disk is full`, { code: 'store-full', status: 507, cause });
  }
  if (['EISDIR', 'ENOTDIR', 'EEXIST'].includes(systemCode(cause))) {
    return new StoreError(`${place}: a key is the folder of another one`, { code: 'key-conflict', cause });
  }
  return new StoreError(`${place}: the folder cannot be used`, {
    code: 'store-unavailable',
    status: 503,
    cause,
  });
}
