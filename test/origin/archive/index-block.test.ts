import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ArchiveError } from '../../../origin/archive/archive-error.ts';
import {
  BLOCK_MS,
  blockOf,
  blocksBetween,
  formatBlock,
  inOrder,
  mergeSegments,
  parseBlock,
} from '../../../origin/archive/index-block.ts';
import {
  dayOf,
  indexKey,
  initKey,
  parseSegmentKey,
  segmentKey,
} from '../../../origin/archive/archive-keys.ts';
import { isKey } from '../../../shared/object-store.ts';
import {
  gridStartMsOf,
  gridUnitsOf,
  type StoredSegment,
} from '../../../origin/packager/recording/stored-segment.ts';

const HASH = '0123456789ab';

/** A segment of a number on a grid, off it by some of its frames. */
function stored(number: number, rendition = '720p', gridUnits = 1, lateMs = 0): StoredSegment {
  const timescaleHz = 90_000;
  return {
    ...{ rendition, number, timescaleHz, initHash: HASH, frames: 40, sizeBytes: 1000 },
    startTicks: (number * 1600 * gridUnits + lateMs) * 90,
    durationTicks: 144_000 * gridUnits,
  };
}

const anySegment = fc
  .record({
    number: fc.integer({ min: 1_000_000, max: 1_000_999 }),
    rendition: fc.constantFrom('720p', '360p', 'audio'),
    gridUnits: fc.constantFrom(1, 2),
    lateMs: fc.integer({ min: 0, max: 1500 }),
    captions: fc.constantFrom([], ['CC1'], ['CC1', 'CC3', 'SERVICE12']),
  })
  .map(({ number, rendition, gridUnits, lateMs, captions }) => ({
    ...stored(number, rendition, gridUnits, lateMs),
    ...(captions.length === 0 ? {} : { captions }),
  }));

describe('a block of the index', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(anySegment), (segments) => {
        assert.deepEqual(parseBlock(formatBlock(segments), 'x'), segments);
      }),
    );
  });

  it('is the same whichever of two origins merged it first, but for what both know otherwise', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anySegment, { selector: (s) => `${s.rendition}/${s.number}` }), (all) => {
        const left = all.filter((_, i) => i % 3 !== 0);
        const right = all.filter((_, i) => i % 3 !== 1);
        assert.deepEqual(mergeSegments(left, right), mergeSegments(right, left));
        assert.deepEqual(mergeSegments(left, right), all.toSorted(inOrder));
        assert.deepEqual(mergeSegments(mergeSegments(left, right), right), mergeSegments(left, right));
      }),
    );
  });

  it('keeps what it knew first: media never changes', () => {
    const other = { ...stored(1_000_000), sizeBytes: 7 };
    assert.deepEqual(mergeSegments([stored(1_000_000)], [other]), [stored(1_000_000)]);
  });

  it('holds every segment of a range in the blocks of that range', () => {
    fc.assert(
      fc.property(anySegment, (segment) => {
        const startMs = gridStartMsOf(segment);
        assert.equal(startMs, segment.number * 1600 * gridUnitsOf(segment));
        assert.ok(blocksBetween(startMs, startMs + 1).includes(blockOf(segment)));
        assert.ok(blocksBetween(startMs - 3 * BLOCK_MS, startMs + 1).length === 4);
      }),
    );
  });

  it('ends where the next one begins', () => {
    assert.deepEqual(blocksBetween(0, BLOCK_MS), [0]);
    assert.deepEqual(blocksBetween(BLOCK_MS - 1, BLOCK_MS + 1), [0, BLOCK_MS]);
    assert.deepEqual(blocksBetween(5, 5), [0]);
  });

  const damaged = [
    { name: 'another format', text: '{"format":"other"}\n', want: /line 1/ },
    { name: 'nothing', text: '', want: /line 1/ },
    { name: 'half a line', text: formatBlock([stored(5)]).slice(0, -9), want: /x line 2: .* is not a line/ },
    {
      name: 'a name that would leave its folder',
      text: formatBlock([stored(5, '../../etc')]),
      want: /line 2/,
    },
    { name: 'a negative time', text: formatBlock([{ ...stored(5), startTicks: -1 }]), want: /line 2/ },
    { name: 'no timescale', text: formatBlock([{ ...stored(5), timescaleHz: 0 }]), want: /line 2/ },
    { name: 'no number', text: formatBlock([{ ...stored(5), number: 0 }]), want: /line 2/ },
  ];
  for (const { name, text, want } of damaged) {
    it(`says where it is damaged: ${name}`, () => {
      assert.throws(
        () => parseBlock(text, 'x'),
        (error) => error instanceof ArchiveError && error.code === 'bad-index' && want.test(error.message),
      );
    });
  }
});

describe('keys of the archive', () => {
  it('tell what they are keys of', () => {
    const key = segmentKey('hall-7', Date.UTC(2020, 1, 17, 0, 30), stored(987_654_321));
    assert.equal(key, `media/hall-7/2020-02-17/720p/${HASH}/987654321.m4s`);
    assert.deepEqual(parseSegmentKey(key), {
      channel: 'hall-7',
      rendition: '720p',
      initHash: HASH,
      number: 987_654_321,
    });
  });

  it('hold any id, also one that begins as no key may', () => {
    const segment = stored(5, '-low');
    const key = segmentKey('-hall', 8000, segment);
    assert.ok(isKey(key), key);
    assert.ok(isKey(indexKey('-hall', 0)) && isKey(initKey('-hall', '-low', HASH)));
    const want = { channel: '-hall', rendition: '-low', initHash: HASH, number: 5 };
    assert.deepEqual(parseSegmentKey(key), want);
  });

  it('are by the UTC day', () => {
    assert.equal(dayOf(Date.UTC(2020, 1, 17, 23, 59, 59, 999)), '2020-02-17');
    assert.equal(dayOf(Date.UTC(2020, 1, 18)), '2020-02-18');
  });

  for (const key of [
    'media/hall-7/2020-02-17/720p/x/1.m4s',
    'index/hall-7/0.jsonl',
    'media/../2020-02-17/a/0123456789ab/1.m4s',
  ]) {
    it(`${key} is none of a segment`, () => assert.equal(parseSegmentKey(key), null));
  }
});
