import assert from 'node:assert/strict';
import type { Segment } from '../../../origin/packager/media.ts';
import {
  appendStretch,
  DROP_SEGMENTS,
  dropBefore,
  emptyLayout,
  hasRenditions,
  prependStretch,
  segmentCount,
  segmentsFrom,
} from '../../../origin/replay/timeshift-layout.ts';
import { videoInit } from '../support/cmaf-init.ts';

const INIT = videoInit(360);

/** Segments of consecutive numbers. */
const segments = (from: number, to: number): Segment[] =>
  Array.from({ length: to - from }, (_, at) => ({
    ...{ number: from + at, init: INIT, startTicks: 0, durationTicks: 1, parts: [] },
    ...{ closed: true, gap: false, discontinuity: false },
  }));
const stretch = (from: number, to: number) => new Map([['a', segments(from, to)]]);
const numbers = (layout: ReturnType<typeof emptyLayout>): number[] =>
  (layout.byRendition.get('a') ?? []).map(({ number }) => number);

describe('the layout of a timeshift', () => {
  it('grows in front and behind', () => {
    const layout = emptyLayout(['a', 'b'], 10);
    prependStretch(layout, 8, stretch(8, 10));
    appendStretch(layout, 12, stretch(10, 12));
    assert.deepEqual(numbers(layout), [8, 9, 10, 11]);
    assert.deepEqual([layout.firstNumber, layout.endNumber, segmentCount(layout)], [8, 12, 4]);
  });

  it('drops old segments when they are many, and never more than it has', () => {
    const layout = emptyLayout(['a'], 1000);
    appendStretch(layout, 1600, stretch(1000, 1600));
    dropBefore(layout, 1000 + DROP_SEGMENTS - 1);
    assert.equal(layout.firstNumber, 1000);
    dropBefore(layout, 1601);
    assert.equal(layout.firstNumber, 1000);
    dropBefore(layout, 1000 + DROP_SEGMENTS);
    assert.deepEqual([layout.firstNumber, numbers(layout)[0]], [1256, 1256]);
  });

  it('serves a channel only while it has all of its renditions', () => {
    const layout = emptyLayout(['a', 'b'], 1);
    assert.equal(hasRenditions(layout, ['a']), true);
    assert.equal(hasRenditions(layout, ['a', 'c']), false);
  });

  it('gives segments from a number on', () => {
    const all = segments(5, 9);
    assert.deepEqual(
      [4, 5, 7, 9].map((from) => segmentsFrom(all, from).length),
      [4, 4, 2, 0],
    );
    assert.deepEqual(segmentsFrom([], 3), []);
  });
});
