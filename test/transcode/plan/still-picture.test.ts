import assert from 'node:assert/strict';
import { PauseWatch } from '../../../transcode/plan/pause-watch.ts';
import { StillPicture } from '../../../transcode/plan/still-picture.ts';

describe('the last picture stands', () => {
  it('while pictures come: not at all', () => {
    const still = new StillPicture();
    assert.equal(still.standsUntilMs(0), null);
    still.sound(0);
    for (let ms = 0; ms < 5000; ms += 40) {
      still.picture(ms, ms);
      still.sound(ms);
      assert.equal(still.standsUntilMs(ms), null);
    }
  });

  it('after 1.5 s without a picture: as long as sound goes on', () => {
    const still = new StillPicture();
    still.sound(0);
    still.picture(0, 100);
    still.sound(1000);
    assert.equal(still.standsUntilMs(1599), null);
    still.sound(1800);
    assert.equal(still.standsUntilMs(1700), 1300);
    still.sound(60_000);
    assert.equal(still.standsUntilMs(60_000), 59_500);
  });

  it('sound that was always ahead says that much less', () => {
    const still = new StillPicture();
    still.sound(400);
    still.picture(0, 0);
    still.sound(4400);
    assert.equal(still.standsUntilMs(4000), 3500);
  });

  it('never without sound, and never back', () => {
    const still = new StillPicture();
    still.picture(5000, 0);
    assert.equal(still.standsUntilMs(60_000), null);
    still.sound(5000);
    assert.equal(still.standsUntilMs(60_000), null);
  });
});

describe('a process that was paused', () => {
  const ticks = (watch: PauseWatch, fromMs: number, toMs: number): boolean[] => {
    const seen = [];
    for (let ms = fromMs; ms <= toMs; ms += 100) seen.push(watch.tick(ms));
    return seen;
  };

  it('is patient for a while after it, and not before', () => {
    const watch = new PauseWatch();
    assert.ok(!ticks(watch, 0, 5000).includes(true));
    const after = ticks(watch, 9000, 20_000);
    assert.equal(after.indexOf(false), 80);
  });

  it('that pauses again and again is short of computing power, and not patient for that', () => {
    const watch = new PauseWatch();
    watch.tick(0);
    watch.tick(2000);
    const seen = Array.from({ length: 10 }, (_, i) => watch.tick(12_000 + i * 2000));
    assert.ok(!seen.includes(true));
  });
});
