import { deepEqual } from 'node:assert/strict';
import { AvcStream } from '../../../media/codec/avc-stream.ts';
import { FIELD_RECORD, fieldSample, type FieldSlice } from '../../ingest/support/field-pictures.ts';

const top = (frameNum: number, isIdr = false): FieldSlice => ({ field: 'top', frameNum, isIdr });
const bottom = (frameNum: number, isIdr = false): FieldSlice => ({ field: 'bottom', frameNum, isIdr });
const whole = (frameNum: number): FieldSlice => ({ field: null, frameNum });

describe('H.264: the second field of a picture', () => {
  const table: { name: string; samples: FieldSlice[][]; want: boolean[] }[] = [
    {
      name: 'each field by itself',
      samples: [[top(0, true)], [bottom(0)], [top(1)], [bottom(1)], [top(2)]],
      want: [false, true, false, true, false],
    },
    {
      name: 'bottom field first',
      samples: [[bottom(0, true)], [top(0)], [bottom(1)], [top(1)]],
      want: [false, true, false, true],
    },
    {
      name: 'both fields of a keyframe are IDR pictures',
      samples: [[top(0, true)], [bottom(0, true)]],
      want: [false, true],
    },
    {
      name: 'pictures that nothing refers to have one frame_num',
      samples: [[top(1)], [bottom(1)], [top(1)], [bottom(1)]],
      want: [false, true, false, true],
    },
    {
      name: 'both fields in one sample',
      samples: [
        [top(0, true), bottom(0)],
        [top(1), bottom(1)],
        [top(2), bottom(2)],
      ],
      want: [false, false, false],
    },
    {
      name: 'several slices a field',
      samples: [
        [top(0), top(0)],
        [bottom(0), bottom(0)],
        [top(1), top(1)],
      ],
      want: [false, true, false],
    },
    {
      name: 'whole frames among fields',
      samples: [[whole(0)], [top(1)], [bottom(1)], [whole(2)]],
      want: [false, false, true, false],
    },
    {
      name: 'a field that was lost',
      samples: [[top(0)], [top(1)], [bottom(1)], [bottom(2)], [top(2)]],
      want: [false, false, true, false, true],
    },
    {
      name: 'a lost field of another frame',
      samples: [[top(0)], [bottom(1)], [top(1)]],
      want: [false, false, true],
    },
  ];
  for (const { name, samples, want } of table) {
    it(name, () => {
      const stream = new AvcStream();
      deepEqual(stream.configure(FIELD_RECORD), null);
      const read = samples.map((slices) => stream.read(fieldSample(...slices)));
      deepEqual(
        read.map(({ isSecondField = false }) => isSecondField),
        want,
      );
      // Decoding starts at the first half of a keyframe, never at the second.
      deepEqual(
        read.map(({ start }) => start === 'key'),
        samples.map(([slice], i) => slice?.isIdr === true && want[i] === false),
      );
    });
  }

  it('frames of progressive video have none', () => {
    const stream = new AvcStream();
    // Without a set in use nothing says that there are fields.
    deepEqual(stream.read(fieldSample(top(0))).isSecondField, undefined);
    deepEqual(stream.read(fieldSample(bottom(0))).isSecondField, undefined);
  });
});
