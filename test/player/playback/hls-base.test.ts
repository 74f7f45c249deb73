/// <reference lib="dom" />
import assert from 'node:assert/strict';
import type { LoadPolicy } from 'hls.js';
import { entryPolicy, loadPolicy } from '../../../player/playback/hls-base.ts';

const LIMITS = { firstByteMs: 1000, loadMs: 2000 };
const RETRIES = { timeouts: 1, errors: 2, firstMs: 200, longestMs: 1000 };

/** Whether hls.js asks again after an answer, as its own rule for those with retries left is to do so. */
function asksAgain(policy: LoadPolicy, code: number): boolean {
  const { errorRetry } = policy.default;
  assert.ok(errorRetry);
  const { shouldRetry } = errorRetry;
  return shouldRetry?.(errorRetry, 0, false, { url: '', code }, true) ?? true;
}

describe('how files are loaded', () => {
  for (const { name, policy, code, want } of [
    {
      name: 'an entry point is left alone after a 503',
      policy: entryPolicy(LIMITS, RETRIES),
      code: 503,
      want: false,
    },
    {
      name: 'an entry point is asked for again after a 502',
      policy: entryPolicy(LIMITS, RETRIES),
      code: 502,
      want: true,
    },
    {
      name: 'media is asked for again after a 503',
      policy: loadPolicy(LIMITS, RETRIES),
      code: 503,
      want: true,
    },
  ]) {
    it(name, () => assert.equal(asksAgain(policy, code), want));
  }
});
