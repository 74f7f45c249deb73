import assert from 'node:assert/strict';
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Archive } from '../../../origin/archive/archive.ts';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { rebuildIndex } from '../../../origin/archive/rebuild-index.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import { writePart } from '../../../origin/packager/cmaf/part-writer.ts';
import type { Segment } from '../../../origin/packager/media.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { StoreError } from '../../../shared/object-store.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { videoInit } from '../support/cmaf-init.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { START_MS, START_NUMBER, syntheticSamples } from '../support/synthetic.ts';

const INIT = videoInit(360);

/** A closed segment, `count` after the first, of so much of its 1.6 s. */
function segmentAt(count: number, lastsMs = 1600): Segment {
  const startMs = START_MS + count * 1600;
  const samples = syntheticSamples(INIT, startMs, startMs + lastsMs, count % 256);
  const bytes = writePart({ init: INIT, sequenceNumber: count, samples });
  const [startTicks, durationTicks] = [startMs * 90, lastsMs * 90];
  return {
    ...{ number: START_NUMBER + count, init: INIT, startTicks, durationTicks },
    ...{ closed: true, gap: false, discontinuity: false },
    parts: [{ index: 0, startTicks, durationTicks, independent: true, bytes }],
  };
}

const unavailable = (): StoreError => new StoreError('down', { code: 'store-unavailable', status: 503 });

