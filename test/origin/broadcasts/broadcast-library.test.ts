import assert from 'node:assert/strict';
import { type BroadcastRecord, deleteBroadcast } from '../../../origin/broadcasts/broadcast-record.ts';
import { BroadcastLibrary } from '../../../origin/broadcasts/broadcast-library.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { PartialListError, StoreError } from '../../../shared/object-store.ts';
import { waitFor } from '../../support/wait-for.ts';
import { broadcast } from '../support/broadcast-record.ts';
import { MemoryStore } from '../support/memory-store.ts';

/** The whole library, as it is found. */
async function shelfOf(library: BroadcastLibrary): Promise<readonly BroadcastRecord[]> {
  return (await library.find({}, null, 10_000)).broadcasts;
}

describe('the library', () => {
  it('is the same after a restart, and on another origin a little later', async () => {
    const store = new MemoryStore();
    const here = new BroadcastLibrary(store, silentLogger);
    await here.refresh();
    here.put(broadcast('a', 1000));
    here.put(broadcast('b', 2000));
    await here.settled();
    const there = new BroadcastLibrary(store, silentLogger);
    await there.refresh();
    assert.deepEqual(await shelfOf(there), await shelfOf(here));
    await here.change('hall-7', 'a', (known) => ({ ...known, title: 'Another title' }));
    await here.remove('hall-7', 'b');
    await here.settled();
    await there.refresh();
    assert.deepEqual(await shelfOf(there), await shelfOf(here));
    assert.equal(there.size, 1);
    assert.equal(there.get('hall-7', 'a')?.title, 'Another title');
  });

  it('what is put while the store is down is found at once, and gets there', async () => {
    const store = new MemoryStore();
    store.isDown = true;
    const library = new BroadcastLibrary(store, silentLogger);
    library.put(broadcast('a', 1000));
    assert.equal(library.getOrThrow('hall-7', 'a').id, 'a');
    await library.settled();
    assert.equal(store.objects.size, 0);
    store.isDown = false;
    await waitFor('it is in the store', () => store.objects.has('broadcasts/hall-7/a.json'));
    await library.refresh();
    assert.equal(library.size, 1);
    await library.stop();
  });

  it('a change of any kind is seen elsewhere, though its object is no longer than before', async () => {
    const store = new MemoryStore();
    const [here, there] = [1, 2].map(() => new BroadcastLibrary(store, silentLogger));
    assert.ok(here !== undefined && there !== undefined);
    here.put(broadcast('a', 1000, { title: 'Fractions I' }));
    await here.settled();
    await there.refresh();
    for (const title of ['Fractions V', 'Fractions X', 'Fractions I']) {
      await here.change('hall-7', 'a', (known) => ({ ...known, title }));
      await there.refresh();
      assert.equal(there.get('hall-7', 'a')?.title, title);
    }
    store.log.length = 0;
    await there.refresh();
    assert.deepEqual(store.log, ['list broadcasts/'], 'what has not changed is not read');
  });

  it('what people changed elsewhere outlives what was on air here', async () => {
    const store = new MemoryStore();
    const [here, there] = [1, 2].map(() => new BroadcastLibrary(store, silentLogger));
    assert.ok(here !== undefined && there !== undefined);
    here.put(broadcast('a', 1000, { endMs: null }));
    await here.settled();
    await there.refresh();
    await there.change('hall-7', 'a', (known) => ({ ...known, title: 'Fractions', keep: true }));
    const gaps = [{ startMs: 2000, endMs: 3000 }];
    here.put({ ...here.getOrThrow('hall-7', 'a'), endMs: 9000, gaps });
    await here.settled();
    const want = broadcast('a', 1000, { title: 'Fractions', keep: true, endMs: 9000, gaps });
    assert.deepEqual(here.get('hall-7', 'a'), want);
    await there.refresh();
    assert.deepEqual(there.get('hall-7', 'a'), want);
  });

  it('what was deleted elsewhere stays deleted, whatever is put here', async () => {
    const store = new MemoryStore();
    const [here, there] = [1, 2].map(() => new BroadcastLibrary(store, silentLogger));
    assert.ok(here !== undefined && there !== undefined);
    await here.refresh();
    here.put(broadcast('a', 1000));
    await here.settled();
    await there.refresh();
    await there.change('hall-7', 'a', (known) => deleteBroadcast(known, 99_000));
    assert.equal(there.get('hall-7', 'a'), undefined);
    here.put({ ...here.getOrThrow('hall-7', 'a'), hasStoryboard: true });
    await here.settled();
    assert.equal(here.get('hall-7', 'a'), undefined);
    assert.deepEqual(
      here.deleted.map(({ id, deletedMs }) => [id, deletedMs]),
      [['a', 99_000]],
    );
    const change = here.change('hall-7', 'a', (known) => ({ ...known, keep: true }));
    await assert.rejects(change, /no broadcast/);
  });

  it('a change that the store does not take changes nothing', async () => {
    const store = new MemoryStore();
    const library = new BroadcastLibrary(store, silentLogger);
    library.put(broadcast('a', 1000));
    await library.settled();
    store.onPut = async () => {
      throw new StoreError('full', { code: 'store-full', status: 507 });
    };
    const change = library.change('hall-7', 'a', (known) => ({ ...known, keep: true }));
    await assert.rejects(change, /full/);
    assert.equal(library.get('hall-7', 'a')?.keep, false);
  });

  it('an object that cannot be put keeps no other from being written', async () => {
    const store = new MemoryStore();
    const library = new BroadcastLibrary(store, silentLogger);
    store.onPut = async (key) => {
      if (key.endsWith('/a.json')) throw new StoreError('denied', { code: 'store-denied' });
    };
    for (const id of ['a', 'b', 'c']) library.put(broadcast(id, 1000));
    await library.settled();
    assert.deepEqual([...store.objects.keys()], ['broadcasts/hall-7/b.json', 'broadcasts/hall-7/c.json']);
    await library.stop();
  });

  it('what cannot be read is not put over', async () => {
    const store = new MemoryStore();
    const text = `${JSON.stringify(broadcast('a', 1000, { title: 'Mended by hand', keep: true }))},`;
    store.objects.set('broadcasts/hall-7/a.json', Buffer.from(text));
    const library = new BroadcastLibrary(store, silentLogger);
    // Before it is read, as after.
    library.put(broadcast('a', 1000));
    await library.settled();
    await library.refresh();
    library.put(broadcast('a', 1000));
    await library.settled();
    assert.equal(String(store.objects.get('broadcasts/hall-7/a.json')), text);
    assert.deepEqual([library.isWhole('hall-7'), library.isWhole('hall-8')], [false, true]);
    store.objects.set('broadcasts/hall-7/a.json', Buffer.from(text.slice(0, -1)));
    await library.refresh();
    assert.equal(library.get('hall-7', 'a')?.title, 'Mended by hand');
    assert.equal(library.isWhole('hall-7'), true);
  });

  it('one that the store does not give holds up no other, and its channel is not taken for whole', async () => {
    const store = new MemoryStore();
    const seed = new BroadcastLibrary(store, silentLogger);
    for (const id of ['a', 'b', 'c']) seed.put(broadcast(id, 1000));
    await seed.settled();
    const [get, list] = [store.get.bind(store), store.list.bind(store)];
    let isFaulty = true;
    store.get = async (key) => {
      if (isFaulty && key.endsWith('/a.json')) {
        throw new StoreError('503', { code: 'store-unavailable', status: 503 });
      }
      return get(key);
    };
    store.list = async function* (prefix, options) {
      for await (const object of list(prefix, options)) {
        yield object;
        // The next page is on its way for longer than the read takes to fail.
        await new Promise((resolve) => void setImmediate(resolve));
      }
    };
    const library = new BroadcastLibrary(store, silentLogger);
    await library.refresh();
    assert.deepEqual([library.isLoaded, library.size], [true, 2]);
    assert.deepEqual([library.isWhole('hall-7'), library.isWhole('hall-8')], [false, true]);
    isFaulty = false;
    await library.refresh();
    assert.deepEqual([library.size, library.isWhole('hall-7')], [3, true]);
    // One that is known stays as it is known.
    await store.put(
      'broadcasts/hall-7/a.json',
      Buffer.from(JSON.stringify({ ...broadcast('a', 1000), title: 'x' })),
    );
    isFaulty = true;
    await library.refresh();
    assert.deepEqual([library.size, library.isWhole('hall-7')], [3, false]);
  });

  it('a folder that cannot be listed leaves what is known of it, and holds up no other channel', async () => {
    const store = new MemoryStore();
    const seed = new BroadcastLibrary(store, silentLogger);
    for (const channel of ['hall-7', 'hall-8']) seed.put({ ...broadcast('a', 1000), channel });
    await seed.settled();
    const library = new BroadcastLibrary(store, silentLogger);
    const list = store.list.bind(store);
    store.list = async function* (prefix, options) {
      for await (const object of list(prefix, options)) if (!object.key.includes('hall-8')) yield object;
      throw new PartialListError('store', ['broadcasts/hall-8/'], new Error('EACCES'));
    };
    await library.refresh();
    assert.deepEqual([library.size, library.isWhole('hall-7'), library.isWhole('hall-8')], [1, true, false]);
    store.list = list;
    await library.refresh();
    assert.deepEqual([library.size, library.isWhole('hall-8')], [2, true]);
  });

  it('one that the list has not yet, or not any more, is looked for before it is forgotten', async () => {
    const store = new MemoryStore();
    const library = new BroadcastLibrary(store, silentLogger);
    for (const id of ['a', 'b']) library.put(broadcast(id, 1000));
    await library.settled();
    await library.refresh();
    const list = store.list.bind(store);
    store.list = async function* (prefix, options) {
      for await (const object of list(prefix, options)) if (!object.key.includes('/a.')) yield object;
    };
    await library.refresh();
    assert.equal(library.size, 2);
    store.objects.delete('broadcasts/hall-7/a.json');
    await library.refresh();
    assert.equal(library.size, 1);
  });

  it('passes over what it cannot read, and says which', async () => {
    const store = new MemoryStore();
    const bad = [
      ['broadcasts/hall-7/x.json', 'not JSON'],
      ['broadcasts/hall-7/y.json', JSON.stringify(broadcast('z', 1))],
      ['broadcasts/hall-7/z.json', JSON.stringify({ ...broadcast('z', 1), endMs: 'late' })],
    ] as const;
    for (const [key, text] of bad) await store.put(key, Buffer.from(text));
    await store.put('broadcasts/hall-7/a.json', Buffer.from(JSON.stringify(broadcast('a', 1))));
    const said: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => void said.push(fields) };
    const library = new BroadcastLibrary(store, logger);
    await library.refresh();
    assert.deepEqual(
      (await shelfOf(library)).map(({ id }) => id),
      ['a'],
    );
    assert.deepEqual(
      said,
      bad.map(([key]) => ({ object: key })),
    );
  });

  it('reads what cannot be read once only, until it is another', async () => {
    const store = new MemoryStore();
    const key = 'broadcasts/hall-7/a.json';
    await store.put(key, Buffer.from('not JSON'));
    const library = new BroadcastLibrary(store, silentLogger);
    await library.refresh();
    await library.refresh();
    assert.equal(store.log.filter((line) => line === `get ${key}`).length, 1);
    await store.put(key, Buffer.from(JSON.stringify(broadcast('a', 1))));
    await library.refresh();
    assert.equal(library.size, 1);
  });

  it('sees what another origin has changed, also where the object is as long as it was', async () => {
    const store = new MemoryStore();
    const key = 'broadcasts/hall-7/a.json';
    await store.put(key, Buffer.from(JSON.stringify(broadcast('a', 1, { grade: 7 }))));
    const library = new BroadcastLibrary(store, silentLogger);
    await library.refresh();
    await store.put(key, Buffer.from(JSON.stringify(broadcast('a', 1, { grade: 8 }))));
    await library.refresh();
    assert.equal(library.get('hall-7', 'a')?.grade, 8);
    assert.deepEqual(library.facets().grades, [8]);
  });

  it('says that it is being read, and gives no part of itself for the whole', async () => {
    const store = new MemoryStore();
    await store.put('broadcasts/hall-7/a.json', Buffer.from(JSON.stringify(broadcast('a', 1))));
    const library = new BroadcastLibrary(store, silentLogger);
    const loading = { code: 'library-loading', status: 503 };
    assert.throws(() => library.getOrThrow('hall-7', 'a'), loading);
    await assert.rejects(library.find({}, null, 10), loading);
    store.isDown = true;
    await assert.rejects(library.refresh(), { code: 'store-unavailable' });
    await assert.rejects(library.find({}, null, 10), loading);
    store.isDown = false;
    await library.refresh();
    assert.equal(library.getOrThrow('hall-7', 'a').id, 'a');
    assert.throws(() => library.getOrThrow('hall-7', 'b'), { code: 'unknown-broadcast' });
  });

  it('goes on where it was when the store comes back, and leaves no read behind when it goes', async () => {
    const store = new MemoryStore();
    for (let i = 0; i < 100; i += 1) {
      await store.put(`broadcasts/hall-7/b${i}.json`, Buffer.from(JSON.stringify(broadcast(`b${i}`, i))));
    }
    const read = store.get.bind(store);
    let left = 40;
    store.get = async (key) => {
      if (key.startsWith('broadcasts/') && --left < 0) store.isDown = true;
      return read(key);
    };
    const library = new BroadcastLibrary(store, silentLogger);
    await assert.rejects(library.refresh(), { code: 'store-unavailable' });
    assert.equal(library.size, 40);
    const reads = store.log.length;
    store.isDown = false;
    left = 1000;
    await library.refresh();
    assert.equal(library.size, 100);
    assert.equal(store.log.slice(reads).filter((line) => line.startsWith('get broadcasts/')).length, 60);
  });

  it('a read that was under way does not take the place of what was put, or bring back what was removed', async () => {
    const store = new MemoryStore();
    for (const id of ['a', 'b']) {
      await store.put(`broadcasts/hall-7/${id}.json`, Buffer.from(JSON.stringify(broadcast(id, 1))));
    }
    const library = new BroadcastLibrary(store, silentLogger);
    const read = store.get.bind(store);
    store.get = async (key) => {
      const bytes = await read(key);
      if (key.endsWith('/a.json')) {
        library.put(broadcast('a', 1, { endMs: 77_000 }));
        await library.remove('hall-7', 'b');
      }
      return bytes;
    };
    await library.refresh();
    assert.deepEqual(
      (await shelfOf(library)).map(({ id, endMs }) => [id, endMs]),
      [['a', 77_000]],
    );
  });

  it('a removal waits for a write of the same broadcast, which would bring it back', async () => {
    const store = new MemoryStore();
    let letGo = (): void => {};
    store.onPut = () => new Promise((resolve) => (letGo = resolve));
    const library = new BroadcastLibrary(store, silentLogger);
    library.put(broadcast('a', 1));
    const removed = library.remove('hall-7', 'a');
    letGo();
    await removed;
    await library.settled();
    assert.equal(store.objects.size, 0);
    assert.equal(library.size, 0);
  });

  it('names what there is to choose from', async () => {
    const library = new BroadcastLibrary(new MemoryStore(), silentLogger);
    library.put(broadcast('a', 1, { grade: 9, subject: 'Physics', teacher: 'B' }));
    library.put(broadcast('b', 2, { grade: 7, subject: 'Art', teacher: 'A' }));
    library.put(broadcast('c', 3, { grade: 7, subject: 'Art', teacher: 'A' }));
    assert.deepEqual(library.facets(), {
      grades: [7, 9],
      subjects: ['Art', 'Physics'],
      teachers: ['A', 'B'],
    });
    await library.settled();
  });
});
