import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Archive } from '../../../origin/archive/archive.ts';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { ArchiveReader } from '../../../origin/archive/archive-reader.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import { writePart } from '../../../origin/packager/cmaf/part-writer.ts';
import type { Segment, TrackInit } from '../../../origin/packager/media.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { videoInit } from '../support/cmaf-init.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { START_MS, START_NUMBER, syntheticSamples } from '../support/synthetic.ts';

const INIT = videoInit(360);

/** A closed segment of 1.6 s in one part, `count` after the first. */
function segmentAt(count: number, init: TrackInit = INIT): Segment {
  const startMs = START_MS + count * 1600;
  const samples = syntheticSamples(init, startMs, startMs + 1600, count % 256);
  const bytes = writePart({ init, sequenceNumber: count, samples });
  const startTicks = startMs * 90;
  return {
    ...{ number: START_NUMBER + count, init, startTicks, durationTicks: 144_000 },
    ...{ closed: true, gap: false, discontinuity: false },
    parts: [{ index: 0, startTicks, durationTicks: 144_000, independent: true, bytes }],
  };
}

const bytesOf = (segment: Segment): Buffer => Buffer.concat(segment.parts.map(({ bytes }) => bytes));
const numberOf = (key: string): number => Number(/(\d+)\.m4s$/.exec(key)?.[1]);

