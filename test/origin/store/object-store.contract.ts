import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { ObjectStore, StoredObject } from '../../../shared/object-store.ts';

/** Larger than one part of a multipart upload, and no whole number of them. */
const LARGE_BYTES = 20_000_003;

/** Bytes that look like no others: a mix-up of two bodies, or of two parts of one, is seen. */
export function bodyOf(sizeBytes: number): Buffer {
  return randomBytes(sizeBytes);
}

/** All that a store lists. */
export async function listed(
  store: ObjectStore,
  prefix: string,
  options?: { readonly after?: string },
): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const { key, sizeBytes } of store.list(prefix, options)) found.push({ key, sizeBytes });
  return found;
}

const keysOf = (objects: readonly StoredObject[]): string[] => objects.map(({ key }) => key);

/** Keys that must be refused, by what is wrong with them. */
export const HOSTILE_KEYS: readonly { readonly name: string; readonly key: string }[] = [
  { name: 'nothing', key: '' },
  { name: 'one that goes up', key: '../x' },
  { name: 'one that goes up in the middle', key: 'a/../b' },
  { name: 'one that goes up at the end', key: 'a/..' },
  { name: 'two dots in a name', key: 'a..b' },
  { name: 'a path from the top', key: '/x' },
  { name: 'an empty segment', key: 'a//b' },
  { name: 'a slash at the end', key: 'a/' },
  { name: 'a dot', key: '.' },
  { name: 'a hidden file', key: 'a/.b' },
  { name: 'the folder of drafts', key: '.writing/x' },
  { name: 'an option of a command', key: '-rf' },
  { name: 'an escape', key: '%2e%2e' },
  { name: 'a backslash', key: 'a\\..\\b' },
  { name: 'a newline', key: 'a\nb' },
  { name: 'a newline at the end', key: 'a\n' },
  { name: 'a null byte', key: 'a\0b' },
  { name: 'a blank', key: 'a b' },
  { name: 'a capital', key: 'A' },
  { name: 'another script', key: '课' },
  { name: 'a question', key: 'a?uploads' },
  { name: '600 characters', key: 'a/'.repeat(299) + 'aa' },
  { name: 'a name of 201 characters', key: 'a'.repeat(201) },
];

/**
 * What every ObjectStore does.
 *
 * @param openEmpty an empty store; closed by the test
 */
