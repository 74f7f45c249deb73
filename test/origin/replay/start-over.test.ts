import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { ArchiveReader } from '../../../origin/archive/archive-reader.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import type { ChannelView, Segment } from '../../../origin/packager/media.ts';
import { dropBefore, type TimeshiftLayout, segmentCount } from '../../../origin/replay/timeshift-layout.ts';
import { StartOver } from '../../../origin/replay/start-over.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type RecordingOrigin, recordingOrigin } from '../support/past-on-stage.ts';
import { START_MS, START_NUMBER } from '../support/synthetic.ts';

const HOUR_MS = 3_600_000;

describe('start-over from an archive that cannot be asked for all', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let on: RecordingOrigin;
  /** Another origin of the same channel, that knows nothing yet. */
  let index: ArchiveIndex;
  let startOver: StartOver;
  beforeEach(async () => {
    directory = makeTempDir();
    store = new MemoryStore();
    on = await recordingOrigin(store, directory.path, 'windowSegments: 8');
    on.origin.goOnAir();
    on.origin.run(1600 * 40);
    await on.archive.settled();
    const nowMs = (): number => on.origin.nowMs;
    const spool = await Spool.open(join(directory.path, 'other-spool'));
    index = new ArchiveIndex(store, nowMs);
    const reader = new ArchiveReader({ store, spool, index, cacheBytes: 1e6, nowMs });
    startOver = new StartOver({ index, reader, maxMs: 6 * HOUR_MS });
  });
  afterEach(async () => {
    store.isDown = false;
    await on.stop();
    directory.remove();
  });

  const view = (): Promise<ChannelView> => startOver.view(on.origin.channel, START_NUMBER, on.origin.nowMs);
  const gaps = (of: ChannelView): number[] =>
    of.renditions.map(({ segments }) => segments.filter(({ gap }) => gap).length);

  it('has gaps for what it does not know while the store is down, and none any more soon after it is back', async () => {
    // One segment of each block is known here; the rest only the store lists.
    const range = { fromMs: START_MS, toMs: on.origin.nowMs };
    const blocks = new Map(
      (await on.index.between('hall-7', range)).map((segment) => [segment.rendition, segment]),
    );
    for (const segment of blocks.values()) index.add('hall-7', segment);
    store.isDown = true;
    assert.ok(gaps(await view()).every((count) => count > 20));
    on.origin.nowMs += 60_000;
    assert.ok(
      gaps(await view()).every((count) => count > 20),
      'it is still down, and nobody waits for it',
    );
    store.isDown = false;
    on.origin.nowMs += 5000;
    await waitFor('all of it is there', async () => gaps(await view()).every((count) => count === 0));
  });

  it('has gaps for a rendition whose init segment is away, and none any more when it is back', async () => {
    const [key, bytes] = [...store.objects].find(([name]) => name.startsWith('init/hall-7/720p/')) ?? [];
    assert.ok(key !== undefined && bytes !== undefined, [...store.objects.keys()].slice(0, 5).join());
    store.objects.delete(key);
    const [best, ...others] = gaps(await view());
    assert.ok((best ?? 0) > 20);
    assert.deepEqual(others, [0, 0]);
    store.objects.set(key, bytes);
    on.origin.nowMs += 5000;
    await waitFor('all of it is there', async () => gaps(await view()).every((count) => count === 0));
  });

  it('is laid once: a gap that nobody can fill is no reason to ask for it again', async () => {
    await startOver.view(on.origin.channel, START_NUMBER - 500, on.origin.nowMs);
    const reads = store.log.length;
    on.origin.nowMs += 60_000;
    const again = await startOver.view(on.origin.channel, START_NUMBER - 500, on.origin.nowMs);
    assert.ok(gaps(again).every((count) => count > 400));
    assert.equal(store.log.length, reads);
  });

  it('an earlier beginning asks for what lies in front alone', async () => {
    await view();
    store.log.length = 0;
    await startOver.view(on.origin.channel, START_NUMBER - 300, on.origin.nowMs);
    const newest = Math.max(...store.log.map((line) => Number(/(\d+)\.jsonl$/.exec(line)?.[1] ?? 0)));
    assert.ok(newest <= START_MS, `${newest}`);
  });
});

describe('a past that is laid out', () => {
  const segments = (first: number, count: number): Segment[] =>
    Array.from({ length: count }, (_, i) => ({ number: first + i }) as Segment);

  it('lets go of what is further back than anybody may begin', () => {
    const past: TimeshiftLayout = {
      ...{ firstNumber: 100, endNumber: 1100, isPartial: false },
      byRendition: new Map([
        ['720p', segments(100, 1000)],
        ['audio', segments(100, 1000)],
      ]),
    };
    dropBefore(past, 120);
    assert.equal(segmentCount(past), 2000, 'not for a few');
    dropBefore(past, 500);
    assert.deepEqual([past.firstNumber, past.endNumber, segmentCount(past)], [500, 1100, 1200]);
    assert.deepEqual(
      [...past.byRendition.values()].map(([first]) => first?.number),
      [500, 500],
    );
  });
});

describe('start-over under pressure', () => {
  it('writes so many texts at a time, and tells the others when to come again', async () => {
    const directory = makeTempDir();
    const store = new MemoryStore();
    const on = await recordingOrigin(store, directory.path, 'windowSegments: 8');
    on.origin.goOnAir();
    on.origin.run(1600 * 25);
    await on.archive.settled();
    on.origin.run(1600 * 10);
    const read = store.get.bind(store);
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    store.get = async (key) => {
      await released;
      return read(key);
    };
    let refused = 0;
    const asked = Array.from({ length: 70 }, async (_, i) => {
      const answer = await on.origin.ask(`/live/hall-7/720p.m3u8?start=${START_MS - 1600 * i}`);
      if (answer.status === 200) return;
      assert.equal(JSON.parse(answer.body.toString()).error.code, 'replay-busy');
      assert.equal(answer.headers['retry-after'], '2');
      refused += 1;
      if (refused === 6) release();
    });
    await Promise.all(asked);
    assert.equal(refused, 6);
    await on.stop();
    directory.remove();
  });
});
