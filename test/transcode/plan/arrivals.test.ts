import assert from 'node:assert/strict';
import { Arrivals } from '../../../transcode/plan/arrivals.ts';
import { Progress } from '../../../transcode/plan/progress.ts';

/** Pictures at 25 fps, frame n received at n × 40 ms. */
function steady(count: number): Arrivals {
  const arrivals = new Arrivals();
  for (let frame = 0; frame < count; frame++) arrivals.add(frame, frame * 40);
  return arrivals;
}

describe('pictures that wait for their encoder', () => {
  it('the oldest counts, once three later ones are there: a decoder may hold back as many', () => {
    const arrivals = steady(100);
    assert.equal(arrivals.lagMs(100, 4000), 0);
    assert.equal(arrivals.lagMs(97, 4000), 0);
    assert.equal(arrivals.lagMs(96, 4000), 4000 - 99 * 40);
    assert.equal(arrivals.lagMs(50, 4000), 4000 - 53 * 40);
  });

  it('a publisher who sends nothing is no delay of the encoder', () => {
    assert.equal(steady(100).lagMs(97, 60_000), 0);
  });

  it('a burst has waited since it came, not since its media time', () => {
    const arrivals = steady(10);
    for (let frame = 10; frame < 110; frame++) arrivals.add(frame, 5000);
    assert.equal(arrivals.lagMs(12, 5200), 200);
  });

  it('what is due ends behind the newest picture that waited for longer', () => {
    const arrivals = steady(100);
    assert.equal(arrivals.dueFrame(800, 99 * 40), 80 - 3);
    assert.equal(arrivals.dueFrame(10_000, 99 * 40), null);
    assert.equal(new Arrivals().dueFrame(0, 0), null);
  });

  it('pictures that come in decode order count with the newest', () => {
    const arrivals = new Arrivals();
    [0, 3, 1, 2, 6, 4, 5].forEach((frame, at) => arrivals.add(frame, at * 40));
    assert.equal(arrivals.newestFrame, 6);
  });

  it('memory is bounded, whatever is forgotten', () => {
    const arrivals = steady(100_000);
    assert.ok(arrivals.lagMs(0, 4_000_000) > 0);
    arrivals.forgetBefore(99_990);
    assert.equal(arrivals.lagMs(99_990, 4_000_000), 4_000_000 - 99_993 * 40);
  });
});

describe('progress of an encoder', () => {
  it('is unknown at first, then media time over real time of the last second', () => {
    const progress = new Progress(40);
    const rates = Array.from({ length: 21 }, (_, i) => {
      // Half as fast as it should be, for two seconds.
      progress.add(Math.floor((i * 100) / 80), i * 100);
      return progress.rate;
    });
    assert.deepEqual(
      rates.slice(0, 7),
      Array.from({ length: 7 }, () => 1),
    );
    assert.ok(
      rates.slice(10).every((rate) => Math.abs(rate - 0.5) < 0.06),
      rates.join(' '),
    );
  });

  it('says for how long nothing came', () => {
    const progress = new Progress(40);
    assert.equal(progress.silentMs(100), 0);
    progress.add(1, 100);
    progress.add(1, 900);
    assert.equal(progress.silentMs(1000), 900);
    progress.add(2, 1100);
    assert.equal(progress.silentMs(1100), 0);
  });
});
