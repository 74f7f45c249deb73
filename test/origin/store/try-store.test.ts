import assert from 'node:assert/strict';
import { type Trial, tryStore } from '../../../origin/store/try-store.ts';
import { FilesStore } from '../../../origin/store/files-store.ts';
import { type ListedObject, type ObjectStore, StoreError } from '../../../shared/object-store.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { MemoryStore } from '../support/memory-store.ts';

const FOLDER = 'check/0123';
const trialsOf = async (store: ObjectStore): Promise<Trial[]> => {
  const trials: Trial[] = [];
  for await (const trial of tryStore(store, FOLDER)) trials.push(trial);
  return trials;
};
const denied = async (): Promise<never> => {
  throw new StoreError('the access key may not do this', { code: 'store-denied' });
};
const failedOf = (trials: readonly Trial[]): string[] =>
  trials.filter(({ error }) => error !== null).map(({ name }) => name);

describe('a store that is tried', () => {
  it('works, and is left as it was: in memory and in a folder', async () => {
    const directory = makeTempDir();
    try {
      const memory = new MemoryStore();
      await memory.put('media/a', Buffer.from('x'));
      const files = await FilesStore.open(directory.path);
      await files.put('media/a', Buffer.from('x'));
      for (const store of [memory, files]) {
        const trials = await trialsOf(store);
        assert.ok(trials.length >= 6);
        assert.deepEqual(failedOf(trials), []);
        const left: string[] = [];
        for await (const { key } of store.list('')) left.push(key);
        assert.deepEqual(left, ['media/a']);
      }
    } finally {
      directory.remove();
    }
  });

  const table: readonly {
    name: string;
    broken: (store: MemoryStore) => Partial<ObjectStore>;
    failed: readonly string[];
    says: RegExp;
  }[] = [
    {
      name: 'takes nothing: nothing else is tried',
      broken: () => ({ put: denied }),
      failed: ['write'],
      says: /may not do this/,
    },
    {
      name: 'gives nothing',
      broken: () => ({ get: denied }),
      failed: ['read back', 'read a range', 'see what is not there', 'write a large object, in parts'],
      says: /may not do this/,
    },
    {
      name: 'gives an older object',
      broken: () => ({ get: async () => Buffer.from('older') }),
      failed: ['read back', 'read a range', 'see what is not there', 'write a large object, in parts'],
      says: /the store gave 5 bytes "older", want \d+ bytes "check/,
    },
    {
      name: 'gives all for a range, as a cache may',
      broken: (store) => ({ getRange: (key: string) => store.get(key) }),
      failed: ['read a range', 'write a large object, in parts'],
      says: /bytes 3 to 9 of check.*: the store gave \d+ bytes/,
    },
    {
      name: 'does not list what comes after a key',
      broken: ({ list }) => ({
        list(this: MemoryStore, prefix: string) {
          return list.call(this, prefix);
        },
      }),
      failed: ['list, page by page'],
      says: /after check\/0123\/2: the store gave \["check\/0123\/0"/,
    },
    {
      name: 'lists its first page alone',
      broken: ({ list }) => ({
        async *list(this: MemoryStore, prefix: string, options?: { readonly after?: string }) {
          let left = 2;
          for await (const object of list.call(this, prefix, options)) {
            if (left === 0) return;
            left -= 1;
            yield object satisfies ListedObject;
          }
        },
      }),
      failed: ['list, page by page'],
      says: /the list of check\/0123\/: the store gave/,
    },
    {
      name: 'deletes nothing',
      broken: () => ({ delete: denied }),
      failed: ['delete'],
      says: /may not do this/,
    },
    {
      name: 'says that it deleted, and did not',
      broken: () => ({ delete: async () => {} }),
      failed: ['delete'],
      says: /after all of it was deleted: the store gave \["check/,
    },
    {
      name: 'has every object that is asked for',
      broken: () => ({ stat: async (key: string) => ({ key, sizeBytes: 1 }) }),
      failed: ['see what is not there'],
      says: /the size of check\/0123\/0: the store gave 1/,
    },
  ];
  for (const { name, broken, failed, says } of table) {
    it(`says that it ${name}`, async () => {
      const store = new MemoryStore();
      const trials = await trialsOf(Object.assign(store, broken(store)));
      assert.deepEqual(failedOf(trials), failed);
      assert.match(trials.find(({ error }) => error !== null)?.error?.message ?? '', says);
      if (failed.includes('write')) assert.equal(trials.length, 1);
      else assert.equal(trials.length, 7);
      assert.ok(trials.every(({ right }) => right.startsWith('s3:')));
    });
  }
});
