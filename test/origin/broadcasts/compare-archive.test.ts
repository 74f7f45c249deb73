import assert from 'node:assert/strict';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { initKey, segmentKey } from '../../../origin/archive/archive-keys.ts';
import type { BroadcastRecord } from '../../../origin/broadcasts/broadcast-record.ts';
import { broadcastKey } from '../../../origin/broadcasts/broadcast-store.ts';
import { type Compared, compareArchive } from '../../../origin/broadcasts/compare-archive.ts';
import { lesson, lineOf } from '../support/library-on-stage.ts';
import { MemoryStore } from '../support/memory-store.ts';

const D = 1600;
/** Two minutes before midnight UTC: the class goes on into the next day. */
const START_MS = Math.floor((Date.UTC(2026, 0, 2) - 120_000) / D) * D;
const SEGMENTS = 150;
const NOW_MS = START_MS + 86_400_000;
const at = (count: number): number => START_MS + count * D;
const keyAt = (count: number): string => segmentKey('hall-7', at(count), lineOf(at(count)));
const INIT = initKey('hall-7', '360p', lineOf(0).initHash);

describe('the index of broadcasts, compared with the objects', () => {
  let store: MemoryStore;
  let lines: string[];
  const put = (broadcast: BroadcastRecord): void => {
    store.objects.set(broadcastKey(broadcast), Buffer.from(JSON.stringify(broadcast)));
  };
  beforeEach(async () => {
    store = new MemoryStore();
    lines = [];
    const index = new ArchiveIndex(store, () => NOW_MS);
    for (let count = 0; count < SEGMENTS; count += 1) {
      store.objects.set(keyAt(count), Buffer.alloc(100));
      index.add('hall-7', lineOf(at(count)));
      index.markStored('hall-7', lineOf(at(count)));
    }
    store.objects.set(INIT, Buffer.from('init'));
    assert.equal((await index.flush('hall-7')).failure, null);
    // Of 150 segments a class begins with the 10th; what is before belongs to nobody.
    put(lesson('a', at(10), { endMs: at(SEGMENTS) }));
    store.log.length = 0;
  });
  const compare = (channel?: string): Promise<Compared> =>
    compareArchive(store, channel, NOW_MS, (line) => void lines.push(line));

  const whole = { broadcasts: 1, segments: SEGMENTS - 10, missing: 0, extra: 0, otherSize: 0, unread: 0 };
  const table: readonly {
    name: string;
    change: () => void;
    want: Partial<Compared>;
    says: RegExp;
  }[] = [
    {
      name: 'all is there',
      change: () => {},
      want: {},
      says: /^\[1\/1\] hall-7 2026-01-01T23:58 Lesson a: 140 segments, all there$/m,
    },
    {
      name: 'an object is missing on either side of midnight',
      change: () => [20, 140].forEach((count) => store.objects.delete(keyAt(count))),
      want: { missing: 2 },
      says: /140 segments, 2 missing\n {2}missing: media\/hall-7\/2026-01-01\/.*\n {2}missing: media\/hall-7\/2026-01-02\//,
    },
    {
      name: 'an init segment is missing',
      change: () => store.objects.delete(INIT),
      want: { missing: 1 },
      says: /missing: init\/hall-7\/360p\//,
    },
    {
      name: 'an object is cut short',
      change: () => store.objects.set(keyAt(30), Buffer.alloc(99)),
      want: { otherSize: 1 },
      says: /of another size: media\/.* has 99 bytes, want 100/,
    },
    {
      name: 'an object is not listed',
      change: () => store.objects.set(keyAt(30).replace('/360p/', '/720p/'), Buffer.alloc(100)),
      want: { extra: 1 },
      says: /1 extra\n {2}extra: media\/hall-7\/2026-01-01\/720p\//,
    },
    {
      name: 'what is wrong belongs to no broadcast',
      change: () => store.objects.delete(keyAt(5)),
      want: {},
      says: /all there/,
    },
    {
      name: 'a block is damaged: the next broadcast is compared',
      change: () => {
        const key = [...store.objects.keys()].find((name) => name.startsWith('index/')) ?? '';
        store.objects.set(key, Buffer.from('[}'));
        put(lesson('b', at(SEGMENTS + 9000), { endMs: at(SEGMENTS + 9010) }));
      },
      want: { segments: 0, unread: 1 },
      says: /Lesson a: cannot be compared, index\/.* line 1.*\n\[2\/2\] .*Lesson b: 0 segments, all there/,
    },
    {
      name: 'a record is damaged',
      change: () => store.objects.set('broadcasts/hall-7/b.json', Buffer.from('{}')),
      want: { unread: 1 },
      says: /broadcasts\/hall-7\/b\.json: cannot be read/,
    },
    {
      name: 'it is on air',
      change: () => {
        store.objects.delete(keyAt(20));
        put(lesson('a', at(10), { endMs: null }));
      },
      want: { broadcasts: 0, segments: 0 },
      says: /on air, not compared/,
    },
    {
      name: 'it was deleted',
      change: () => {
        store.objects.delete(keyAt(20));
        put(lesson('a', at(10), { endMs: at(SEGMENTS), deletedMs: NOW_MS }));
      },
      want: { broadcasts: 0, segments: 0 },
      says: /^1 broadcasts are read$/,
    },
  ];
  for (const { name, change, want, says } of table) {
    it(name, async () => {
      change();
      const before = new Map(store.objects);
      assert.deepEqual(await compare(), { ...whole, ...want });
      assert.match(lines.join('\n'), says);
      assert.deepEqual(store.objects, before);
      assert.deepEqual(
        store.log.filter((line) => !/^(get|list|stat)/.test(line)),
        [],
      );
    });
  }

  it('of one channel alone', async () => {
    put(lesson('b', at(0), { channel: 'hall-8', endMs: at(5) }));
    assert.equal((await compare('hall-7')).broadcasts, 1);
    assert.equal((await compare()).broadcasts, 2);
  });

  it('one that ended a moment ago is left to the origin', async () => {
    store.objects.delete(keyAt(20));
    const found = await compareArchive(
      store,
      undefined,
      at(SEGMENTS) + 1000,
      (line) => void lines.push(line),
    );
    assert.equal(found.broadcasts, 0);
    assert.match(lines.join(), /ended a moment ago, not compared/);
  });

  it('ends where the store gives nothing any more', async () => {
    for (let i = 0; i < 20; i += 1) put(lesson(`x${i}`, at(i), { endMs: at(i + 1) }));
    const get = store.get.bind(store);
    store.get = async (key) => {
      if (key.startsWith('index/')) store.isDown = true;
      return get(key);
    };
    await assert.rejects(compare(), { code: 'store-unavailable' });
    assert.equal(lines.filter((line) => line.includes('cannot be compared')).length, 8);
  });
});
