import assert from 'node:assert/strict';
import { segmentEndControllers } from '../../../player/live/segment-ends.ts';

type Part = { readonly fragment: { readonly sn: number }; readonly loaded: boolean; readonly gap: boolean };
type Found = { readonly sn: number } | null;

/** Asks one of the controllers which fragment comes next, as hls.js does when part 0 of segment 7 was never loaded. */
function nextFragment(controller: 'streamController' | 'audioStreamController', bufferEndS: number): Found {
  const fragment = (sn: number) => ({ sn, start: sn * 1.6, duration: 1.6, end: (sn + 1) * 1.6, level: 0 });
  const [finished, hint] = [fragment(7), fragment(8)];
  const part = (ofFragment: { readonly sn: number }, loaded: boolean): Part => ({
    fragment: ofFragment,
    loaded,
    gap: false,
  });
  const details = {
    ...{ live: true, startSN: 6, endSN: 7, fragments: [fragment(6), finished], fragmentHint: hint },
    partList: [
      part(finished, false),
      ...Array.from({ length: 7 }, () => part(finished, true)),
      part(hint, false),
    ],
  };
  const { prototype } = segmentEndControllers[controller] ?? {};
  const getFragmentAtPosition: unknown = Reflect.get(prototype ?? {}, 'getFragmentAtPosition');
  assert.ok(typeof getFragmentAtPosition === 'function');
  return getFragmentAtPosition.call(
    {
      ...{ config: { maxFragLookUpTolerance: 0.25 }, fragPrevious: { ...finished }, loadingParts: true },
      ...{ lastCurrentTime: 12, media: { paused: false }, startFragRequested: true, bitrateTest: false },
      fragmentTracker: { getState: (asked: { sn: number }) => (asked.sn === 7 ? 'OK' : 'NOT_LOADED') },
    },
    bufferEndS,
    hint.start + 0.2,
    details,
  ) as Found;
}

describe('what hls.js loads after a segment that was joined in its middle', () => {
  for (const controller of ['streamController', 'audioStreamController'] as const) {
    const cases = [
      { name: 'buffered to its end', bufferEndS: 12.8, want: 8 },
      { name: 'buffered to its end, cut to a microsecond', bufferEndS: 12.799999, want: 8 },
      { name: 'not yet buffered to its end', bufferEndS: 12.6, want: 7 },
    ];
    for (const { name, bufferEndS, want } of cases) {
      it(`${controller}: ${name}`, () => assert.equal(nextFragment(controller, bufferEndS)?.sn, want));
    }
  }
});