describe('the archive, after things went wrong', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let errors: string[];
  beforeEach(() => {
    directory = makeTempDir();
    store = new MemoryStore();
    errors = [];
  });
  afterEach(() => directory.remove());

  /** @param startedMs when the process starts, UTC milliseconds */
  const open = async ({ startedMs = START_MS, stopMs = 3000 } = {}) => {
    const clock = { nowMs: () => startedMs };
    const logger = { ...silentLogger, error: (_: object, line: string) => void errors.push(line) };
    const spool = await Spool.open(join(directory.path, 'spool'));
    const index = new ArchiveIndex(store, clock.nowMs);
    const archive = new Archive({
      ...{ store, spool, index, clock, logger },
      ...{ maxSpoolBytes: 1e9, flushMs: 1e6, stopMs },
    });
    await archive.start();
    return { archive, index, spool };
  };
  const keep = async (count: number): Promise<void> => {
    const { archive } = await open();
    for (let at = 0; at < count; at += 1) archive.take('hall-7', '360p', segmentAt(at));
    await archive.settled();
    await archive.stop();
  };
  const mediaKeys = () => [...store.objects.keys()].filter((key) => key.startsWith('media/')).toSorted();
  const spoolFiles = () =>
    readdirSync(join(directory.path, 'spool'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const listed = async (): Promise<number[]> => {
    const { index } = await open();
    const found = await index.between('hall-7', { fromMs: START_MS, toMs: START_MS + 1e9 });
    return found.map(({ number }) => number - START_NUMBER);
  };

  it('stop ends when the store fails while it stops', async () => {
    // Longer than this test may take: the archive has to notice that nothing more can be stored.
    const { archive } = await open({ stopMs: 90_000 });
    const fails: (() => void)[] = [];
    store.onPut = () => new Promise((_resolve, reject) => fails.push(() => reject(unavailable())));
    archive.take('hall-7', '360p', segmentAt(0));
    await waitFor('init and segment in flight', () => fails.length === 2);
    const stopped = archive.stop();
    for (const fail of fails) fail();
    await stopped;
    assert.ok(spoolFiles().length > 0, 'the segment stays in the spool for the next start');
  });

  it('what is kept already is not put over by what a restarted origin cuts once more', async () => {
    await keep(3);
    const before = new Map(store.objects);
    const { archive, spool } = await open({ startedMs: START_MS + 60_000 });
    archive.take('hall-7', '360p', segmentAt(1, 400));
    archive.take('hall-7', '360p', segmentAt(3));
    await archive.settled();
    await archive.stop();
    for (const key of mediaKeys().slice(0, 3)) assert.deepEqual(store.objects.get(key), before.get(key), key);
    assert.deepEqual(await listed(), [0, 1, 2, 3]);
    assert.deepEqual([spoolFiles(), spool.sizeBytes], [[], 0]);
  });

  it('a file that lost its end with the power is not put, and that is said', async () => {
    store.isDown = true;
    const first = await open();
    for (const at of [0, 1]) first.archive.take('hall-7', '360p', segmentAt(at));
    await waitFor('all in the spool', () => first.index.unlistedCount === 2);
    await first.archive.stop();
    const torn = spoolFiles().find((path) => path.includes(`/${START_NUMBER}-`)) ?? '';
    truncateSync(torn, 10);
    store.isDown = false;
    const { archive } = await open();
    await archive.settled();
    await archive.stop();
    assert.deepEqual(mediaKeys().length, 1);
    assert.match(errors.join(), /a segment is lost: its spool file has 10 bytes of \d+/);
    assert.deepEqual(spoolFiles(), []);
  });

  it('a refused object does not block younger ones, and is retried', async () => {
    let isRefused = true;
    const denied = new StoreError('denied', { code: 'store-denied', status: 500 });
    store.onPut = async (key) => {
      if (isRefused && key.endsWith(`/${START_NUMBER}.m4s`)) throw denied;
    };
    const { archive } = await open();
    // The init segment is stored before: no success follows the refusal, so one put is tried at a time from then on.
    archive.take('hall-7', '360p', segmentAt(9));
    await archive.settled();
    archive.take('hall-7', '360p', segmentAt(0));
    await waitFor('the refusal', () => archive.counts.failedPuts === 1);
    for (let at = 1; at < 6; at += 1) archive.take('hall-7', '360p', segmentAt(at));
    await waitFor('all others', () => mediaKeys().length === 6);
    isRefused = false;
    await archive.settled();
    assert.equal(mediaKeys().length, 7);
    await archive.stop();
  });

  it('flushes that are requested during a flush become one', async () => {
    const { archive, index } = await open();
    archive.take('hall-7', '360p', segmentAt(0));
    await waitFor('it is stored', () => archive.counts.stored === 1);
    const flush = index.flush.bind(index);
    let begun = 0;
    let letGo = (): void => {};
    index.flush = async (channel) => {
      begun += 1;
      await new Promise<void>((resolve) => (letGo = resolve));
      return flush(channel);
    };
    const first = archive.flush();
    await waitFor('the first flush', () => begun === 1);
    const more = Array.from({ length: 10 }, () => archive.flush());
    letGo();
    await first;
    await waitFor('the second flush', () => begun === 2);
    letGo();
    await Promise.all(more);
    assert.equal(begun, 2);
    index.flush = flush;
    await archive.stop();
    assert.deepEqual(await listed(), [0]);
  });

  it('a flush that fails is repeated by the next one', async () => {
    const { archive } = await open();
    archive.take('hall-7', '360p', segmentAt(0));
    await waitFor('it is stored', () => archive.counts.stored === 1);
    const get = store.get.bind(store);
    store.get = async (key) => {
      if (key.startsWith('index/')) throw unavailable();
      return get(key);
    };
    await assert.rejects(archive.flush(), /down/);
    assert.ok(spoolFiles().length > 0);
    store.get = get;
    await archive.flush();
    assert.deepEqual(spoolFiles(), []);
    await archive.stop();
  });

  it('a block that was read before it was changed does not take the place of the newer one', async () => {
    await keep(1);
    const { archive, index } = await open({ startedMs: START_MS + 60_000 });
    const get = store.get.bind(store);
    let letGo = (): void => {};
    store.get = async (key) => {
      const bytes = await get(key);
      if (key.startsWith('index/')) await new Promise<void>((resolve) => (letGo = resolve));
      return bytes;
    };
    const range = { fromMs: START_MS, toMs: START_MS + 1e5 };
    const early = index.between('hall-7', range);
    await waitFor('it is being read', () => store.log.some((line) => line.startsWith('get index/')));
    store.get = get;
    archive.take('hall-7', '360p', segmentAt(40));
    await archive.settled();
    letGo();
    await early;
    assert.deepEqual((await index.between('hall-7', range)).length, 2);
    await archive.stop();
  });

  describe('a rebuild of the index', () => {
    const rebuild = () => rebuildIndex(store, undefined, () => {});

    it('leaves what an origin lists meanwhile', async () => {
      await keep(30);
      for (const key of [...store.objects.keys()]) if (key.startsWith('index/')) store.objects.delete(key);
      const origin = await open({ startedMs: START_MS + 48_000 });
      const get = store.get.bind(store);
      let isFirst = true;
      store.get = async (key) => {
        if (isFirst && key.startsWith('media/')) {
          isFirst = false;
          // One in a block of the rebuild, one in a block of its own.
          for (const at of [31, 900]) origin.archive.take('hall-7', '360p', segmentAt(at));
          await origin.archive.settled();
        }
        return get(key);
      };
      assert.equal((await rebuild()).segments, 30);
      store.get = get;
      await origin.archive.stop();
      assert.deepEqual(await listed(), [...Array.from({ length: 30 }, (_, at) => at), 31, 900]);
    });

    it('says what it could not read, and does not pass for done', async () => {
      await keep(12);
      const [, , , fourth = ''] = mediaKeys();
      const get = store.get.bind(store);
      store.get = async (key) => {
        if (key === fourth) throw unavailable();
        return get(key);
      };
      await assert.rejects(rebuild(), /down/);
    });

    it('holds a day of a channel at a time, and takes lines out whose objects are gone', async () => {
      const { archive } = await open();
      const perDay = 86_400_000 / 1600;
      for (const at of [0, perDay, perDay * 2]) archive.take('hall-7', '360p', segmentAt(at));
      await archive.settled();
      await archive.stop();
      const before = [...store.objects].filter(([key]) => key.startsWith('index/'));
      assert.equal(before.length, 3);
      const [, , last = ''] = mediaKeys();
      store.objects.delete(last);
      for (const [key] of before.slice(0, 2)) store.objects.delete(key);
      store.log.length = 0;
      assert.deepEqual(await rebuild(), { segments: 2, blocks: 2, unreadable: 0 });
      assert.deepEqual(
        [...store.objects].filter(([key]) => key.startsWith('index/')),
        before.slice(0, 2),
      );
      const firstPut = store.log.findIndex((line) => line.startsWith('put index/'));
      assert.ok(firstPut < store.log.findLastIndex((line) => line.startsWith('get media/')));
    });
  });
});
