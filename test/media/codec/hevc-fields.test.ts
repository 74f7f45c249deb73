import { deepEqual } from 'node:assert/strict';
import { HevcFields } from '../../../media/codec/hevc-fields.ts';
import type { HevcSps } from '../../../media/codec/hevc-sps.ts';

type Field = { readonly picStruct: number | null; readonly isKey?: boolean };
const key = (picStruct: number | null): Field => ({ picStruct, isKey: true });
const of = (picStruct: number | null): Field => ({ picStruct });

const set = (isFieldSequence: boolean, hasFieldInfo: boolean): HevcSps => ({
  ...{
    profileSpace: 0,
    isHighTier: false,
    profile: 1,
    compatibility: 0,
    isInterlacedSource: true,
    level: 93,
  },
  ...{ id: 0, widthPx: 320, heightPx: 240, codedWidthPx: 320, codedHeightPx: 240, sampleAspectRatio: null },
  ...{ frameRate: 25, timing: null, isFixedRate: false, framesOnly: false, fullRange: false, colour: null },
  ...{ chromaFormat: 1, lumaBits: 8, chromaBits: 8, isFieldSequence, hasFieldInfo },
});

describe('H.265: the second field of a frame (ISO/IEC 23008-2 Table D.2)', () => {
  const FIELDS = set(true, true);
  const table: { name: string; sps?: HevcSps; fields: Field[]; want: number[] }[] = [
    { name: 'upper field first', fields: [key(1), of(2), of(1), of(2)], want: [1, 3] },
    { name: 'lower field first', fields: [key(2), of(1), of(2), of(1)], want: [1, 3] },
    {
      name: 'B pictures between the two',
      fields: [key(1), of(1), of(1), of(2), of(2), of(2)],
      want: [3, 4, 5],
    },
    {
      name: 'keyframes of two keys',
      fields: [key(1), key(2), key(1), key(2), of(1), of(2)],
      want: [1, 3, 5],
    },
    { name: 'the place is said', fields: [key(11), of(10), of(12), of(9)], want: [1, 3] },
    { name: 'a lost field', fields: [key(1), of(1), of(2), of(1), of(2)], want: [2, 4] },
    { name: 'the half is not said', fields: [key(null), of(null), of(null), of(null)], want: [1, 3] },
    { name: 'no field info', sps: set(true, false), fields: [key(1), of(1), of(1), of(1)], want: [1, 3] },
    { name: 'frames', sps: set(false, true), fields: [key(1), of(2), of(3), of(0)], want: [] },
  ];
  for (const { name, sps = FIELDS, fields, want } of table) {
    it(name, () => {
      const reader = new HevcFields();
      const second = fields.map(({ picStruct, isKey = false }) =>
        reader.isSecond(picStruct, isKey, () => sps),
      );
      deepEqual(
        second.flatMap((is, i) => (is ? [i] : [])),
        want,
      );
    });
  }
});