describe('the archive', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let errors: string[];
  let warnings: string[];
  const archives: Archive[] = [];
  beforeEach(() => {
    directory = makeTempDir();
    store = new MemoryStore();
    errors = [];
    warnings = [];
  });
  afterEach(async () => {
    store.isDown = false;
    await Promise.all(archives.splice(0).map((archive) => archive.stop()));
    directory.remove();
  });

  /** A process: an archive with all that belongs to it, on the spool of this test. */
  const open = async (maxSpoolBytes = 1e9, folder = 'spool') => {
    const clock = { nowMs: () => START_MS };
    const logger = {
      ...silentLogger,
      error: (_: object, line: string) => void errors.push(line),
      warn: (_: object, line: string) => void warnings.push(line),
    };
    const spool = await Spool.open(join(directory.path, folder));
    const index = new ArchiveIndex(store, clock.nowMs);
    const limits = { maxSpoolBytes, flushMs: 1e6 };
    const archive = new Archive({ ...{ store, spool, index, clock, logger }, ...limits });
    archives.push(archive);
    await archive.start();
    const reader = new ArchiveReader({ store, spool, index, cacheBytes: 1e6, nowMs: clock.nowMs });
    return { archive, spool, index, reader };
  };
  const range = { fromMs: START_MS, toMs: START_MS + 1e5 };
  const spoolFiles = () =>
    readdirSync(join(directory.path, 'spool'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );

  it('brings a segment to the store byte for byte, lists it, and takes it out of the spool', async () => {
    const { archive, index, reader } = await open();
    archive.take('hall-7', '360p', segmentAt(0));
    await archive.settled();
    const keys = [...store.objects.keys()].toSorted();
    const day = new Date(START_MS).toISOString().slice(0, 10);
    assert.deepEqual(keys, [
      `index/hall-7/${Math.floor(START_MS / 409_600) * 409_600}.jsonl`,
      `init/hall-7/360p/${INIT.hash}.mp4`,
      `media/hall-7/${day}/360p/${INIT.hash}/${START_NUMBER}.m4s`,
    ]);
    assert.deepEqual(store.objects.get(keys[2] ?? ''), bytesOf(segmentAt(0)));
    assert.deepEqual(store.objects.get(keys[1] ?? ''), INIT.bytes);
    assert.deepEqual(spoolFiles(), []);
    assert.deepEqual(await index.between('hall-7', range), [
      {
        ...{ rendition: '360p', number: START_NUMBER, startTicks: START_MS * 90, durationTicks: 144_000 },
        ...{ timescaleHz: 90_000, frames: 40, initHash: INIT.hash },
        sizeBytes: bytesOf(segmentAt(0)).length,
      },
    ]);
    assert.deepEqual(await reader.segment('hall-7', '360p', START_NUMBER), bytesOf(segmentAt(0)));
    assert.equal((await reader.init('hall-7', '360p', INIT.hash))?.hash, INIT.hash);
    assert.equal(await reader.segment('hall-7', '360p', START_NUMBER + 1), null);
    assert.equal(await reader.init('hall-7', '360p', '000000000000'), null);
  });

  it('while the store is down what closes waits, can be read, and arrives in order, once', async () => {
    const { archive, reader, index } = await open();
    store.isDown = true;
    for (let count = 0; count < 40; count += 1) archive.take('hall-7', '360p', segmentAt(count));
    await waitFor('a put that failed', () => archive.counts.failedPuts > 0);
    await waitFor('all in the spool', () => index.unlistedCount === 40);
    assert.equal(archive.isStoreDown, true);
    assert.match(errors.join(), /the store does not accept segments of hall-7; they stay in the spool/);
    assert.deepEqual(await reader.segment('hall-7', '360p', START_NUMBER + 39), bytesOf(segmentAt(39)));
    assert.equal((await index.between('hall-7', range)).length, 40);
    store.isDown = false;
    await archive.settled();
    const puts = store.log.filter((line) => line.startsWith('put media/')).map(numberOf);
    assert.equal(new Set(puts).size, 40);
    assert.equal(puts.length, 40);
    // Some at once: none is put before one that closed more than sixteen before it.
    puts.forEach((number, place) => assert.ok(Math.abs(number - START_NUMBER - place) <= 16, puts.join()));
    assert.deepEqual(spoolFiles(), []);
    assert.equal(archive.isStoreDown, false);
  });

  it('what a killed process left is brought to the store and listed by the next one', async () => {
    const killed = await open();
    // Some are in the store but not listed, some on their way, some not: nothing of this process is let finish.
    let stuck = 0;
    store.onPut = async (key) => {
      if (!key.startsWith('media/') || numberOf(key) < START_NUMBER + 5) return;
      stuck += 1;
      await new Promise(() => {});
    };
    for (let count = 0; count < 20; count += 1) killed.archive.take('hall-7', '360p', segmentAt(count));
    await waitFor('puts that hang', () => stuck === 4);
    await waitFor('all on the disk', () => spoolFiles().length >= 20);
    archives.length = 0;
    store.onPut = async () => {};
    assert.equal([...store.objects.keys()].filter((key) => key.startsWith('index/')).length, 0);
    const half = join(directory.path, 'spool', 'hall-7', '360p', INIT.hash, '1-2-3-4-5-6.m4s.half');
    mkdirSync(join(half, '..'), { recursive: true });
    writeFileSync(half, 'torn');

    const next = await open();
    await next.archive.settled();
    const listed = await next.index.between('hall-7', range);
    assert.deepEqual(
      listed.map(({ number }) => number),
      Array.from({ length: 20 }, (_, count) => START_NUMBER + count),
    );
    for (const { number } of listed) {
      const bytes = await next.reader.segment('hall-7', '360p', number);
      assert.deepEqual(bytes, bytesOf(segmentAt(number - START_NUMBER)));
    }
    assert.deepEqual(spoolFiles(), []);
  });

  it('a segment that is made again after a restart, while it is in the spool, is kept once', async () => {
    store.isDown = true;
    const first = await open();
    first.archive.take('hall-7', '360p', segmentAt(0));
    await waitFor('it is on the disk', () => spoolFiles().length === 2);
    await first.archive.stop();
    const second = await open();
    second.archive.take('hall-7', '360p', segmentAt(0));
    await waitFor('a try', () => second.archive.counts.failedPuts > 0);
    store.isDown = false;
    await second.archive.settled();
    assert.deepEqual(
      errors.filter((line) => line.includes('lost')),
      [],
    );
    assert.equal(second.archive.counts.stored, 1);
    assert.equal(second.archive.spoolBytes, 0);
  });

  it('a spool that fills says so long before it is full, and a segment that is lost is never silent', async () => {
    store.isDown = true;
    const sizeBytes = bytesOf(segmentAt(0)).length;
    const { archive } = await open(10 * sizeBytes + 10);
    for (let count = 0; count < 12; count += 1) {
      archive.take('hall-7', '360p', segmentAt(count));
      await waitFor(
        'it is on the disk or lost',
        () => spoolFiles().length + archive.counts.lost === count + 2,
      );
    }
    assert.equal(archive.counts.lost, 2);
    assert.deepEqual(
      warnings.map((line) => /spool is (\d+) % full/.exec(line)?.[1]),
      ['25', '50', '75', '90'],
    );
    assert.match(errors.join('\n'), /a segment is lost: the spool is full/);
  });

  it('two origins that write one channel both end in its index', async () => {
    const left = await open();
    // Each origin has a disk of its own.
    const right = await open(1e9, 'other-spool');
    for (let count = 0; count < 6; count += 1) {
      (count % 2 === 0 ? left : right).archive.take('hall-7', '360p', segmentAt(count));
      (count % 3 === 0 ? left : right).archive.take('hall-7', '360p', segmentAt(count));
      await left.archive.settled();
      await right.archive.settled();
    }
    const fresh = new ArchiveIndex(store, () => START_MS);
    assert.equal((await fresh.between('hall-7', range)).length, 6);
  });

  it('a block of the index that is damaged holds up no other, and is tried again', async () => {
    const { archive, index } = await open();
    const damaged = `index/hall-7/${Math.floor(START_MS / 409_600) * 409_600}.jsonl`;
    await store.put(damaged, Buffer.from('not an index'));
    archive.take('hall-7', '360p', segmentAt(0));
    archive.take('hall-8', '360p', segmentAt(0));
    await assert.rejects(archive.settled(), /not an index|is not a line of an index/);
    assert.equal((await index.between('hall-8', range)).length, 1);
    assert.equal(index.unlistedCount, 1);
    assert.equal(spoolFiles().length, 1, 'what is not listed stays in the spool');
    assert.match(errors.join(), /the index of hall-7 cannot be written: index\/hall-7/);
    store.objects.delete(damaged);
    await archive.settled();
    assert.deepEqual(spoolFiles(), []);
  });

  it('however many ask for a segment, the store is read once; and memory is bounded', async () => {
    const { archive } = await open();
    for (let count = 0; count < 4; count += 1) archive.take('hall-7', '360p', segmentAt(count));
    await archive.settled();
    const spool = await Spool.open(join(directory.path, 'other'));
    const index = new ArchiveIndex(store, () => START_MS);
    const sizeBytes = bytesOf(segmentAt(0)).length;
    const reader = new ArchiveReader({
      store,
      spool,
      index,
      cacheBytes: 2.5 * sizeBytes,
      nowMs: () => START_MS,
    });
    store.log.length = 0;
    const asked = Array.from({ length: 50 }, () => reader.segment('hall-7', '360p', START_NUMBER));
    const answers = await Promise.all(asked);
    assert.ok(answers.every((bytes) => bytes === answers[0]));
    assert.equal(store.log.filter((line) => line.startsWith('get media/')).length, 1);
    for (let count = 0; count < 4; count += 1) await reader.segment('hall-7', '360p', START_NUMBER + count);
    assert.ok(reader.cache.sizeBytes <= 2.5 * sizeBytes);
    store.isDown = true;
    assert.deepEqual(await reader.segment('hall-7', '360p', START_NUMBER + 3), bytesOf(segmentAt(3)));
    await assert.rejects(reader.segment('hall-7', '360p', START_NUMBER), /down/);
  });
});
