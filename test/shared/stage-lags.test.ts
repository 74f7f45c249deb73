import assert from 'node:assert/strict';
import { stageLags, worstOf } from '../../shared/stage-lags.ts';

describe('lags by stage', () => {
  it('are the worst of each stage', () => {
    const lagMs = {
      ...{ line: { picture: 10, sound: 30 }, source: { picture: 50, sound: null }, queue: 60 },
      ...{ rungs: { '720p': 200, '480p': 150, '360p': null }, sound: 70, uplink: 210 },
    };
    assert.deepEqual(stageLags(lagMs, 400), {
      ...{ line: 30, source: 50, queue: 60, rung: 200, sound: 70, uplink: 210, origin: 400 },
    });
  });

  it('are unknown without a report', () => {
    assert.deepEqual(stageLags(null, 400), {
      ...{ line: null, source: null, queue: null, rung: null, sound: null, uplink: null, origin: 400 },
    });
    assert.equal(worstOf(null, undefined), null);
    assert.equal(worstOf(null, -5), -5);
  });
});
