import { deepEqual } from 'node:assert/strict';
import { type PictureColour, pictureColour } from '../../../media/codec/picture-colour.ts';
import { isSameFormat, PLAIN_FORMAT, sourceFormatOf } from '../../../transcode/ffmpeg/source-format.ts';
import { av1RecordOf } from '../support/av1-colour.ts';

const PLAIN: PictureColour = { range: 'SDR', isWide: false, matrix: 'bt709' };

describe('the colours of pictures', () => {
  for (const { name, codes, want } of [
    { name: 'nothing said', codes: null, want: PLAIN },
    { name: 'BT.709', codes: [1, 1, 1], want: PLAIN },
    { name: 'BT.601', codes: [6, 6, 6], want: PLAIN },
    { name: 'HLG', codes: [9, 18, 9], want: { range: 'HLG', isWide: true, matrix: 'bt2020' } },
    { name: 'PQ', codes: [9, 16, 9], want: { range: 'PQ', isWide: true, matrix: 'bt2020' } },
    { name: 'PQ alone', codes: [2, 16, 2], want: { range: 'PQ', isWide: true, matrix: 'bt2020' } },
    { name: 'PQ in BT.709', codes: [1, 16, 1], want: { range: 'PQ', isWide: false, matrix: 'bt709' } },
    { name: 'BT.2020 of 10 bits', codes: [9, 14, 9], want: { range: 'SDR', isWide: true, matrix: 'bt2020' } },
    { name: 'the matrix alone', codes: [2, 2, 9], want: { range: 'SDR', isWide: true, matrix: 'bt2020' } },
  ] satisfies { name: string; codes: [number, number, number] | null; want: PictureColour }[]) {
    it(`AV1: ${name}`, () => deepEqual(pictureColour('av1', av1RecordOf(codes)), want));
  }

  it('what cannot be read is plain', () => {
    for (const codec of ['h264', 'hevc', 'av1'] as const) {
      deepEqual(pictureColour(codec, Buffer.alloc(5)), PLAIN);
      deepEqual(pictureColour(codec, Buffer.alloc(0)), PLAIN);
    }
  });

  it('another transfer in mid class is another format: its decoder begins anew', () => {
    const formatOf = (...codes: [number, number, number]) => sourceFormatOf('av1', av1RecordOf(codes));
    deepEqual(isSameFormat(formatOf(1, 1, 1), formatOf(9, 18, 9)), false);
    deepEqual(isSameFormat(formatOf(9, 16, 9), formatOf(9, 18, 9)), false);
    deepEqual(isSameFormat(formatOf(9, 18, 9), formatOf(9, 18, 9)), true);
    deepEqual(isSameFormat(PLAIN_FORMAT, sourceFormatOf('h264', Buffer.alloc(0))), true);
  });
});
