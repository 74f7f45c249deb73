import { AppError } from './errors.ts';

/** An object as a store lists it. */
export type StoredObject = {
  /** See {@link isKey}. */
  readonly key: string;
  readonly sizeBytes: number;
};

/** An object in a listing. */
export type ListedObject = StoredObject & {
  /** Another one whenever the object has been put with other bytes: tells, without a read, whether it is as it was. */
  readonly version: string;
};

/**
 * Keeps what was on air: bytes under keys, as an S3 server does, and no more than that.
 *
 * Every operation ends in bounded time: a store that stands still gives `store-unavailable`. Nothing is tried twice in here;
 * that is for the caller, who knows what can wait. A key or range that cannot be is refused before anything is touched.
 *
 * Callers keep objects and folders apart: beside `a/b` there is no `a/b/c`. What is a file or folder somewhere refuses the
 * second with `key-conflict` and leaves the first as it is; MinIO takes both, and lists one of them.
 *
 * One contract test covers every implementation (test/origin/store/object-store.contract.ts).
 */
export type ObjectStore = {
  /**
   * Puts a whole object in place of whatever was there; it is there whole or not at all. Resolves when it is durable.
   *
   * @param body not to be changed until then
   * @throws {StoreError} `bad-key` (500), `key-conflict` (500), `no-such-bucket` (500), `store-denied` (500),
   *   `store-full` (507), `store-unavailable` (503)
   */
  put(key: string, body: Buffer): Promise<void>;
  /**
   * Gives the bytes of an object, which are the caller's own.
   *
   * @throws {StoreError} `no-such-object` (404), `bad-key` (500), `store-denied` (500), `store-unavailable` (503)
   */
  get(key: string): Promise<Buffer>;
  /**
   * Gives some bytes of an object; fewer where it ends before `toByte`.
   *
   * @param fromByte 0 or more; within the object
   * @param toByte inclusive; not before `fromByte`
   * @throws {StoreError} `bad-range` (416) where no byte of the object is in the range, and what `get` throws
   */
  getRange(key: string, fromByte: number, toByte: number): Promise<Buffer>;
  /**
   * Tells how large an object is.
   *
   * @returns null where there is none
   * @throws {StoreError} `bad-key` (500), `store-denied` (500), `store-unavailable` (503)
   */
  stat(key: string): Promise<StoredObject | null>;
  /**
   * Lists objects whose key begins with a prefix, in the order of their keys (bytewise), page by page. What is put or deleted
   * meanwhile may be in it or not.
   *
   * @param prefix '' for all; need not end at a '/'
   * @param options.after leaves out this key and all before it; need not be there
   * @throws {StoreError} `bad-key` (500), `store-denied` (500), `store-unavailable` (503), when it is iterated
   */
  list(prefix: string, options?: { readonly after?: string }): AsyncIterable<ListedObject>;
  /**
   * Deletes objects; those that are not there are no error. After a power failure some may be there again.
   *
   * @param keys any number
   * @throws {StoreError} `bad-key` (500), `store-denied` (500), `store-unavailable` (503); some may be deleted then
   */
  delete(keys: readonly string[]): Promise<void>;
  /** Lets go of connections. What is under way may fail, and what comes after it fails: `store-unavailable`. */
  close(): Promise<void>;
};

/** An object store could not do what it was asked. The message names operation, key and place, and no secret. */
export class StoreError extends AppError {}

/**
 * Gives the bytes of an object that may well not be there.
 *
 * @returns null where there is none
 * @throws {StoreError} what `get` throws, but for `no-such-object`
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
/** Longest segment of a key: a file system takes 255 bytes as one name. */
export const MAX_KEY_SEGMENT_LENGTH = 200;

const SEGMENT = /^[a-z0-9][a-z0-9._-]*$/;

/**
 * Tells whether a text is a key: segments of `[a-z0-9][a-z0-9._-]*` with '/' between them, 200 characters each and 512 in all,
 * with no `..`. So it is safe as a path below any folder and in any URL, and no name that begins with a '.' is ever one.
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
 * @throws {StoreError} `bad-key` (500): keys are made by us, so a bad one is our fault
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
 * Checks what keys may begin with: '', a key, or a key and a '/'.
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

/** The error for a range that no byte of an object is in. */
export function badRange(key: string, fromByte: number, toByte: number, reason: string): StoreError {
  return new StoreError(`object ${key}: bytes ${fromByte} to ${toByte}: ${reason}`, {
    code: 'bad-range',
    status: 416,
  });
}
