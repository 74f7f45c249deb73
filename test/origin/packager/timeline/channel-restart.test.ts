import assert from 'node:assert/strict';
import type { TrackInit } from '../../../../origin/packager/media.ts';
import { parseFeedName } from '../../../../shared/names.ts';
import { Stage } from '../../support/stage.ts';
import { syntheticSamples } from '../../support/synthetic.ts';

describe('a channel timeline after a restart', () => {
  it('makes no gap of a track that is open again and whose media is still on its way', () => {
    const stage = new Stage();
    const publisher = stage.publish('live.b1');
    stage.run(9000);
    stage.restart();
    // Its tracks are open, and the first one's last 6 s are there before the others' first byte.
    const names = publisher.tracks.map(({ hash }) => hash);
    const open = (init: TrackInit) =>
      stage.timeline.openTrack(parseFeedName('live.b1'), init.hash, init, names, stage.nowMs);
    for (const init of publisher.tracks) open(init);
    const push = (init: TrackInit) => {
      const samples = syntheticSamples(init, publisher.sentMs - 6000, publisher.sentMs, 1);
      stage.timeline.push('live.b1', init.hash, samples, stage.nowMs);
      stage.timeline.advance(stage.nowMs);
    };
    for (const init of publisher.tracks) {
      push(init);
      stage.run(100);
    }
    for (const name of names) assert.match(stage.picture(name), /^L+$/, name);
  });
});
