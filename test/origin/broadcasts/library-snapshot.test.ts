import assert from 'node:assert/strict';
import type { BroadcastRecord } from '../../../origin/broadcasts/broadcast-record.ts';
import { BroadcastLibrary } from '../../../origin/broadcasts/broadcast-library.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { MemoryStore } from '../support/memory-store.ts';

/** So many that a start leaves a snapshot behind, of several objects. */
const COUNT = 1200;

function broadcast(i: number, more: Partial<BroadcastRecord> = {}): BroadcastRecord {
  const startMs = 1_000_000 + i;
  return {
    ...{ id: `b${i}`, channel: 'hall-7', title: `Lesson ${i}`, language: 'zh', startMs, endMs: startMs + 1 },
    ...{ gaps: [], keep: false, grade: 7 },
    ...more,
  };
}

const keyOf = (i: number): string => `broadcasts/hall-7/b${i}.json`;
const bodyOf = (one: BroadcastRecord): Buffer => Buffer.from(JSON.stringify(one));

describe('a snapshot of the library', () => {
  let store: MemoryStore;
  beforeEach(async () => {
    store = new MemoryStore();
    for (let i = 0; i < COUNT; i += 1) await store.put(keyOf(i), bodyOf(broadcast(i)));
    await start();
    assert.ok(parts().length > 1);
  });

  const parts = (): string[] => [...store.objects.keys()].filter((key) => key.startsWith('catalogue/'));
  /** Starts an origin on the store. */
  const start = async (): Promise<{ library: BroadcastLibrary; reads: string[] }> => {
    store.log.length = 0;
    const library = new BroadcastLibrary(store, silentLogger);
    await library.refresh();
    const reads = store.log.filter((line) => line.startsWith('get broadcasts/'));
    return { library, reads: reads.map((line) => line.slice('get '.length)) };
  };
  /** What the single objects say, newest first. */
  const truth = (): BroadcastRecord[] => {
    const all: BroadcastRecord[] = [];
    for (const [key, body] of store.objects) {
      if (key.startsWith('broadcasts/')) all.push(JSON.parse(body.toString()));
    }
    return all.toSorted((a, b) => b.startMs - a.startMs);
  };
  const assertTrue = async (library: BroadcastLibrary): Promise<void> => {
    assert.deepEqual((await library.find({}, null, COUNT * 2)).broadcasts, truth());
  };

  it('saves a start the reads of single objects', async () => {
    const { library, reads } = await start();
    assert.deepEqual(reads, []);
    await assertTrue(library);
  });

  it('of what is older than an object the object is read', async () => {
    await store.put(keyOf(5), bodyOf(broadcast(5, { grade: 8 })));
    await store.put(keyOf(COUNT), bodyOf(broadcast(COUNT)));
    const { library, reads } = await start();
    assert.deepEqual(reads.toSorted(), [keyOf(5), keyOf(COUNT)].toSorted());
    await assertTrue(library);
  });

  it('brings nothing back that was deleted', async () => {
    await store.delete([keyOf(0), keyOf(700)]);
    const { library } = await start();
    assert.equal(library.get('hall-7', 'b700'), undefined);
    await assertTrue(library);
  });

  const harms: {
    name: string;
    harm: (key: string, body: Buffer, n: number) => Buffer | null;
    reads: number;
  }[] = [
    { name: 'gone', harm: () => null, reads: COUNT },
    { name: 'empty', harm: () => Buffer.alloc(0), reads: COUNT },
    { name: 'torn in a line', harm: (_key, body, n) => (n === 0 ? body.subarray(0, -40) : body), reads: 1 },
    { name: 'without one of its objects', harm: (_key, body, n) => (n === 0 ? null : body), reads: 256 },
    { name: 'of bytes that are no text', harm: () => Buffer.alloc(5000, 0xff), reads: COUNT },
    {
      name: 'of versions that never were',
      harm: (_key, body) => Buffer.from(body.toString().replaceAll(/^\["[0-9a-f]+"/gm, '["0"')),
      reads: COUNT,
    },
    {
      name: 'of broadcasts that never were',
      harm: (_key, body) => Buffer.from(body.toString().replaceAll('"hall-7"', '"hall-8"')),
      reads: COUNT,
    },
    {
      name: 'of deletions that never were',
      harm: (_key, body) =>
        Buffer.from(body.toString().replaceAll('"keep":false', '"keep":false,"deletedMs":1')),
      reads: COUNT,
    },
    {
      name: 'of fields that a broadcast has not',
      harm: (_key, body) => Buffer.from(body.toString().replaceAll('"grade":7', '"grade":"__proto__"')),
      reads: COUNT,
    },
  ];
  for (const { name, harm, reads: want } of harms) {
    it(`${name} loses nothing and adds nothing`, async () => {
      for (const [n, key] of parts().toSorted().entries()) {
        const body = harm(key, store.objects.get(key) ?? Buffer.alloc(0), n);
        if (body === null) store.objects.delete(key);
        else store.objects.set(key, body);
      }
      const { library, reads } = await start();
      assert.equal(reads.length, want);
      await assertTrue(library);
    });
  }

  it('lets go of its objects when fewer are left, and is written only for many reads', async () => {
    await start();
    assert.ok(!store.log.some((line) => line.startsWith('put ')));
    const before = parts().length;
    for (let i = 0; i < COUNT; i += 1) {
      if (i < 1000) await store.put(keyOf(i), bodyOf(broadcast(i, { grade: 9 })));
      else await store.delete([keyOf(i)]);
    }
    await start();
    assert.ok(parts().length < before);
    assert.deepEqual((await start()).reads, []);
  });

  it('that cannot be written is no reason for the library to fail', async () => {
    for (const key of parts()) store.objects.delete(key);
    store.onPut = async (key) => {
      throw new Error(`${key}: no room`);
    };
    const { library } = await start();
    await assertTrue(library);
  });
});
