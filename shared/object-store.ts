import { AppError } from './errors.ts';

/** An object as a store lists it. */
export type StoredObject = {
  /** See {@link isKey}. */
  readonly key: string;
  readonly sizeBytes: number;
};

/** An object in a listing. */
export type ListedObject = StoredObject & {
  /** Changes whenever the object is put with other bytes, so that a change is seen without a read. */
  readonly version: string;
};

/**
 * Stores objects: bytes under keys, as on an S3 server.
 *
 * Every operation ends in bounded time: a store that does not respond gives `store-unavailable`. The store that a role opens
 * retries reads for a moment (RetriedReads); for anything else the caller decides what is worth a retry. An invalid key or range is rejected before anything is read or written.
 *
 * A key must not be a folder of another one: beside `a/b` there is no `a/b/c`. A store of files rejects the second put with
 * `key-conflict` and leaves the first object unchanged; MinIO accepts both, and lists one of them.
 *
 * One contract test covers every implementation (test/origin/store/object-store.contract.ts).
 */
export type ObjectStore = {
  /**
   * Puts an object, and replaces an older one of the same key, atomically. Resolves when it is durable.
   *
   * @param body not to be changed until then
   * @throws {StoreError} `bad-key` (500), `key-conflict` (500), `no-such-bucket` (500), `store-denied` (500),
   *   `store-full` (507), `store-unavailable` (503)
   */
  put(key: string, body: Buffer): Promise<void>;
  /**
   * Reads an object. The bytes are owned by the caller.
   *
   * @throws {StoreError} `no-such-object` (404), `bad-key` (500), `store-denied` (500), `store-unavailable` (503)
   */
  get(key: string): Promise<Buffer>;
  /**
   * Reads a range of an object; fewer bytes when it ends before `toByte`.
   *
   * @param fromByte 0 or more; within the object
   * @param toByte inclusive; not before `fromByte`
   * @throws {StoreError} `bad-range` (416) when the object has no byte in the range, and what `get` throws
   */
  getRange(key: string, fromByte: number, toByte: number): Promise<Buffer>;
  /**
   * Returns the size of an object.
   *
   * @returns null where there is none
   * @throws {StoreError} `bad-key` (500), `store-denied` (500), `store-unavailable` (503)
   */
  stat(key: string): Promise<StoredObject | null>;
  /**
   * Lists objects whose key begins with a prefix, in the order of their keys (bytewise), page by page. Objects that are put or
   * deleted meanwhile may be listed or not.
   *
   * @param prefix '' for all; need not end at a '/'
   * @param options.after lists only keys after this one; it need not exist
   * @throws {StoreError} `bad-key` (500), `store-denied` (500), `store-unavailable` (503), when it is iterated; {@link
   *   PartialListError} at the end, when all but some folders could be listed
   */
  list(prefix: string, options?: { readonly after?: string }): AsyncIterable<ListedObject>;
  /**
   * Deletes objects; a missing object is no error. After a power failure some of them may exist again.
   *
   * @param keys any number; one that cannot be deleted does not hold up the others
   * @throws {StoreError} `bad-key` (500), `store-denied` (500), `store-unavailable` (503); some of them may have been deleted
   */
  delete(keys: readonly string[]): Promise<void>;
  /** Closes connections. Operations in progress may fail, and later ones fail with `store-unavailable`. */
  close(): Promise<void>;
};

/** An operation of an object store failed. The message has operation, key and place, and no secret. */
export class StoreError extends AppError {}

/** A listing is not complete: parts of the store cannot be read. It is thrown after everything else was listed. */
export class PartialListError extends StoreError {
  /** Prefixes of the keys that may be missing. */
  readonly prefixes: readonly string[];

  constructor(place: string, prefixes: readonly string[], cause: unknown) {
    super(`${place}: ${prefixes.join(', ')} cannot be read`, {
      code: 'store-unavailable',
      status: 503,
      cause,
    });
    this.prefixes = prefixes;
  }
}

/**
 * Reads an object that may not exist.
 *
 * @returns null where there is none
 * @throws {StoreError} what `get` throws, except `no-such-object`
 */
export async function getIfThere(store: Pick<ObjectStore, 'get'>, key: string): Promise<Buffer | null> {
  try {
    return await store.get(key);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'no-such-object') return null;
    throw error;
  }
}

/** Longest key, in characters, which are bytes. */
export const MAX_KEY_LENGTH = 512;
/** Longest segment of a key: file systems allow names of 255 bytes. */
export const MAX_KEY_SEGMENT_LENGTH = 200;

const SEGMENT = /^[a-z0-9][a-z0-9._-]*$/;

/**
 * Tells whether a text is a key: segments of `[a-z0-9][a-z0-9._-]*` with '/' between them, 200 characters each and 512 in all,
 * with no `..`. So it is safe as a path below any folder and in any URL, and a name that begins with '.' is never a key.
 */
export function isKey(text: string): boolean {
  if (text.length > MAX_KEY_LENGTH || text.includes('..')) return false;
  return text
    .split('/')
    .every((segment) => segment.length <= MAX_KEY_SEGMENT_LENGTH && SEGMENT.test(segment));
}

/**
 * Checks a key, see {@link isKey}.
 *
 * @throws {StoreError} `bad-key` (500): keys come from Lectern itself, so a bad one is a bug
 */
export function checkKey(key: string): void {
  if (isKey(key)) return;
  throw new StoreError(
    `object key ${JSON.stringify(key.slice(0, 80))}: want a-z, 0-9, '.', '_' and '-' between '/'`,
    {
      code: 'bad-key',
    },
  );
}

/**
 * Checks a prefix of keys: '', a key, or a key and a '/'.
 *
 * @throws {StoreError} `bad-key` (500)
 */
export function checkPrefix(prefix: string): void {
  if (prefix !== '') checkKey(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
}

/**
 * Checks a range of bytes, both ends inclusive.
 *
 * @throws {StoreError} `bad-range` (416) unless 0 ≤ fromByte ≤ toByte, whole numbers
 */
export function checkRange(key: string, fromByte: number, toByte: number): void {
  if (Number.isSafeInteger(fromByte) && Number.isSafeInteger(toByte) && fromByte >= 0 && toByte >= fromByte)
    return;
  throw badRange(key, fromByte, toByte, 'want whole numbers, 0 ≤ from ≤ to');
}

/** The error for an invalid range, or one without a byte of the object. */
export function badRange(key: string, fromByte: number, toByte: number, reason: string): StoreError {
  return new StoreError(`object ${key}: bytes ${fromByte} to ${toByte}: ${reason}`, {
    code: 'bad-range',
    status: 416,
  });
}