export function objectStoreContract(name: string, openEmpty: () => Promise<ObjectStore>): void {
  describe(`${name}: the contract of an object store`, () => {
    let store: ObjectStore;
    beforeEach(async () => {
      store = await openEmpty();
    });
    afterEach(() => store.close());

    const putAll = async (keys: readonly string[]): Promise<void> => {
      for (let at = 0; at < keys.length; at += 50) {
        await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, Buffer.from(key))));
      }
    };

    for (const sizeBytes of [0, 1, 300_000, LARGE_BYTES]) {
      it(`gives back ${sizeBytes} bytes as they were put`, async () => {
        const body = bodyOf(sizeBytes);
        await store.put('hall-7/720p/1.m4s', body);
        const got = await store.get('hall-7/720p/1.m4s');
        assert.equal(got.length, sizeBytes);
        assert.ok(got.equals(body));
        assert.deepEqual(await store.stat('hall-7/720p/1.m4s'), { key: 'hall-7/720p/1.m4s', sizeBytes });
      }).timeout(60_000);
    }

    it('gives bytes that are not those of the body', async () => {
      const body = Buffer.from('as it was');
      await store.put('a', body);
      body.fill(0);
      const got = await store.get('a');
      assert.equal(got.toString(), 'as it was');
      got.fill(0);
      assert.equal((await store.get('a')).toString(), 'as it was');
    });

    it('puts an object in the place of another one, longer or shorter', async () => {
      for (const text of ['first', 'the second, which is longer', '3']) {
        await store.put('a/b', Buffer.from(text));
        assert.equal((await store.get('a/b')).toString(), text);
      }
      assert.deepEqual(await listed(store, ''), [{ key: 'a/b', sizeBytes: 1 }]);
    });

    it('lists another version after each put of other bytes, were they as many, and the same one until then', async () => {
      const version = async (): Promise<string | undefined> => {
        for await (const object of store.list('a/')) return object.version;
        return undefined;
      };
      const seen: (string | undefined)[] = [];
      for (const text of ['one', 'two', 'six']) {
        await store.put('a/b', Buffer.from(text));
        seen.push(await version());
        assert.equal(await version(), seen.at(-1));
      }
      assert.equal(new Set(seen).size, 3);
      assert.ok(seen.every(Boolean));
    });

    it('never shows half an object, however often it is replaced', async () => {
      const versions = [bodyOf(200_000), bodyOf(900_000), bodyOf(1)];
      const sums = new Set(versions.map(sumOf));
      const [first = Buffer.alloc(0)] = versions;
      await store.put('index', first);
      let written = false;
      const write = async (): Promise<void> => {
        for (let at = 0; at < 100; at += 1) await store.put('index', versions[at % versions.length] ?? first);
      };
      const writing = write().finally(() => {
        written = true;
      });
      const read = async (): Promise<void> => {
        while (!written) assert.ok(sums.has(sumOf(await store.get('index'))), 'a body that nobody has put');
      };
      await Promise.all([writing, read(), read(), read()]);
    }).timeout(60_000);

    it('takes 50 puts at once, and 20 of them to one key', async () => {
      const bodies = Array.from({ length: 50 }, (_, at) => bodyOf(1000 + at));
      const keyOf = (at: number): string => (at < 30 ? `new/folder-${at}/x` : 'new/shared');
      await Promise.all(bodies.map((body, at) => store.put(keyOf(at), body)));
      for (let at = 0; at < 30; at += 1)
        assert.ok((await store.get(keyOf(at))).equals(bodies[at] ?? Buffer.alloc(0)));
      const shared = await store.get('new/shared');
      assert.ok(bodies.slice(30).some((body) => body.equals(shared)));
    });

    it('keeps two large bodies apart that are put under one key at once', async () => {
      const bodies = [bodyOf(LARGE_BYTES), bodyOf(LARGE_BYTES - 1)];
      await Promise.all(bodies.map((body) => store.put('large', body)));
      const got = await store.get('large');
      assert.ok(bodies.some((body) => body.equals(got)));
    }).timeout(60_000);

    const ranges = [
      { name: 'from the start', from: 0, to: 3, want: '0123' },
      { name: 'one byte', from: 4, to: 4, want: '4' },
      { name: 'the first byte', from: 0, to: 0, want: '0' },
      { name: 'to the end', from: 5, to: 9, want: '56789' },
      { name: 'to beyond the end', from: 8, to: 1_000_000, want: '89' },
      { name: 'all and more', from: 0, to: Number.MAX_SAFE_INTEGER - 1, want: '0123456789' },
    ];
    for (const { name, from, to, want } of ranges) {
      it(`gives a range of bytes: ${name}`, async () => {
        await store.put('a', Buffer.from('0123456789'));
        assert.equal((await store.getRange('a', from, to)).toString(), want);
      });
    }

    const badRanges = [
      { name: 'that begins at the end', from: 10, to: 12 },
      { name: 'that begins beyond the end', from: 1000, to: 1001 },
      { name: 'whose end is before its start', from: 3, to: 2 },
      { name: 'before the object', from: -1, to: 2 },
      { name: 'of half a byte', from: 0.5, to: 2 },
      { name: 'without an end', from: 0, to: Number.POSITIVE_INFINITY },
      { name: 'that is no number', from: Number.NaN, to: 2 },
    ];
    for (const { name, from, to } of badRanges) {
      it(`refuses a range ${name}: bad-range`, async () => {
        await store.put('a', Buffer.from('0123456789'));
        await assert.rejects(store.getRange('a', from, to), {
          name: 'StoreError',
          code: 'bad-range',
          status: 416,
        });
      });
    }

    it('has no byte to give of an empty object: bad-range', async () => {
      await store.put('a', Buffer.alloc(0));
      await assert.rejects(store.getRange('a', 0, 0), { code: 'bad-range' });
    });

    it('says no-such-object for what is not there, and names it', async () => {
      await store.put('a/b', Buffer.from('x'));
      for (const key of ['b', 'a', 'a/c', 'a/b.c', 'no/such/folder/at/all']) {
        const gone = {
          name: 'StoreError',
          code: 'no-such-object',
          status: 404,
          message: new RegExp(`get ${key}: `),
        };
        await assert.rejects(store.get(key), gone);
        await assert.rejects(store.getRange(key, 0, 1), gone);
        assert.equal(await store.stat(key), null);
      }
    });

    it('lists by the bytes of whole keys: a-b and a.b before a/b', async () => {
      const keys = [
        'a-b',
        'a.b',
        'a/b',
        'a/b-c/1',
        'a/b.c/1',
        'a/c/1',
        'a/c/10',
        'a/c/2',
        'a0',
        'a_b',
        'ab',
        'b/a',
      ];
      await putAll(keys.toReversed());
      assert.deepEqual(
        await listed(store, ''),
        keys.map((key) => ({ key, sizeBytes: key.length })),
      );
    });

    it('lists keys that look like something else as they are', async () => {
      const keys = ['007', '1.0', '123456789012345678901234567890', '1e5', 'infinity', 'null', 'true'];
      await putAll(keys);
      assert.deepEqual(keysOf(await listed(store, '')), keys);
    });

    it('lists what begins with a prefix, and what comes after a key', async () => {
      await putAll(['a/1', 'a/2', 'a/3', 'a-1', 'ab/1', 'b/1']);
      const table: readonly { prefix: string; after?: string; want: readonly string[] }[] = [
        { prefix: '', want: ['a-1', 'a/1', 'a/2', 'a/3', 'ab/1', 'b/1'] },
        { prefix: 'a', want: ['a-1', 'a/1', 'a/2', 'a/3', 'ab/1'] },
        { prefix: 'a/', want: ['a/1', 'a/2', 'a/3'] },
        { prefix: 'a/2', want: ['a/2'] },
        { prefix: 'a/2/', want: [] },
        { prefix: 'c', want: [] },
        { prefix: 'no/such', want: [] },
        { prefix: 'a/', after: 'a/1', want: ['a/2', 'a/3'] },
        { prefix: 'a/', after: 'a/15', want: ['a/2', 'a/3'] },
        { prefix: 'a/', after: 'a/3', want: [] },
        { prefix: 'a/', after: 'a-1', want: ['a/1', 'a/2', 'a/3'] },
        { prefix: 'a/', after: 'b', want: [] },
        { prefix: '', after: 'a/', want: ['a/1', 'a/2', 'a/3', 'ab/1', 'b/1'] },
        { prefix: '', after: 'a/3', want: ['ab/1', 'b/1'] },
        { prefix: '', after: 'ab', want: ['ab/1', 'b/1'] },
      ];
      for (const { prefix, after, want } of table) {
        const options = after === undefined ? undefined : { after };
        assert.deepEqual(keysOf(await listed(store, prefix, options)), want, `${prefix} after ${after}`);
      }
    });

    it('lists more than a page, goes on after any key of it, and deletes it at once', async () => {
      const keys = Array.from(
        { length: 2100 },
        (_, at) => `hall-7/${at % 3}/${String(at).padStart(5, '0')}.m4s`,
      );
      keys.sort();
      await putAll(keys);
      await store.put('hall-8/1.m4s', Buffer.from('stays'));
      assert.deepEqual(keysOf(await listed(store, 'hall-7/')), keys);
      for (const at of [0, 999, 1000, 1500, 2098]) {
        assert.deepEqual(
          keysOf(await listed(store, 'hall-7/', { after: keys[at] ?? '' })),
          keys.slice(at + 1),
        );
      }
      await store.delete(keys);
      assert.deepEqual(keysOf(await listed(store, '')), ['hall-8/1.m4s']);
    }).timeout(120_000);

    it('can be left in the middle of a list', async () => {
      await putAll(['a/1', 'a/2', 'b/1']);
      for await (const { key } of store.list('')) {
        assert.equal(key, 'a/1');
        break;
      }
      assert.equal((await listed(store, '')).length, 3);
    });

    it('deletes what is there, and takes what is not for done', async () => {
      await putAll(['a/1', 'a/2', 'b']);
      await store.delete(['a/1', 'a/9', 'no/such', 'a']);
      assert.deepEqual(keysOf(await listed(store, '')), ['a/2', 'b']);
      await store.delete(['a/1']);
      await store.delete([]);
      await assert.rejects(store.get('a/1'), { code: 'no-such-object' });
    });

    it('puts into a folder that is being emptied, and loses nothing', async () => {
      const turns = async (lane: string): Promise<void> => {
        for (let at = 0; at < 60; at += 1) {
          await putWithPatience(store, `a/b/${lane}`, Buffer.from(lane));
          assert.equal((await store.get(`a/b/${lane}`)).toString(), lane);
          await store.delete([`a/b/${lane}`]);
        }
      };
      await Promise.all(['1', '2', '3', '4'].map(turns));
      assert.deepEqual(await listed(store, ''), []);
      await store.put('a/b', Buffer.from('where a folder was'));
      assert.equal((await store.get('a/b')).toString(), 'where a folder was');
    }).timeout(60_000);

    for (const { name, key } of HOSTILE_KEYS) {
      it(`refuses a key that is ${name}: bad-key`, async () => {
        const bad = { name: 'StoreError', code: 'bad-key', status: 500 };
        await assert.rejects(store.put(key, Buffer.from('x')), bad);
        await assert.rejects(store.get(key), bad);
        await assert.rejects(store.getRange(key, 0, 1), bad);
        await assert.rejects(store.stat(key), bad);
        await assert.rejects(store.delete(['a', key]), bad);
        if (key !== '' && key !== 'a/') {
          await assert.rejects(listed(store, key), bad);
          await assert.rejects(listed(store, '', { after: key }), bad);
        }
        assert.deepEqual(await listed(store, ''), []);
      });
    }

    it('deletes nothing when one of the keys is refused', async () => {
      await store.put('a', Buffer.from('x'));
      await assert.rejects(store.delete(['a', '../a']), { code: 'bad-key' });
      assert.equal((await store.get('a')).toString(), 'x');
    });

    it('takes the longest key', async () => {
      const key = `${'a'.repeat(200)}/${'b'.repeat(200)}/${'c'.repeat(110)}`;
      assert.equal(key.length, 512);
      await store.put(key, Buffer.from('x'));
      assert.deepEqual(await listed(store, ''), [{ key, sizeBytes: 1 }]);
      await store.delete([key]);
    });

    it('does nothing any more once it is closed: store-unavailable', async () => {
      await store.put('a', Buffer.from('x'));
      await store.close();
      const closed = { name: 'StoreError', code: 'store-unavailable', status: 503 };
      await assert.rejects(store.put('a', Buffer.from('y')), closed);
      await assert.rejects(store.get('a'), closed);
      await assert.rejects(store.stat('a'), closed);
      await assert.rejects(store.delete(['a']), closed);
      await assert.rejects(listed(store, ''), closed);
    });
  });
}

/** MinIO and versitygw refuse some puts into a folder that is just being emptied; what they take they keep. */
async function putWithPatience(store: ObjectStore, key: string, body: Buffer): Promise<void> {
  for (let left = 100; ; left -= 1) {
    try {
      await store.put(key, body);
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

function sumOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
