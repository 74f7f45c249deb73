import assert from 'node:assert/strict';
import { describeRenditions } from '../../../../origin/packager/timeline/rendition-info.ts';
import { retainedSegmentsOf } from '../../../../origin/packager/timeline/retained-segments.ts';
import { Stage } from '../../support/stage.ts';
import { makeInfo } from '../hls/view-fixture.ts';

describe('the view of a channel', () => {
  it('is another object as soon as anything changes, and the same until then', () => {
    const stage = new Stage();
    stage.publish('live.b1');
    stage.run(5000);
    const before = stage.timeline.view();
    assert.equal(stage.timeline.view(), before);
    stage.run(400);
    assert.notEqual(stage.timeline.view(), before);
  });

  it('lists the window, and counts a discontinuity when it has left (§4.4.3.3); more is retained, but not for ever', () => {
    const stage = new Stage();
    stage.publish('live.b1');
    const seen = new Set<string>();
    for (let i = 0; i < 40; i += 1) {
      stage.run(1600);
      const next = stage.timeline.newestDecided + 1;
      for (const { segments, discontinuitySequence } of stage.timeline.view().renditions) {
        assert.equal(segments[0]?.number, next - 10);
        const at = segments.findIndex(({ discontinuity }) => discontinuity);
        assert.equal(discontinuitySequence, i < 2 || at >= 0 ? 0 : 1);
        if (at === 0) seen.add('first');
        if (at < 0 && i > 2) seen.add('left');
      }
    }
    assert.deepEqual(seen, new Set(['first', 'left']));
    assert.equal(stage.segments().length, retainedSegmentsOf(10));
  });
});

describe('what is said of the renditions', () => {
  const nominal = new Map(
    ['720p', '360p', 'audio'].map((id) => [id, makeInfo(id, { peakBps: 1, averageBps: 1 })]),
  );

  it('does not name a rung that repeats a lower one', () => {
    const stage = new Stage();
    stage.publish('live.b1', ['360p', 'audio']);
    stage.run(8000);
    assert.deepEqual(
      describeRenditions(stage.timeline, nominal).map(({ id }) => id),
      ['360p', 'audio'],
    );
  });

  it('names a rung that is away for a while', () => {
    const stage = new Stage();
    const whole = stage.publish('live.b1', ['720p', '360p', 'audio']);
    stage.run(4800 + whole.lagMs);
    stage.leave(whole, 'silent');
    stage.timeline.closeTrack('live.b1', '720p', 'away');
    stage.connect({ ...whole, tracks: whole.tracks.filter(({ hash }) => hash !== '720p') }, whole.sentMs);
    stage.run(4800);
    assert.equal(stage.segments('720p').at(-1)?.init.hash, '360p');
    assert.deepEqual(
      describeRenditions(stage.timeline, nominal).map(({ id, heightPx }) => [id, heightPx]),
      [
        ['720p', 720],
        ['360p', 360],
        ['audio', 0],
      ],
    );
  });

  it('names the rungs of the ladder while a feed has sound alone', () => {
    const stage = new Stage();
    stage.publish('live.b1', ['audio']);
    stage.run(8000);
    assert.deepEqual(
      describeRenditions(stage.timeline, nominal).map(({ id }) => id),
      ['720p', '360p', 'audio'],
    );
  });

  it('measures whole segments alone', () => {
    const stage = new Stage();
    stage.publish('live.b1', ['720p', 'audio']);
    stage.run(8000);
    const rates = () => describeRenditions(stage.timeline, nominal).map(({ averageBps }) => averageBps);
    const before = rates();
    assert.equal(stage.segments().at(-1)?.closed, false);
    stage.run(200);
    assert.equal(stage.segments().at(-1)?.closed, false);
    assert.deepEqual(rates(), before);
  });
});
