import assert from 'node:assert/strict';
import { StallError, withoutStalling } from '../../../origin/store/stall.ts';

describe('work that may stand still', () => {
  it('is given up, and told so', async () => {
    let given: AbortSignal | undefined;
    await assert.rejects(
      withoutStalling(10, (_progress, signal) => {
        given = signal;
        return new Promise(() => {});
      }),
      StallError,
    );
    assert.equal(given?.aborted, true);
  });

  it('gives its result or its error, and is not told anything then', async () => {
    let given: AbortSignal | undefined;
    const result = await withoutStalling(10_000, async (_progress, signal) => {
      given = signal;
      return 7;
    });
    assert.equal(result, 7);
    await assert.rejects(
      withoutStalling(10_000, async () => {
        throw new Error('its own');
      }),
      /its own/,
    );
    assert.equal(given?.aborted, false);
  });

  it('has as long as it takes while it gets on', async () => {
    let steps = 0;
    const done = await withoutStalling(
      60,
      (progress) =>
        new Promise((resolve) => {
          const timer = setInterval(() => {
            progress();
            steps += 1;
            if (steps < 12) return;
            clearInterval(timer);
            resolve('done');
          }, 10);
        }),
    );
    assert.equal(done, 'done');
  });
});
