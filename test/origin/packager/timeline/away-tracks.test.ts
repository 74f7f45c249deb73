import assert from 'node:assert/strict';
import type { Segment } from '../../../../origin/packager/media.ts';
import { parseFeedName } from '../../../../shared/names.ts';
import { Stage } from '../../support/stage.ts';
import { syntheticInit, syntheticSamples } from '../../support/synthetic.ts';

/** Decode times of a rendition's samples have no hole from one segment to the next. */
function assertContinuous(segments: readonly Segment[]): void {
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined) assert.equal(segment.startTicks + segment.durationTicks, next.startTicks);
  }
}

describe('tracks that are away', () => {
  it('shows the nearest track while one is away, without a gap, and the track again when it is back', () => {
    const stage = new Stage();
    const whole = stage.publish('live.b1', ['720p', '360p', 'audio']);
    // Up to a boundary, as a worker ends a track that it gives up.
    stage.run(6400 + whole.lagMs);
    const rest = { ...whole, tracks: whole.tracks.filter(({ hash }) => hash !== '720p') };
    stage.leave(whole, 'silent');
    stage.timeline.closeTrack('live.b1', '720p', 'away');
    stage.connect(rest, whole.sentMs);
    stage.run(4800);
    assert.match(stage.picture('720p'), /^s*\|L+\|L+$/);
    assert.match(stage.picture('360p'), /^s*\|L+\|L+$/);
    assert.equal(stage.segments('720p').at(-1)?.init.hash, '360p');
    assert.equal(stage.timeline.currentRun?.state, 'on-air');
    stage.leave(rest, 'silent');
    stage.connect({ ...whole, sentMs: rest.sentMs });
    stage.run(6400);
    assert.match(stage.picture('720p'), /^s*\|L+\|L+\|L+$/);
    assert.equal(stage.segments('720p').at(-1)?.init.hash, '720p');
    for (const rendition of ['720p', '360p', 'audio']) assertContinuous(stage.segments(rendition));
  });

  it('two tracks that go away together, and a third one later: one discontinuity each time', () => {
    const stage = new Stage({
      renditions: ['720p', '480p', '360p'].map((id) => ({ id, kind: 'video' as const })),
    });
    const whole = stage.publish('live.b1', ['720p', '480p', '360p']);
    stage.run(4800 + whole.lagMs);
    const onlyLowest = { ...whole, tracks: whole.tracks.filter(({ hash }) => hash === '360p') };
    stage.leave(whole, 'silent');
    for (const track of ['720p', '480p']) stage.timeline.closeTrack('live.b1', track, 'away');
    stage.connect(onlyLowest, whole.sentMs);
    stage.run(3200);
    for (const rendition of ['720p', '480p', '360p']) {
      assert.match(stage.picture(rendition), /^s*\|L+\|L+$/);
      assert.equal(stage.segments(rendition).at(-1)?.init.hash, '360p');
    }
  });

  for (const lateMs of [0, 300, 900]) {
    it(`all pictures change at once, the new ones ${lateMs} ms late: one discontinuity and no slate`, () => {
      const stage = new Stage();
      const whole = stage.publish('live.b1', ['720p', '360p', 'audio']);
      stage.run(4800 + whole.lagMs);
      const sound = { ...whole, tracks: whole.tracks.filter(({ hash }) => hash === 'audio') };
      stage.leave(whole, 'silent');
      for (const track of ['720p', '360p']) stage.timeline.closeTrack('live.b1', track, 'away');
      const fromMs = whole.sentMs;
      stage.connect(sound, fromMs);
      const copy = syntheticInit('copy', 'video', 720);
      let sentMs = fromMs;
      for (let ms = 0; ms < 6400; ms += 20) {
        stage.run(20);
        if (ms < lateMs) continue;
        if (ms === lateMs) stage.timeline.openTrack(parseFeedName('live.b1'), '720p', copy, [], stage.nowMs);
        const toMs = stage.nowMs - whole.lagMs;
        stage.timeline.push('live.b1', '720p', syntheticSamples(copy, sentMs, toMs, 2), stage.nowMs);
        sentMs = toMs;
        stage.timeline.advance(stage.nowMs);
      }
      for (const rendition of ['720p', '360p']) {
        assert.match(stage.picture(rendition), /^s*\|L+\|L+$/);
        assert.equal(stage.segments(rendition).at(-1)?.init.hash, 'copy');
        assertContinuous(stage.segments(rendition));
      }
    });
  }
});
