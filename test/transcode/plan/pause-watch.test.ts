import assert from 'node:assert/strict';
import { PauseWatch } from '../../../transcode/plan/pause-watch.ts';

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
