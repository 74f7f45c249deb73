import assert from 'node:assert/strict';
import { type BroadcastRecord, deleteBroadcast } from '../../../origin/broadcasts/broadcast-record.ts';
import { RECONNECT_MS, DECIDED_MS, LONGEST_MS } from '../../../origin/broadcasts/broadcast-fold.ts';
import type { RunLogSnapshot } from '../../../origin/packager/timeline/run-log.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { LibraryOnStage, lesson, runLog } from '../support/library-on-stage.ts';
import { MemoryStore } from '../support/memory-store.ts';

/** On the grid. */
const T0 = 1_600_000_000_000;
const HOUR_MS = 3_600_000;

describe('broadcasts in the library', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let clock: { nowMs: number };
  let origin: LibraryOnStage;
  beforeEach(() => {
    directory = makeTempDir();
    store = new MemoryStore();
    clock = { nowMs: T0 };
  });
  afterEach(() => directory.remove());

  /** A process begins, with what an earlier one left. */
  const start = async (log?: RunLogSnapshot): Promise<void> => {
    origin = await LibraryOnStage.start(
      store,
      clock,
      directory.path,
      log === undefined ? {} : { 'hall-7': log },
    );
  };
  const enter = async (...broadcasts: readonly BroadcastRecord[]): Promise<void> => {
    for (const broadcast of broadcasts) origin.library.put(broadcast);
    await origin.library.settled();
  };
  /** What the library has of a channel, oldest first; times since T0. */
  const library = async (channel = 'hall-7'): Promise<string[]> => {
    // A look into the index may be under way.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
    await origin.library.settled();
    return origin.library
      .of(channel)
      .toReversed()
      .map(({ id, startMs, endMs, gaps }) => {
        const span = (fromMs: number, toMs: number | null): string =>
          `${fromMs - T0}-${toMs === null ? '' : toMs - T0}`;
        return [`${id}: ${span(startMs, endMs)}`, ...gaps.map((gap) => span(gap.startMs, gap.endMs))].join(
          ' without ',
        );
      });
  };

  it('a class is entered when it begins, and ended when it ends', async () => {
    await start();
    await origin.housekeeping.refresh();
    origin.visit('hall-7');
    const began = clock.nowMs;
    origin.publish('hall-7', 'b1', 16_000);
    const [open = ''] = await library();
    assert.match(open, /^b1: \d+-$/);
    assert.equal(origin.tracker.openOn('hall-7')?.id, 'b1');
    origin.leave('hall-7', 'b1', 'over');
    const { startMs, endMs } = origin.library.getOrThrow('hall-7', 'b1');
    assert.ok(startMs >= began - 1600 && (endMs ?? 0) > startMs + 12_000, `${startMs} ${endMs}`);
    assert.deepEqual(origin.wanted, ['b1']);
  });

  it('before the library is read nothing is entered, and all of it after', async () => {
    await start();
    await enter(lesson('b1', T0 - 1600, { endMs: null, title: 'Fractions', keep: true }));
    clock.nowMs = T0 + 3200;
    await start(runLog([[T0 - 1600, 'on-air', 'b1']]));
    origin.publish('hall-7', 'b1', 16_000);
    origin.leave('hall-7', 'b1', 'over');
    assert.deepEqual(await library(), []);
    await origin.housekeeping.refresh();
    const [entry = ''] = await library();
    assert.match(entry, /^b1: -1600-\d+$/);
    const known = origin.library.get('hall-7', 'b1');
    assert.deepEqual([known?.title, known?.keep], ['Fractions', true]);
  });

  describe('what was open when no origin was up', () => {
    it('is ended where its media ends, though nobody opens its channel', async () => {
      await start();
      await enter(lesson('b1', T0, { endMs: null, gaps: [{ startMs: T0 + 3200, endMs: T0 + 4800 }] }));
      await origin.record('hall-7', T0, T0 + 1600, T0 + 8000);
      clock.nowMs = T0 + HOUR_MS;
      await start();
      await origin.housekeeping.refresh();
      assert.deepEqual(await library(), ['b1: 0-9600 without 3200-4800']);
      assert.deepEqual(origin.wanted, ['b1']);
    });

    it('is ended so on a channel that is not configured any more', async () => {
      await start();
      await enter(lesson('b1', T0, { channel: 'hall-99', endMs: null }));
      await origin.record('hall-99', T0);
      clock.nowMs = T0 + HOUR_MS;
      await start();
      await origin.housekeeping.refresh();
      assert.deepEqual(await library('hall-99'), ['b1: 0-1600']);
    });

    it('is left open for half a day where no segment is listed: the index may be lost', async () => {
      await start();
      await enter(lesson('b1', T0, { endMs: null }));
      clock.nowMs = T0 + HOUR_MS;
      await start();
      await origin.housekeeping.refresh();
      assert.deepEqual(await library(), ['b1: 0-']);
      clock.nowMs = T0 + 13 * HOUR_MS;
      await origin.tracker.endStale();
      assert.deepEqual(await library(), ['b1: 0-1600']);
    });

    it('and stays so when somebody opens the channel later', async () => {
      await start();
      await enter(lesson('b1', T0, { endMs: null }));
      await origin.record('hall-7', T0, T0 + 8000);
      clock.nowMs = T0 + HOUR_MS;
      const log = runLog([[T0, 'on-air', 'b1']]);
      await start(log);
      await origin.housekeeping.refresh();
      clock.nowMs += HOUR_MS;
      origin.visit('hall-7');
      assert.deepEqual(await library(), ['b1: 0-9600']);
      clock.nowMs += RECONNECT_MS + DECIDED_MS + 3200;
      origin.tracker.tick();
      assert.deepEqual(await library(), ['b1: 0-9600']);
    });

    it('and the next class is another one, though the log of runs shows nothing in between', async () => {
      await start();
      await enter(lesson('b1', T0, { endMs: null }));
      await origin.record('hall-7', T0, T0 + 8000);
      clock.nowMs = T0 + 3 * HOUR_MS;
      await start(runLog([[T0, 'on-air', 'b1']]));
      // Its publisher is faster than the library.
      origin.publish('hall-7', 'b2', 16_000);
      await origin.housekeeping.refresh();
      const entries = await library();
      assert.equal(entries[0], 'b1: 0-9600');
      assert.match(entries[1] ?? '', /^b2: 108\d{5}-$/);
      assert.equal(entries.length, 2);
    });

    it('is left open while it may come back, and goes on when it does', async () => {
      await start();
      await enter(lesson('b1', T0, { endMs: null }));
      await origin.record('hall-7', T0, T0 + 8000);
      clock.nowMs = T0 + 60_000;
      await start(runLog([[T0, 'on-air', 'b1']]));
      await origin.housekeeping.refresh();
      assert.deepEqual(await library(), ['b1: 0-']);
      origin.visit('hall-7', 16_000);
      origin.publish('hall-7', 'b2', 16_000);
      const [entry = '', ...more] = await library();
      assert.match(entry, /^b1: 0- without /);
      assert.deepEqual(more, []);
    });

    it('ended while it was down is ended where its media did, and not where it was found', async () => {
      await start();
      await enter(lesson('b1', T0, { endMs: null }));
      await origin.record('hall-7', T0, T0 + 8000);
      clock.nowMs = T0 + 300_000;
      await start(runLog([[T0, 'on-air', 'b1']]));
      await origin.housekeeping.refresh();
      origin.visit('hall-7', 16_000);
      assert.deepEqual(await library(), ['b1: 0-']);
      clock.nowMs += RECONNECT_MS + DECIDED_MS + 3200;
      origin.tracker.tick();
      assert.deepEqual(await library(), ['b1: 0-9600']);
    });
  });

  it('a channel that never ends is the same broadcasts after a restart, and none of them stays open', async () => {
    const cut = T0 + LONGEST_MS;
    await start();
    await enter(lesson('b1', T0, { endMs: cut }), lesson(`b1-${cut}`, cut, { endMs: null }));
    await origin.record('hall-7', T0, cut, cut + 8 * HOUR_MS);
    clock.nowMs = T0 + 21 * HOUR_MS;
    await start(runLog([[T0, 'on-air', 'b1']]));
    await origin.housekeeping.refresh();
    origin.visit('hall-7', 16_000);
    const lastMs = LONGEST_MS + 8 * HOUR_MS + 1600;
    assert.deepEqual(await library(), [`b1: 0-${LONGEST_MS}`, `b1-${cut}: ${LONGEST_MS}-${lastMs}`]);
  });

  describe('a log of runs that begins in the middle of a class', () => {
    const gaps = [{ startMs: T0 + 1600, endMs: T0 + 3200 }];
    const logs = [
      { name: 'on air', first: 'on-air' },
      { name: 'at an interruption', first: 'interrupted' },
    ] as const;
    for (const { name, first } of logs) {
      it(`${name} goes on with that class, and with its gaps`, async () => {
        await start();
        await enter(lesson('b1', T0, { endMs: T0 + 160_000, gaps }));
        clock.nowMs = T0 + HOUR_MS;
        await start(
          runLog(
            [
              [T0 + 8000, first, first === 'on-air' ? 'b5' : ''],
              [T0 + 16_000, 'interrupted'],
              [T0 + 32_000, 'on-air', 'b6'],
              [T0 + 160_000, 'over'],
            ],
            12,
          ),
        );
        await origin.housekeeping.refresh();
        origin.visit('hall-7');
        const lastGap = first === 'on-air' ? '16000-32000' : '8000-32000';
        assert.deepEqual(await library(), [`b1: 0-160000 without 1600-3200 without ${lastGap}`]);
      });
    }

    it('makes nothing of one that was deleted', async () => {
      await start();
      await enter(lesson('b1', T0, { endMs: T0 + 160_000 }));
      await origin.library.change('hall-7', 'b1', (known) => deleteBroadcast(known, T0 + 200_000));
      clock.nowMs = T0 + HOUR_MS;
      const runs = [
        [T0 + 8000, 'on-air', 'b5'],
        [T0 + 160_000, 'over'],
      ] as const;
      await start(runLog(runs, 12));
      await origin.housekeeping.refresh();
      origin.visit('hall-7');
      assert.deepEqual(await library(), []);
    });

    it('and one that was lost go on with what the library has', async () => {
      await start();
      await enter(lesson('b1', T0, { endMs: null, gaps }));
      await origin.record('hall-7', T0 + 28_800);
      clock.nowMs = T0 + 32_000;
      await start();
      await origin.housekeeping.refresh();
      origin.publish('hall-7', 'b1', 16_000);
      origin.leave('hall-7', 'b1', 'over');
      const [entry = '', ...more] = await library();
      assert.match(entry, /^b1: 0-4\d{4} without 1600-3200$/);
      assert.deepEqual(more, []);
    });
  });

  it('a name that is used again long after is another broadcast', async () => {
    await start();
    await enter(lesson('b1', T0 - HOUR_MS));
    await origin.housekeeping.refresh();
    origin.publish('hall-7', 'b1', 16_000);
    const entries = await library();
    assert.match(entries[0] ?? '', /^b1: -3600000--3539200$/);
    assert.match(entries[1] ?? '', /^b1-\d{13}: /);
  });
});
