import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readFragment } from '../../../media/bmff/fragment-reader.ts';
import { writeFragment } from '../../../media/bmff/fragment-writer.ts';
import type { Sample } from '../../../media/bmff/sample.ts';
import { keyframeOf } from '../../../player/decode/keyframe-part.ts';

const TRACK = {
  kind: 'video' as const,
  ...{ trackId: 3, defaultDurationTicks: 0, defaultSizeBytes: 0, defaultFlags: 0 },
};

/** A part as the origin writes it: samples one after the other from a time on. */
function partOf(
  baseTicks: number,
  samples: readonly { sizeBytes: number; durationTicks: number; isSync: boolean; offset?: number }[],
): { part: Buffer; first: Sample } {
  let decodeTicks = baseTicks;
  const written = samples.map(({ sizeBytes, durationTicks, isSync, offset = 0 }, i): Sample => {
    const sample = {
      ...{ decodeTicks, durationTicks, isSync, compositionOffsetTicks: offset },
      data: Buffer.alloc(sizeBytes, i + 1),
    };
    decodeTicks += durationTicks;
    return sample;
  });
  const [first] = written;
  assert.ok(first);
  return { part: writeFragment({ trackId: 3, sequenceNumber: 7, samples: written }), first };
}

describe('keyframe of a part', () => {
  it('is the first picture, at its own time, for as long as the segment', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 50 }),
        fc.array(
          fc.record({
            sizeBytes: fc.integer({ min: 1, max: 300 }),
            durationTicks: fc.constantFrom(512, 512, 3000),
            isSync: fc.boolean(),
            offset: fc.constantFrom(0, 0, -512, 1024),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        fc.constantFrom(1, 8, 16),
        (baseTicks, samples, stretch) => {
          const { part, first } = partOf(
            baseTicks,
            samples.map((sample, i) => ({ ...sample, isSync: i === 0 || sample.isSync })),
          );
          const runTicks = samples.reduce((sum, { durationTicks }) => sum + durationTicks, 0);
          const thin = keyframeOf(part, stretch);
          assert.ok(thin);
          assert.deepEqual(readFragment(Buffer.from(thin), TRACK), [
            { ...first, durationTicks: runTicks * stretch },
          ]);
        },
      ),
    );
  });

  it('is nothing where a part does not begin with a keyframe', () => {
    const inter = { sizeBytes: 9, durationTicks: 512, isSync: false };
    assert.equal(keyframeOf(partOf(0, [inter, inter]).part, 8), null);
    assert.equal(keyframeOf(partOf(0, [inter, { ...inter, isSync: true }]).part, 8), null);
  });

  it('is nothing where bytes are missing, and never an exception', () => {
    const { part } = partOf(0, [{ sizeBytes: 40, durationTicks: 512, isSync: true }]);
    for (let length = 0; length < part.length; length++)
      assert.equal(keyframeOf(part.subarray(0, length), 8), null, `${length} bytes`);
    fc.assert(
      fc.property(fc.nat(part.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(part);
        changed[at] = value;
        keyframeOf(changed, 8);
      }),
      { numRuns: 500 },
    );
  });
});
