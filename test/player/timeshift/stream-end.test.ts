import assert from 'node:assert/strict';
import { streamEndControllers } from '../../../player/timeshift/stream-end.ts';

/** Asks one of the controllers whether a recording of 26.64 s is over, with a hole of 40 ms in what is buffered. */
function hasEnded(controller: 'streamController' | 'audioStreamController', currentTimeS: number): unknown {
  const buffered = [
    { start: 0, end: 13.12 },
    { start: 13.16, end: 26.64 },
  ];
  const { prototype } = streamEndControllers[controller] ?? {};
  const streamEnded: unknown = Reflect.get(prototype ?? {}, '_streamEnded');
  assert.ok(typeof streamEnded === 'function');
  return streamEnded.call(
    {
      ...{ config: { maxBufferHole: 0.15, timelineOffset: 0 }, media: { currentTime: currentTimeS } },
      fragmentTracker: { isEndListAppended: () => true },
    },
    // As hls.js gives it with a tolerance for holes: one range from the beginning on.
    { len: 26.64 - currentTimeS, start: 0, end: 26.64, buffered, bufferedIndex: 0 },
    { live: false, edge: 26.64, partList: null, fragments: [{ type: 'audio' }] },
  );
}

describe('the end of a recording behind a small hole', () => {
  for (const controller of ['streamController', 'audioStreamController'] as const) {
    it(`${controller} sees it from behind the hole`, () => assert.equal(hasEnded(controller, 20), true));
    // The rule of hls.js's own: not while a second range lies ahead.
    it(`${controller} does not see it from before the hole`, () =>
      assert.equal(hasEnded(controller, 5), false));
  }
});
