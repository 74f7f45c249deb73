import assert from 'node:assert/strict';
import { BLOCK_MS } from '../../../origin/archive/index-block.ts';
import {
  MAX_BLOCKS_PER_RUN,
  RetentionPlan,
  type RetentionRule,
} from '../../../origin/archive/retention-plan.ts';

/** Blocks of 100 bytes, numbered from 1. */
const blocks = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ blockMs: (at + 1) * BLOCK_MS, mediaBytes: 100 }));
const rangeOf = (number: number) => ({ fromMs: number * BLOCK_MS, toMs: (number + 1) * BLOCK_MS });
const ONE = { segments: 1, sizeBytes: 100 };

/** Runs a plan. @returns numbers of the erased blocks, and up to which block all is erased */
function run(
  count: number,
  rule: RetentionRule,
  nowMs: number,
  { guarded = [] as number[], skipped = [] as number[] } = {},
) {
  const plan = new RetentionPlan(blocks(count).toReversed(), rule, nowMs);
  const { isEmpty } = plan;
  const erased: number[] = [];
  const ranges = guarded.map(rangeOf);
  for (let block = plan.next(ranges); block !== null; block = plan.next(ranges)) {
    const number = block.blockMs / BLOCK_MS;
    if (skipped.includes(number)) plan.skipped(block);
    else {
      erased.push(number);
      plan.erased(block, ONE);
    }
  }
  return { erased, before: plan.erasedBeforeMs / BLOCK_MS, isMore: plan.isMore, isEmpty };
}

describe('what retention plans to erase', () => {
  const forever = { maxAgeMs: null, maxBytes: null };
  it('nothing without a rule', () => {
    assert.deepEqual(run(3, forever, 1e15), { erased: [], before: 0, isMore: false, isEmpty: true });
  });

  it('whole blocks that are too old, to the millisecond', () => {
    const rule = { maxAgeMs: 5 * BLOCK_MS, maxBytes: null };
    assert.deepEqual(run(4, rule, 8 * BLOCK_MS).erased, [1, 2]);
    assert.deepEqual(run(4, rule, 8 * BLOCK_MS - 1).erased, [1]);
    assert.equal(run(4, rule, 8 * BLOCK_MS).before, 3);
  });

  it('the oldest of what is too large, to the byte', () => {
    assert.deepEqual(run(4, { maxAgeMs: null, maxBytes: 200 }, 0).erased, [1, 2]);
    assert.deepEqual(run(4, { maxAgeMs: null, maxBytes: 199 }, 0).erased, [1, 2, 3]);
    assert.equal(run(4, { maxAgeMs: null, maxBytes: 400 }, 0).isEmpty, true);
    assert.equal(run(4, { maxAgeMs: null, maxBytes: 399 }, 0).isEmpty, false);
  });

  it('what follows a protected block in its place', () => {
    const rule = { maxAgeMs: null, maxBytes: 200 };
    assert.deepEqual(run(4, rule, 0, { guarded: [1] }).erased, [2, 3]);
  });

  it('nothing in the place of a skipped block, which a later run erases', () => {
    const rule = { maxAgeMs: null, maxBytes: 200 };
    const { erased, before } = run(4, rule, 0, { skipped: [1] });
    assert.deepEqual([erased, before], [[2], 0]);
  });

  it('says up to where all is erased: to the first skipped block, and no further', () => {
    const rule = { maxAgeMs: 1, maxBytes: null };
    assert.equal(run(4, rule, 9 * BLOCK_MS, { skipped: [3] }).before, 3);
    assert.deepEqual(run(4, rule, 9 * BLOCK_MS, { skipped: [3] }).erased, [1, 2, 4]);
  });

  it('a bounded number of blocks a run, and says that there are more', () => {
    const rule = { maxAgeMs: 1, maxBytes: null };
    const { erased, before, isMore } = run(MAX_BLOCKS_PER_RUN + 3, rule, 1000 * BLOCK_MS);
    assert.deepEqual([erased.length, before, isMore], [MAX_BLOCKS_PER_RUN, MAX_BLOCKS_PER_RUN + 1, true]);
    assert.equal(run(MAX_BLOCKS_PER_RUN, rule, 1000 * BLOCK_MS).isMore, false);
  });

  it('blocks of which all is protected take no part of a run', () => {
    const plan = new RetentionPlan(blocks(MAX_BLOCKS_PER_RUN + 3), { maxAgeMs: 1, maxBytes: null }, 1e15);
    let count = 0;
    for (let block = plan.next([]); block !== null; block = plan.next([])) {
      plan.erased(block, { segments: 0, sizeBytes: 0 });
      count += 1;
    }
    assert.deepEqual([count, plan.isMore], [MAX_BLOCKS_PER_RUN + 3, false]);
  });

  it('an interrupted run erases up to the block that it stopped at', () => {
    const plan = new RetentionPlan(blocks(4), { maxAgeMs: 1, maxBytes: null }, 9 * BLOCK_MS);
    const first = plan.next([]);
    assert.ok(first !== null);
    plan.erased(first, ONE);
    plan.interrupt();
    assert.deepEqual([plan.erasedBeforeMs, plan.isMore], [2 * BLOCK_MS, true]);
  });
});
