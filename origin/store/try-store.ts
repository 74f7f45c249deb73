import { isDeepStrictEqual } from 'node:util';
import { type ObjectStore, StoreError } from '../../shared/object-store.ts';
import { PART_BYTES } from './s3-upload.ts';

/** One thing that was tried with a store. */
export type Trial = {
  /** `read back`, `list`. */
  readonly name: string;
  /** What an access key of S3 needs for it. */
  readonly right: string;
  /** null where it works. */
  readonly error: Error | null;
};

type Step = Omit<Trial, 'error'> & { readonly run: () => Promise<void> };

/** More than one page of a listing that is opened with pages of two. */
const OBJECTS = 5;

/**
 * Tries a store as the archive uses it: writes, reads, lists and deletes objects in a folder of its own, which it leaves empty.
 *
 * @param folder a key that no object begins with
 * @returns each trial as it ends; none after a write that failed, since all others need it
 */
export async function* tryStore(store: ObjectStore, folder: string): AsyncGenerator<Trial, void, undefined> {
  const keys = Array.from({ length: OBJECTS }, (_, at) => `${folder}/${at}`);
  const large = `${folder}/large`;
  try {
    for (const { name, right, run } of stepsOf(store, folder, keys, large)) {
      let error: Error | null = null;
      try {
        await run();
      } catch (thrown) {
        error = thrown instanceof Error ? thrown : new Error(String(thrown));
      }
      yield { name, right, error };
      if (error !== null && name === 'write') return;
    }
  } finally {
    // Where deleting fails, the trial has said so.
    await store.delete([...keys, large]).catch(() => {});
  }
}

function stepsOf(store: ObjectStore, folder: string, keys: readonly string[], large: string): Step[] {
  const bodies = new Map(keys.map((key) => [key, Buffer.from(`${key}: written to try the store\n`)]));
  const [first = '', , third = ''] = keys;
  const body = bodies.get(first) ?? Buffer.alloc(0);
  const listed = async (after?: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of store.list(`${folder}/`, after === undefined ? {} : { after }))
      found.push(key);
    return found;
  };
  return [
    {
      ...{ name: 'write', right: 's3:PutObject' },
      run: async () => {
        await store.put(first, Buffer.from('older'));
        for (const [key, bytes] of bodies) await store.put(key, bytes);
      },
    },
    {
      ...{ name: 'read back', right: 's3:GetObject' },
      run: async () => {
        for (const [key, bytes] of bodies) want(key, await store.get(key), bytes);
      },
    },
    {
      ...{ name: 'read a range', right: 's3:GetObject' },
      run: async () => {
        want(`bytes 3 to 9 of ${first}`, await store.getRange(first, 3, 9), body.subarray(3, 10));
        await wantError(store.getRange(first, body.length, body.length + 9), 'bad-range');
      },
    },
    {
      ...{ name: 'see what is not there', right: 's3:ListBucket' },
      run: async () => {
        want(`the size of ${first}`, (await store.stat(first))?.sizeBytes, body.length);
        want(`the size of ${folder}/none`, await store.stat(`${folder}/none`), null);
        await wantError(store.get(`${folder}/none`), 'no-such-object');
      },
    },
    {
      ...{ name: 'list, page by page', right: 's3:ListBucket' },
      run: async () => {
        want(`the list of ${folder}/`, await listed(), keys);
        want(`the list of ${folder}/ after ${third}`, await listed(third), keys.slice(3));
      },
    },
    {
      ...{ name: 'write a large object, in parts', right: 's3:PutObject and s3:AbortMultipartUpload' },
      run: async () => {
        const bytes = Buffer.alloc(PART_BYTES + 10, body);
        await store.put(large, bytes);
        const [from, to] = [PART_BYTES - 10, PART_BYTES + 9];
        want(`bytes of ${large}`, await store.getRange(large, from, to), bytes.subarray(from));
      },
    },
    {
      ...{ name: 'delete', right: 's3:DeleteObject' },
      run: async () => {
        // One that does not exist is no error.
        await store.delete([...keys, large, `${folder}/none`]);
        want(`the list of ${folder}/ after all of it was deleted`, await listed(), []);
      },
    },
  ];
}

/** @throws {StoreError} `store-check-failed` unless a store gave what it has to */
function want(what: string, got: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(got, wanted)) return;
  throw wrong(`${what}: the store gave ${shown(got)}, want ${shown(wanted)}`);
}

async function wantError(request: Promise<unknown>, code: string): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (error instanceof StoreError && error.code === code) return;
    throw error;
  }
  throw wrong(`the store gave bytes where it has to answer ${code}`);
}

function shown(value: unknown): string {
  if (Buffer.isBuffer(value))
    return `${value.length} bytes ${JSON.stringify(value.toString('latin1', 0, 40))}`;
  return JSON.stringify(value) ?? 'nothing';
}

function wrong(message: string): StoreError {
  return new StoreError(message, { code: 'store-check-failed' });
}
