import assert from 'node:assert/strict';
import { waitAtMost } from '../../shared/wait-at-most.ts';

describe('a wait that is bounded', () => {
  it('ends with the work, and throws what the work throws', async () => {
    await waitAtMost(1_000_000, Promise.resolve('done'));
    await assert.rejects(waitAtMost(1_000_000, Promise.reject(new Error('a fault'))), /a fault/);
  });

  it('ends after its time when the work does not', async () => {
    await waitAtMost(1, new Promise(() => {}));
  });
});
