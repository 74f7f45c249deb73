import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { ArchiveReader } from '../../../origin/archive/archive-reader.ts';
import { BLOCK_MS, blockAt } from '../../../origin/archive/index-block.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import { RecordingLayout } from '../../../origin/packager/recording/recording-layout.ts';
import type { StoredSegment } from '../../../origin/packager/recording/stored-segment.ts';
import { Replay } from '../../../origin/replay/replay.ts';
import { BoundedQueue } from '../../../origin/replay/bounded-queue.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { audioInit, videoInit } from '../support/cmaf-init.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { START_MS, START_NUMBER } from '../support/synthetic.ts';

const HOUR_MS = 3_600_000;
const INITS = { '720p': videoInit(720), '360p': videoInit(360), audio: audioInit() };

/** A segment of each rendition; sound lasts two frames into the next one's place. */
function at(number: number): StoredSegment[] {
  return Object.entries(INITS).map(([rendition, { timescaleHz, hash, kind }]) => {
    const ticks = (timescaleHz * 16) / 10;
    const lateTicks = kind === 'audio' ? 2048 : 0;
    return {
      ...{ rendition, number, startTicks: number * ticks + lateTicks, durationTicks: ticks, timescaleHz },
      ...{ frames: 40, initHash: hash, sizeBytes: 20_000 + (number % 7) },
    };
  });
}

describe('laying a replay', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let index: ArchiveIndex;
  let replay: Replay;
  let nowMs: number;
  beforeEach(async () => {
    directory = makeTempDir();
    store = new MemoryStore();
    nowMs = START_MS + 48 * HOUR_MS;
    const spool = await Spool.open(join(directory.path, 'spool'));
    index = new ArchiveIndex(store, () => nowMs);
    const reader = new ArchiveReader({ store, spool, index, cacheBytes: 1e6, nowMs: () => nowMs });
    for (const [id, init] of Object.entries(INITS)) reader.cacheInit('hall-7', id, init);
    replay = new Replay({ index, reader, nowMs: () => nowMs });
  });
  afterEach(() => directory.remove());

  const fill = async (from: number, to: number): Promise<StoredSegment[]> => {
    const segments = Array.from({ length: to - from }, (_, i) => at(from + i)).flat();
    for (const segment of segments) {
      index.add('hall-7', segment);
      index.markStored('hall-7', segment);
    }
    await index.flush('hall-7');
    return segments;
  };

  it('in stretches gives what laying it in one go gives, and live has its turn between them', async () => {
    const segments = [
      ...(await fill(START_NUMBER, START_NUMBER + 2000)),
      ...(await fill(START_NUMBER + 2300, START_NUMBER + 4000)),
    ];
    const inits = new Map(Object.entries(INITS).map(([id, init]) => [`${id}/${init.hash}`, init]));
    const whole = new RecordingLayout();
    whole.add(segments, inits);
    const want = whole.finish();
    let turns = 0;
    let isLaid = false;
    const count = (): void => {
      turns += 1;
      if (!isLaid) setImmediate(count);
    };
    setImmediate(count);
    const got = await replay.recording('hall-7', { fromMs: START_MS, toMs: START_MS + 4000 * 1600 });
    isLaid = true;
    assert.deepEqual(got, want);
    assert.equal(got.spans.length, 2);
    assert.ok(turns >= Math.floor((4000 * 1600) / BLOCK_MS), `${turns} turns`);
  });

  it('begins every rendition with the same number, also where sound lasts a little longer', async () => {
    await fill(START_NUMBER, START_NUMBER + 20);
    const range = { fromMs: START_MS + 5 * 1600, toMs: START_MS + 10 * 1600 };
    const { renditions, spans } = await replay.recording('hall-7', range);
    for (const { id, segments } of renditions) {
      const numbers = segments.map(({ number, gap }) => (gap ? 'gap' : number - START_NUMBER));
      assert.deepEqual(numbers, [5, 6, 7, 8, 9], id);
    }
    assert.equal(spans.length, 1);
  });

  it('of a day waits for its own kind, and no class waits for it', async () => {
    await fill(START_NUMBER, START_NUMBER + 20);
    const dayMs = START_MS - 30 * HOUR_MS;
    const read = store.get.bind(store);
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    store.get = async (key) => {
      if (Number(/(\d+)\.jsonl$/.exec(key)?.[1]) < blockAt(START_MS) - BLOCK_MS) await released;
      return read(key);
    };
    const days = Array.from({ length: 10 }, (_, i) =>
      replay.recording('hall-7', { fromMs: dayMs + i * 1600, toMs: dayMs + 8 * HOUR_MS }),
    );
    const settled = Promise.allSettled(days);
    const refused = await Promise.allSettled(days.slice(8));
    assert.deepEqual(
      refused.map((one) => one.status === 'rejected' && one.reason.code),
      ['replay-busy', 'replay-busy'],
    );
    const lesson = await replay.recording('hall-7', { fromMs: START_MS, toMs: START_MS + 16_000 });
    assert.equal(lesson.renditions[0]?.segments.length, 10);
    release();
    const codes = (await settled).map((one) => (one.status === 'rejected' ? one.reason.code : ''));
    assert.equal(codes.filter((code) => code === 'nothing-recorded').length, 8);
  });

  it('is not kept when it is over, whatever is asked for next', async () => {
    await fill(START_NUMBER, START_NUMBER + 20);
    const range = { fromMs: START_MS, toMs: START_MS + 16_000 };
    const first = await replay.recording('hall-7', range);
    assert.equal(await replay.recording('hall-7', range), first);
    nowMs += 30_000;
    assert.notEqual(await replay.recording('hall-7', range), first);
  });
});

describe('turns', () => {
  it('are so many at once, in the order of who came; the rest is sent away', async () => {
    const turns = new BoundedQueue(2, 4);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (i: number) => async (): Promise<number> => {
      begun.push(i);
      await new Promise<void>((resolve) => ends.push(resolve));
      return i;
    };
    const taken = [0, 1, 2, 3, 4].map((i) => turns.tryRun(work(i)));
    assert.equal(taken[4], null);
    await new Promise(setImmediate);
    assert.deepEqual(begun, [0, 1]);
    ends[1]?.();
    assert.equal(await taken[1], 1);
    await new Promise(setImmediate);
    assert.deepEqual(begun, [0, 1, 2]);
    ends[0]?.();
    await taken[0];
    await new Promise(setImmediate);
    ends[2]?.();
    ends[3]?.();
    assert.deepEqual(await Promise.all([taken[2], taken[3]]), [2, 3]);
  });

  it('go on where one fails', async () => {
    const turns = new BoundedQueue(1, 2);
    const failed = turns.tryRun(() => Promise.reject(new Error('a fault')));
    const after = turns.tryRun(async () => 'done');
    await assert.rejects(async () => failed);
    assert.equal(await after, 'done');
  });
});
