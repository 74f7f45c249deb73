import assert from 'node:assert/strict';
import { FeedTrack } from '../../../../origin/packager/feed/feed-track.ts';
import { START_MS, START_NUMBER, syntheticInit, syntheticSamples } from '../../support/synthetic.ts';

describe('a track of a feed', () => {
  const init = syntheticInit('source', 'video', 720);
  const track = (videoCut: 'grid' | 'keyframes') =>
    new FeedTrack('source', init, { videoCut, partTargetMs: 200, gridUnits: 2, retainedSegments: 10 });
  const number = START_NUMBER / 2;

  for (const videoCut of ['grid', 'keyframes'] as const) {
    it(`adds nothing to a segment that it has closed, when it is taken up again (${videoCut})`, () => {
      const feed = track(videoCut);
      // Ends in the middle of a segment of 3.2 s, and goes on with a keyframe in that same segment.
      feed.push(syntheticSamples(init, START_MS, START_MS + 1600));
      feed.finish();
      const parts = feed.segment(number)?.parts.length;
      assert.equal(parts, 8);
      feed.reinit(init);
      feed.push(syntheticSamples(init, START_MS + 1600, START_MS + 6400));
      assert.deepEqual(
        feed.segment(number)?.parts.map(({ index }) => index),
        [0, 1, 2, 3, 4, 5, 6, 7],
      );
      assert.equal(feed.segment(number)?.closed, true);
      assert.equal(feed.segment(number + 1)?.parts.length, 16);
    });
  }

  it('goes on after a sample that says it lasts for days', () => {
    const feed = track('keyframes');
    const samples = syntheticSamples(init, START_MS, START_MS + 6400);
    const forged = samples.map((sample, i) =>
      i === 40 ? { ...sample, durationTicks: 2 ** 32 - 1 } : sample,
    );
    for (const sample of forged) feed.push([sample]);
    assert.equal(feed.segment(number + 1)?.parts.length, 16);
  });

  it('may carry a segment from the first that it can begin, to the newest it has begun', () => {
    const feed = new FeedTrack('source', init, {
      ...{ videoCut: 'grid', partTargetMs: 200, gridUnits: 1, retainedSegments: 10 },
    });
    const coverage = (...offsets: number[]) => offsets.map((offset) => feed.coverage(START_NUMBER + offset));
    assert.deepEqual(coverage(-1, 0, 1), ['may', 'may', 'may'], 'before its first sample');
    feed.push(syntheticSamples(init, START_MS + 200, START_MS + 1000));
    assert.deepEqual(coverage(0, 1, 2), ['never', 'may', 'may'], 'it began in mid-segment');
    feed.push(syntheticSamples(init, START_MS + 1000, START_MS + 2000));
    assert.deepEqual(coverage(0, 1, 2), ['never', 'has', 'may']);
    feed.reinit(syntheticInit('other', 'video', 720));
    assert.deepEqual(
      coverage(0, 1, 2),
      ['never', 'has', 'may'],
      'nothing old comes again with a new encoding',
    );
  });
});
