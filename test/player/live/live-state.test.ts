import assert from 'node:assert/strict';
import { liveState, type LiveStateInput } from '../../../player/live/live-state.ts';

const FULL: LiveStateInput = {
  ...{ refusal: null, phase: 'down', stillMs: 5000, offline: false, full: true, paused: false },
  ...{ runState: 'on-air', apiState: 'on-air' },
};

describe('what the page says about a full server', () => {
  for (const { name, input, want } of [
    { name: 'that it is full, while nothing plays', input: FULL, want: 'full' },
    { name: 'nothing while the buffer still plays', input: { ...FULL, stillMs: 200 }, want: 'on-air' },
    {
      name: 'that it connects again, where the server is not full',
      input: { ...FULL, full: false },
      want: 'reconnecting',
    },
    { name: 'that the network is gone', input: { ...FULL, offline: true }, want: 'offline' },
  ]) {
    it(name, () => assert.equal(liveState(input), want));
  }
});
