import assert from 'node:assert/strict';
import { Stillness } from '../../../transcode/plan/stillness.ts';

describe('media that does not come', () => {
  it('while it comes: nothing is made up', () => {
    const still = new Stillness(500);
    assert.equal(still.untilMs, null);
    for (let ms = 0; ms < 5000; ms += 40) {
      still.otherCame(ms);
      still.came(ms);
      assert.equal(still.untilMs, null);
    }
  });

  it('as far as the other kind goes, less what may still come', () => {
    const still = new Stillness(500);
    still.otherCame(0);
    still.came(0);
    still.otherCame(500);
    assert.equal(still.untilMs, null);
    still.otherCame(1800);
    assert.equal(still.untilMs, 1300);
    still.otherCame(3_600_000);
    assert.equal(still.untilMs, 3_599_500);
  });

  it('what was always later than the other kind is waited for that much longer', () => {
    const still = new Stillness(500);
    for (let ms = 0; ms < 4000; ms += 40) {
      still.otherCame(ms + 400);
      still.came(ms);
    }
    still.otherCame(8000);
    assert.equal(still.untilMs, 7100);
  });

  it('what comes in bursts of a second is waited for over a burst', () => {
    const still = new Stillness(300);
    for (let second = 0; second < 10; second++) {
      for (let ms = 0; ms < 1000; ms += 40) {
        still.otherCame(second * 1000 + ms);
        if (second > 2) assert.equal(still.untilMs, null, `at ${second * 1000 + ms}`);
      }
      for (let ms = 0; ms < 1000; ms += 20) still.came(second * 1000 + ms);
    }
  });

  it('nothing at all comes: as far as the publisher was heard from', () => {
    const still = new Stillness(500);
    still.line(400, null);
    still.came(0);
    still.line(900, null);
    assert.equal(still.untilMs, null, 'she may be stalled');
    still.line(20_300, 20_000);
    assert.equal(still.untilMs, 19_100);
    still.line(30_000, 20_000);
    assert.equal(still.untilMs, 19_100, 'not heard from since');
  });

  it('timestamps that stand still for hours are remembered for no longer than others', () => {
    const still = new Stillness(500);
    still.otherCame(400);
    for (let i = 0; i < 300_000; i++) still.came(0);
    still.otherCame(8000);
    assert.equal(still.untilMs, 7100);
  });

  it('never before the first, never without a witness, never back', () => {
    const still = new Stillness(500);
    still.otherCame(60_000);
    assert.equal(still.untilMs, null);
    const alone = new Stillness(500);
    alone.came(5000);
    assert.equal(alone.untilMs, null);
    alone.otherCame(5000);
    assert.equal(alone.untilMs, null);
  });
});
