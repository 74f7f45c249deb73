import assert from 'node:assert/strict';
import { RetriedReads } from '../../../origin/store/retried-reads.ts';
import { PartialListError, StoreError } from '../../../shared/object-store.ts';
import { MemoryStore } from '../support/memory-store.ts';

const busy = (): StoreError => new StoreError('slow down', { code: 'store-unavailable', status: 503 });
const OPTIONS = { pausesMs: [0, 0], random: () => 0 };

describe('reads of a store', () => {
  let store: MemoryStore;
  let reads: RetriedReads;
  beforeEach(async () => {
    store = new MemoryStore();
    for (const key of ['a', 'b', 'c']) await store.put(key, Buffer.from(key));
    reads = new RetriedReads(store, OPTIONS);
  });

  /** The next so many reads fail. */
  const failNext = (count: number, error = busy): { readonly asked: () => number } => {
    const get = store.get.bind(store);
    let asked = 0;
    store.get = async (key) => {
      asked += 1;
      if (asked <= count) throw error();
      return get(key);
    };
    return { asked: () => asked };
  };

  it('go on through two failures', async () => {
    const { asked } = failNext(2);
    assert.equal((await reads.get('a')).toString(), 'a');
    assert.equal((await reads.getRange('a', 0, 0)).toString(), 'a');
    assert.equal(asked(), 4);
  });

  it('end after the third', async () => {
    const { asked } = failNext(3);
    await assert.rejects(reads.get('a'), /slow down/);
    assert.equal(asked(), 3);
  });

  it('are not repeated when the store has answered', async () => {
    const { asked } = failNext(1, () => new StoreError('no', { code: 'store-denied' }));
    await assert.rejects(reads.get('a'), { code: 'store-denied' });
    await assert.rejects(reads.get('none'), { code: 'no-such-object' });
    assert.equal(asked(), 2);
  });

  it('are not asked for three times as often while the store is down', async () => {
    const { asked } = failNext(Number.POSITIVE_INFINITY);
    for (let at = 0; at < 200; at += 1) await assert.rejects(reads.get('a'));
    assert.ok(asked() <= 200 + 20, String(asked()));
  });

  it('of a list go on behind what was listed', async () => {
    const list = store.list.bind(store);
    let failures = 2;
    store.list = async function* (prefix, options) {
      for await (const object of list(prefix, options)) {
        yield object;
        if (failures-- > 0) throw busy();
      }
    };
    const found: string[] = [];
    for await (const { key } of reads.list('')) found.push(key);
    assert.deepEqual(found, ['a', 'b', 'c']);
  });

  it('of a list that leaves out a folder are not repeated', async () => {
    let lists = 0;
    store.list = async function* () {
      lists += 1;
      yield* [];
      throw new PartialListError('list', ['x/'], new Error('EACCES'));
    };
    await assert.rejects(async () => {
      for await (const object of reads.list('')) assert.fail(object.key);
    }, PartialListError);
    assert.equal(lists, 1);
  });

  it('end when the store is closed', async () => {
    failNext(Number.POSITIVE_INFINITY);
    const slow = new RetriedReads(store, { pausesMs: [60_000], random: () => 0 });
    const read = slow.get('a');
    await slow.close();
    await assert.rejects(read, /slow down/);
  });
});
