import assert from 'node:assert/strict';
import { BroadcastLibrary } from '../../../origin/broadcasts/broadcast-library.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { type ListedObject, StoreError } from '../../../shared/object-store.ts';
import { broadcast } from '../support/broadcast-record.ts';
import { MemoryStore } from '../support/memory-store.ts';

describe('a broadcast that the store did not give', () => {
  for (const isSeen of ['listed', 'not listed any more'] as const) {
    it(`is forgotten when it is gone, ${isSeen}`, async () => {
      const store = new MemoryStore();
      const seed = new BroadcastLibrary(store, silentLogger);
      for (const id of ['a', 'b']) seed.put(broadcast(id, 1000));
      await seed.settled();
      const [get, list] = [store.get.bind(store), store.list.bind(store)];
      let isFaulty = true;
      store.get = async (key) => {
        if (isFaulty && key.endsWith('/a.json')) {
          throw new StoreError('503', { code: 'store-unavailable', status: 503 });
        }
        return get(key);
      };
      const library = new BroadcastLibrary(store, silentLogger);
      await library.refresh();
      assert.equal(library.isWhole('hall-7'), false);
      isFaulty = false;
      if (isSeen === 'listed') {
        store.list = async function* (prefix, options) {
          const listed: ListedObject[] = [];
          for await (const object of list(prefix, options)) listed.push(object);
          store.objects.delete('broadcasts/hall-7/a.json');
          yield* listed;
        };
      } else store.objects.delete('broadcasts/hall-7/a.json');
      await library.refresh();
      assert.deepEqual([library.size, library.isWhole('hall-7')], [1, true]);
    });
  }

  it('is read when it is again as it was known', async () => {
    const store = new MemoryStore();
    const library = new BroadcastLibrary(store, silentLogger);
    const put = (title: string): Promise<void> =>
      store.put('broadcasts/hall-7/a.json', Buffer.from(JSON.stringify(broadcast('a', 1000, { title }))));
    await put('x');
    await library.refresh();
    const get = store.get.bind(store);
    store.get = async () => {
      throw new StoreError('503', { code: 'store-unavailable', status: 503 });
    };
    await put('y');
    await library.refresh();
    assert.equal(library.isWhole('hall-7'), false);
    store.get = get;
    await put('x');
    await library.refresh();
    assert.equal(library.isWhole('hall-7'), true);
  });
});
