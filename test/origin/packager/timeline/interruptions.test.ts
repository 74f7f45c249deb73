import assert from 'node:assert/strict';
import { Stage } from '../../support/stage.ts';

describe('what interrupts a class, and what does not', () => {
  it('a class that is ended while the slate is up is over from the next segment on', () => {
    const stage = new Stage();
    const publisher = stage.publish('live.b1');
    stage.run(5000);
    stage.leave(publisher, 'silent');
    stage.run(8000);
    assert.equal(stage.timeline.currentRun?.state, 'interrupted');
    stage.leave(publisher, 'over');
    stage.run(2200);
    assert.equal(stage.timeline.currentRun?.state, 'over');
    stage.run(8000);
    assert.match(stage.picture(), /^s+\|L+\|s+\|s+$/, 'and once only');
  });

  for (const pauseMs of [4000, 9000, 19_000]) {
    it(`a pause of ${pauseMs} ms of this process: no slate, no discontinuity, no missing number`, () => {
      const stage = new Stage({ windowSegments: 20 });
      stage.publish('live.b1');
      stage.run(6000);
      stage.nowMs += pauseMs;
      // What was sent meanwhile waits in the sockets: the clock is looked at first.
      stage.timeline.excuse(pauseMs);
      stage.timeline.advance(stage.nowMs);
      stage.run(4000);
      assert.match(stage.picture(), /^s*\|L+$/);
      for (const [index, { number }] of stage.segments().entries())
        assert.equal(number, (stage.segments()[0]?.number ?? 0) + index);
      assert.ok(stage.segments().every(({ gap }) => !gap));
    });
  }
});
