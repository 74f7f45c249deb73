import assert from 'node:assert/strict';
import { BlockCache } from '../../../origin/archive/block-cache.ts';
import { indexKey } from '../../../origin/archive/archive-keys.ts';
import { BLOCK_MS, blockAt } from '../../../origin/archive/index-block.ts';
import { SpoolFillAlarm } from '../../../origin/archive/spool-fill-alarm.ts';
import { WatchedBlocks } from '../../../origin/archive/watched-blocks.ts';
import { lineOf } from '../support/library-on-stage.ts';

const BLOCK = blockAt(1_600_000_000_000);
const END_MS = BLOCK + BLOCK_MS;

describe('cached blocks of the index', () => {
  const lines = [lineOf(BLOCK)];
  const table = [
    { name: 'one that grows, after a second', readMs: BLOCK + 5000, afterMs: 1000, fresh: true },
    { name: 'one that grows, after two seconds', readMs: BLOCK + 5000, afterMs: 2000, fresh: false },
    { name: 'one that ended a minute ago', readMs: END_MS + 60_000, afterMs: 2000, fresh: false },
    { name: 'an old one, after a minute', readMs: END_MS + 120_000, afterMs: 60_000, fresh: true },
    { name: 'an old one, after five minutes', readMs: END_MS + 120_000, afterMs: 300_000, fresh: false },
    { name: 'one of a clock that was set back', readMs: END_MS + 600_000, afterMs: -1, fresh: false },
  ];
  for (const { name, readMs, afterMs, fresh } of table) {
    it(`${name}: ${fresh ? 'fresh' : 'not fresh'}`, () => {
      const cache = new BlockCache(100);
      cache.set('a', lines, readMs);
      assert.deepEqual(cache.fresh('a', BLOCK, readMs + afterMs), fresh ? lines : undefined);
      assert.deepEqual(cache.stale('a'), lines);
    });
  }

  it('are bounded by their lines; an empty block counts four', () => {
    const cache = new BlockCache(20);
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, [...lines, ...lines], 0);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((key) => cache.stale(key) !== undefined),
      [false, true, true, true],
    );
    for (const key of ['e', 'f', 'g', 'h', 'i']) cache.set(key, [], 0);
    assert.deepEqual(
      ['d', 'e', 'i'].map((key) => cache.stale(key) !== undefined),
      [false, true, true],
    );
  });
});

describe('watched blocks', () => {
  const number = BLOCK / 1600;

  it('are the one that was requested and the one behind it, for two minutes', () => {
    const watched = new WatchedBlocks();
    watched.note('hall-7', number, 1_000_000);
    const at = (blockMs: number, nowMs: number): boolean => watched.isWatched('hall-7', blockMs, nowMs);
    assert.deepEqual([at(BLOCK, 1_119_999), at(BLOCK, 1_120_000)], [true, false]);
    assert.deepEqual([at(BLOCK + BLOCK_MS, 1_000_001), at(BLOCK - BLOCK_MS, 1_000_001)], [true, false]);
    assert.equal(watched.isWatched('hall-8', BLOCK, 1_000_001), false);
    assert.ok(indexKey('hall-7', BLOCK) !== indexKey('hall-8', BLOCK));
  });

  it('count on both grids', () => {
    const watched = new WatchedBlocks();
    watched.note('hall-7', number / 2, 1_000_000);
    assert.equal(watched.isWatched('hall-7', BLOCK, 1_000_001), true);
    assert.equal(watched.isWatched('hall-7', blockAt(BLOCK / 2), 1_000_001), true);
  });

  it('stay watched while requests go on', () => {
    const watched = new WatchedBlocks();
    for (let nowMs = 0; nowMs <= 600_000; nowMs += 60_000) watched.note('hall-7', number, 1_000_000 + nowMs);
    assert.equal(watched.isWatched('hall-7', BLOCK, 1_700_000), true);
  });
});

describe('the alarm of a spool that fills', () => {
  it('warns once for each share, and again after the spool was emptied', () => {
    const alarm = new SpoolFillAlarm(100);
    assert.deepEqual(
      [10, 25, 30, 60, 74, 95, 99].map((size) => alarm.afterWrite(size)),
      [null, 0.25, null, 0.5, null, 0.9, null],
    );
    alarm.afterRemoval(50);
    assert.equal(alarm.afterWrite(80), null);
    alarm.afterRemoval(44);
    assert.equal(alarm.afterWrite(60), 0.5);
  });
});
