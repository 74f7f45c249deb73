import assert from 'node:assert/strict';
import { SegmentFollowers, type SegmentListener } from '../../../origin/live/segment-followers.ts';
import type { Part, Segment } from '../../../origin/packager/media.ts';
import { syntheticInit } from '../support/synthetic.ts';

const part = (index: number): Part => ({
  ...{ index, startTicks: index, durationTicks: 1, independent: true },
  bytes: Buffer.of(index),
});

const segment = (parts: number, closed = false): Segment => ({
  ...{ number: 7, init: syntheticInit('720p', 'video'), startTicks: 0, durationTicks: parts },
  parts: Array.from({ length: parts }, (_, index) => part(index)),
  ...{ closed, gap: false, discontinuity: false },
});

describe('those who follow a growing segment', () => {
  let now: Segment | undefined;
  let got: string[];
  let followers: SegmentFollowers;
  const listener: SegmentListener = {
    onPart: ({ index }) => void got.push(String(index)),
    onEnd: (outcome) => void got.push(outcome),
  };
  beforeEach(() => {
    got = [];
    followers = new SegmentFollowers((rendition, number) =>
      rendition === '720p' && number === 7 ? now : undefined,
    );
  });

  it('get what is there at once, each further part once, and the end', () => {
    now = segment(2);
    followers.add('720p', 7, listener);
    assert.deepEqual(got, ['0', '1']);
    followers.deliver();
    now = segment(4);
    followers.deliver();
    now = segment(5, true);
    followers.deliver();
    followers.deliver();
    assert.deepEqual(got, ['0', '1', '2', '3', '4', 'closed']);
    assert.equal(followers.count, 0);
  });

  it('are told when the segment is discarded, or was never there', () => {
    now = segment(1);
    followers.add('720p', 7, listener);
    followers.add('720p', 8, listener);
    now = undefined;
    followers.deliver();
    assert.deepEqual(got, ['0', 'lost', 'lost']);
    assert.equal(followers.count, 0);
  });

  it('may leave at any time, from within a part too', () => {
    now = segment(1);
    const leave = followers.add('720p', 7, {
      onPart: ({ index }) => {
        got.push(String(index));
        if (index === 2) leave();
      },
      onEnd: (outcome) => void got.push(outcome),
    });
    now = segment(5, true);
    followers.deliver();
    assert.deepEqual(got, ['0', '1', '2']);
    assert.equal(followers.count, 0);
  });
});
