import assert from 'node:assert/strict';
import { readFragment } from '../../../../media/bmff/fragment-reader.ts';
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

  describe('when its pictures change their size within a segment, as when a phone is turned', () => {
    const shaped = (name: string, bytes: string, lengthSize: 1 | 4 = 4) => ({
      ...syntheticInit(name, 'video', 720),
      parameterSets: { bytes: Buffer.from(bytes), lengthSize, kind: 'avc' } as const,
    });
    const wide = shaped('wide', 'wide sets');
    const tall = shaped('tall', 'tall sets');
    const keyAt = (fromMs: number) =>
      syntheticSamples(wide, fromMs, fromMs + 1600).map((sample, i) => ({ ...sample, isSync: i === 0 }));
    const samplesOf = (feed: FeedTrack, at: number) =>
      feed.segment(at)?.parts.flatMap(({ bytes }) => readFragment(bytes, { ...wide, trackId: 1 })) ?? [];
    const tracks: { name: string; videoCut: 'grid' | 'keyframes' }[] = [
      { name: 'cut on the grid', videoCut: 'grid' },
      { name: 'cut at keyframes', videoCut: 'keyframes' },
    ];
    for (const { name, videoCut } of tracks) {
      it(`no picture is lost, and the next segment has the new init segment (${name})`, () => {
        const feed = new FeedTrack('source', wide, {
          ...{ videoCut, partTargetMs: 200, gridUnits: 2, retainedSegments: 10 },
        });
        feed.push(keyAt(START_MS));
        assert.equal(feed.reinit(tall), number + 1);
        for (const at of [1600, 3200, 4800, 6400]) feed.push(keyAt(START_MS + at));
        assert.equal(feed.segment(number)?.init, wide);
        assert.equal(feed.segment(number + 1)?.init, tall);
        assert.equal(feed.segment(number)?.closed, true);
        const before = samplesOf(feed, number);
        assert.equal(before.length, 80);
        assert.ok(before[0]?.data.toString('latin1').startsWith('wide sets'));
        assert.ok(before[40]?.data.toString('latin1').startsWith('tall sets'), 'its sets are in band');
        assert.equal(samplesOf(feed, number + 1).length, 80);
      });
    }

    it('turned and turned back within one segment, nothing changes', () => {
      const feed = new FeedTrack('source', wide, {
        ...{ videoCut: 'keyframes', partTargetMs: 200, gridUnits: 2, retainedSegments: 10 },
      });
      feed.push(keyAt(START_MS));
      feed.reinit(tall);
      feed.push(keyAt(START_MS + 1600).slice(0, 20));
      feed.reinit(wide);
      const rest = syntheticSamples(wide, START_MS + 2400, START_MS + 6400);
      feed.push(rest.map((sample, i) => ({ ...sample, isSync: i % 20 === 0 })));
      assert.equal(samplesOf(feed, number).length, 80);
      assert.deepEqual([feed.segment(number)?.init, feed.segment(number + 1)?.init], [wide, wide]);
    });

    it('an encoder that begins again before what was received begins with the next segment', () => {
      const feed = new FeedTrack('source', wide, {
        ...{ videoCut: 'grid', partTargetMs: 200, gridUnits: 1, retainedSegments: 10 },
      });
      feed.push(syntheticSamples(wide, START_MS, START_MS + 800));
      assert.equal(feed.reinit(tall), START_NUMBER + 1);
      feed.push(syntheticSamples(tall, START_MS, START_MS + 3200));
      assert.equal(samplesOf(feed, START_NUMBER).length, 20);
      assert.equal(feed.segment(START_NUMBER)?.closed, true);
      assert.equal(feed.segment(START_NUMBER + 1)?.init, tall);
    });

    it('NAL lengths of another size begin with the next segment', () => {
      const feed = new FeedTrack('source', wide, {
        ...{ videoCut: 'grid', partTargetMs: 200, gridUnits: 1, retainedSegments: 10 },
      });
      feed.push(syntheticSamples(wide, START_MS, START_MS + 800));
      feed.reinit(shaped('short', 'sets', 1));
      feed.push(keyAt(START_MS + 800));
      assert.equal(samplesOf(feed, START_NUMBER).length, 20);
    });
  });

  for (const kind of ['video', 'audio'] as const) {
    it(`of pictures as they come has its first segment from its first sample on (${kind})`, () => {
      const own = syntheticInit('own', kind, 720);
      const feed = new FeedTrack('own', own, {
        ...{ videoCut: 'keyframes', partTargetMs: 200, gridUnits: 2, retainedSegments: 10 },
      });
      // 1.6 s are in the middle of a segment of 3.2 s.
      const samples = syntheticSamples(own, START_MS + 1600, START_MS + 4800);
      feed.push(samples.slice(0, 1));
      assert.deepEqual([feed.coverage(number - 1), feed.coverage(number)], ['never', 'may']);
      feed.push(samples.slice(1));
      assert.equal(feed.coverage(number), 'has');
      assert.equal(feed.segment(number)?.parts[0]?.startTicks, samples[0]?.decodeTicks);
      assert.equal(feed.segment(number)?.closed, true);
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
