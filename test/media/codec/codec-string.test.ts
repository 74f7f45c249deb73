import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readAv1Record } from '../../../media/codec/av1-config.ts';
import { readAvcRecord } from '../../../media/codec/avc-config.ts';
import { aacCodec, av1Codec, avcCodec, hevcCodec } from '../../../media/codec/codec-string.ts';
import { readHevcConfig, readHevcRecord } from '../../../media/codec/hevc-config.ts';
import { isMalformed, type Malformed } from '../../../media/codec/malformed.ts';
import { hex } from '../support/bytes.ts';

function read<T extends object>(record: T | Malformed): T {
  assert.ok(!isMalformed(record), isMalformed(record) ? record.malformed : '');
  return record;
}
const avc = (text: string): string => avcCodec('avc1', read(readAvcRecord(hex(text))));
const hevc = (entry: string, text: string): string => hevcCodec(entry, read(readHevcRecord(hex(text))));
const av1 = (text: string): string => av1Codec(read(readAv1Record(hex(text))));

describe('codec strings (RFC 6381)', () => {
  const table = [
    { name: 'H.264 High 3.1', got: () => avc('01 64001f ff e0 00'), want: 'avc1.64001f' },
    { name: 'H.264 Baseline 1.0: zeros stay', got: () => avc('01 42000a ff e0 00'), want: 'avc1.42000a' },
    {
      name: 'H.265 Main: trailing zeros of the constraints go',
      got: () => hevc('hvc1', '01 01 60000000 b00000000000 5d f000fcfdf8f800000f00'),
      want: 'hvc1.1.6.L93.B0',
    },
    {
      name: 'H.265 Main 10, high tier',
      got: () => hevc('hev1', '01 22 20000000 900000000000 99 f000fcfdf8f800000f00'),
      want: 'hev1.2.4.H153.90',
    },
    {
      name: 'H.265 with a profile space, and a zero between constraints',
      got: () => hevc('hvc1', '01 41 60000000 b00008000000 5d f000fcfdf8f800000f00'),
      want: 'hvc1.A1.6.L93.B0.0.8',
    },
    { name: 'AV1 Main, 8 bits', got: () => av1('81040c00'), want: 'av01.0.04M.08' },
    { name: 'AV1 Main, 10 bits', got: () => av1('81084c00'), want: 'av01.0.08M.10' },
    { name: 'AV1 Professional, 12 bits, high tier', got: () => av1('814de000'), want: 'av01.2.13H.12' },
    { name: 'AAC-LC', got: () => aacCodec({ objectType: 2 }), want: 'mp4a.40.2' },
  ];
  for (const { name, got, want } of table) it(name, () => assert.equal(got(), want));

  const refused = [
    {
      name: 'H.265: another version',
      got: () => readHevcRecord(hex(`02${'00'.repeat(22)}`)),
      why: /configurationVersion 2, want 1/,
    },
    {
      name: 'H.265: cut off',
      got: () => readHevcRecord(hex('01 01 6000')),
      why: /HEVC configuration of 4 bytes: it ends/,
    },
    {
      name: 'H.265: lengths of three bytes',
      got: () => readHevcRecord(hex('01 01 60000000 b00000000000 5d f000fcfdf8f800000e00')),
      why: /lengthSizeMinusOne 2 is reserved/,
    },
    {
      name: 'H.265: more parameter sets than anybody has',
      got: () => readHevcRecord(hex('01 01 60000000 b00000000000 5d f000fcfdf8f800000f01 a1ffff')),
      why: /more than 256 NAL units/,
    },
    {
      name: 'H.265: no SPS',
      got: () => readHevcConfig(hex('01 01 60000000 b00000000000 5d f000fcfdf8f800000f00')),
      why: /without a sequence parameter set/,
    },
    {
      name: 'AV1: another version',
      got: () => readAv1Record(hex('82040c00')),
      why: /version 0x82, want 0x81/,
    },
    { name: 'AV1: cut off', got: () => readAv1Record(hex('8104')), why: /AV1 configuration of 2 bytes/ },
  ];
  for (const { name, got, why } of refused) {
    it(`refuses ${name}`, () => {
      const record = got();
      assert.match(isMalformed(record) ? record.malformed : 'it was read', why);
    });
  }

  it('any bytes are a record or malformed', () => {
    const bytes = fc.uint8Array({ maxLength: 120 }).map((list) => Buffer.from([1, ...list]));
    fc.assert(
      fc.property(bytes, (record) => {
        for (const parse of [readAvcRecord, readHevcRecord, readHevcConfig]) parse(record);
        readAv1Record(Buffer.concat([Buffer.of(0x81), record]));
      }),
      { numRuns: 1000 },
    );
  });
});
