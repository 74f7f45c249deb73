import assert from 'node:assert/strict';
import { Patience } from '../../../transcode/queue/patience.ts';

describe('patience of a worker without room', () => {
  const first = { id: 'b1' };

  it('looks again while no job waits', () => {
    assert.deepEqual(new Patience().step(null, 400, 1000), { kind: 'look', afterMs: 250 });
  });

  it('takes a job that still waits when its patience has run out, and not before', () => {
    const patience = new Patience();
    assert.deepEqual(patience.step(first, 400, 1000), { kind: 'look', afterMs: 250 });
    assert.deepEqual(patience.step(first, 400, 1250), { kind: 'look', afterMs: 150 });
    assert.deepEqual(patience.step(first, 400, 1399), { kind: 'look', afterMs: 1 });
    assert.deepEqual(patience.step(first, 400, 1400), { kind: 'take' });
  });

  it('takes a job at once when room came', () => {
    const patience = new Patience();
    patience.step(first, 400, 1000);
    assert.deepEqual(patience.step(first, 0, 1100), { kind: 'take' });
  });

  it('begins anew with each job, and after a time without one', () => {
    const patience = new Patience();
    patience.step(first, 400, 1000);
    assert.deepEqual(patience.step({ id: 'b2' }, 400, 1400), { kind: 'look', afterMs: 250 });
    patience.step(null, 400, 1500);
    assert.deepEqual(patience.step({ id: 'b2' }, 400, 1900), { kind: 'look', afterMs: 250 });
  });
});
