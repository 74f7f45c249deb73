import assert from 'node:assert/strict';
import fc from 'fast-check';
import { writeFragment } from '../../../media/bmff/fragment-writer.ts';
import type { Sample } from '../../../media/bmff/sample.ts';
import { frames, sample, VIDEO_TRACK, sequenceNumberOf } from '../support/samples.ts';
import { MediaError } from '../../../media/media-error.ts';
import { readFragment } from '../../../media/bmff/fragment-reader.ts';

const anySamples = fc
  .record({
    firstTicks: fc.nat(2 ** 50),
    rest: fc.array(
      fc.record({
        durationTicks: fc.oneof(fc.constant(3600), fc.nat(2 ** 32 - 1)),
        compositionOffsetTicks: fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
        isSync: fc.boolean(),
        data: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      }),
      { minLength: 1, maxLength: 20 },
    ),
  })
  .map(({ firstTicks, rest }) => {
    let decodeTicks = firstTicks;
    return rest.map((fields): Sample => {
      const at = decodeTicks;
      decodeTicks += fields.durationTicks;
      return { decodeTicks: at, ...fields };
    });
  });

describe('fragment writer (ISO/IEC 14496-12 §8.8)', () => {
  it('what is written is read back as it was', () => {
    fc.assert(
      fc.property(anySamples, fc.nat(2 ** 32 - 1), (samples, sequenceNumber) => {
        const bytes = writeFragment({ trackId: 1, sequenceNumber, samples });
        assert.deepEqual(readFragment(bytes, VIDEO_TRACK), samples);
        assert.equal(sequenceNumberOf(bytes), sequenceNumber);
      }),
    );
  });

  it('the same samples give the same bytes', () => {
    const chunk = { trackId: 1, sequenceNumber: 7, samples: frames(900, 5, 3600) };
    assert.ok(writeFragment(chunk).equals(writeFragment(chunk)));
  });

  it('only fields that vary stand with each sample', () => {
    const constant = frames(0, 5, 3600).map((s) => ({ ...s, isSync: false, data: Buffer.alloc(10) }));
    const table: { name: string; samples: Sample[]; headerBytes: number }[] = [
      // moof 8, mfhd 16, traf 8, tfhd 16 + three defaults, tfdt 20, trun 20; mdat 8
      { name: 'nothing varies', samples: constant, headerBytes: 108 },
      {
        name: 'first is sync',
        samples: constant.map((s, i) => ({ ...s, isSync: i === 0 })),
        headerBytes: 112,
      },
      {
        name: 'sizes vary',
        samples: constant.map((s, i) => ({ ...s, data: Buffer.alloc(10 + i) })),
        headerBytes: 108 - 4 + 5 * 4,
      },
      {
        name: 'a later one is sync',
        samples: constant.map((s, i) => ({ ...s, isSync: i === 2 })),
        headerBytes: 108 - 4 + 5 * 4,
      },
    ];
    for (const { name, samples, headerBytes } of table) {
      const media = samples.reduce((sum, s) => sum + s.data.length, 0);
      assert.equal(
        writeFragment({ trackId: 1, sequenceNumber: 1, samples }).length - media,
        headerBytes,
        name,
      );
    }
  });

  it('refuses what it could not write truly', () => {
    const hole = [sample(0, 10), sample(11, 10)];
    for (const samples of [[], hole]) {
      assert.throws(() => writeFragment({ trackId: 1, sequenceNumber: 1, samples }), MediaError);
    }
  });
});
