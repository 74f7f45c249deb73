import assert from 'node:assert/strict';
import { OriginOnStage } from '../support/origin-on-stage.ts';

describe('a channel that nobody watches', () => {
  it('lets go of its segments after its window, not before, and has a full window for whoever comes next', () => {
    const { channel, nowMs } = new OriginOnStage();
    const kept = () => channel.rendition('720p')?.segments.length ?? 0;
    channel.wake(nowMs);
    const window = kept();
    assert.ok(window > 10);
    channel.tick(nowMs + 31_000);
    assert.equal(kept(), window);
    channel.tick(nowMs + 40_000);
    assert.equal(kept(), 0);
    channel.wake(nowMs + 100_000);
    assert.ok(Math.abs(kept() - window) <= 1, `${kept()} of ${window}`);
    assert.ok(channel.view());
  });
});

describe('the state of a channel', () => {
  for (const ending of ['over', 'interrupted'] as const) {
    it(`is "${ending}" at first, and "before" when the class is long past`, () => {
      const origin = new OriginOnStage();
      origin.goOnAir();
      origin.run(5000);
      for (const track of ['720p', '360p', 'audio'])
        origin.channel.closeTrack('live.b1', track, ending, origin.nowMs);
      origin.nowMs += 5000;
      origin.channel.tick(origin.nowMs);
      assert.equal(origin.channel.state(origin.nowMs).state, ending);
      assert.equal(origin.channel.state(origin.nowMs + 3_700_000).state, 'before');
    });
  }
});
