import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readAacConfig } from '../../ingest/aac-config.ts';
import { readAvcConfig } from '../../ingest/avc-config.ts';

describe('ingest: AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1)', () => {
  // Written by libx264 through ffmpeg 5.1.
  const table = [
    {
      name: 'High, 320×180, cropped by 12 lines, 25 fps',
      hex: '0164000cffe1001a6764000cacd941419f9f011000000300100000030320f142996001000668ebe3cb22c0fdf8f800',
      want: { width: 320, height: 180, frameRate: 25 },
    },
    {
      name: 'High, 1920×1080, 29.97 fps',
      hex: '01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000468ef8fcbfdf8f800',
      want: { width: 1920, height: 1080, frameRate: 30_000 / 1001 },
    },
    {
      name: 'High, 640×480 interlaced, 25 frames of two fields',
      hex: '0164001fffe100196764001facd940a07b6022000003000200000300c83e2c5b2c01000668fba3cb22c0fdf8f800',
      want: { width: 640, height: 480, frameRate: 50 },
    },
    {
      name: 'High 4:4:4, 1280×720, 60 fps',
      hex: '01f40020ffe1001a67f40020919b280a00b76022000003000200000300f01e30632c01000668ebe3c44844fff8f800',
      want: { width: 1280, height: 720, frameRate: 60 },
    },
    {
      name: 'Constrained Baseline, 854×480, cropped by 10 columns, 15 fps',
      hex: '0142c01effe100196742c01ed900d83de6f0110000030001000003001e0f162e4801000568cb83cb20',
      want: { width: 854, height: 480, frameRate: 15 },
    },
    { name: 'nothing', hex: '', want: null },
    { name: 'another version', hex: '0264000cffe1001a6764000c', want: null },
    { name: 'an SPS longer than the record', hex: '0164000cffe1ffff6764000cacd941419f9f', want: null },
    { name: 'no SPS', hex: '0164000cffe0001a6764000cacd941419f9f', want: null },
    { name: 'a PPS where the SPS belongs', hex: '0164000cffe100046864000c', want: null },
  ];
  for (const { name, hex, want } of table) {
    it(name, () => assert.deepEqual(readAvcConfig(Buffer.from(hex, 'hex')), want));
  }

  it('any bytes give null or a size within bounds, never an error', () => {
    const sps = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(sps, fc.constantFrom(66, 77, 100, 244), (bytes, profile) => {
        const nal = Buffer.from([0x67, profile, 0, 31, ...bytes]);
        const record = Buffer.concat([Buffer.from([1, profile, 0, 31, 0xff, 0xe1, 0, nal.length]), nal]);
        const config = readAvcConfig(record);
        if (config === null) return;
        assert.ok(config.width >= 16 && config.width <= 8192);
        assert.ok(config.height >= 16 && config.height <= 8192);
        assert.ok(config.frameRate >= 0 && config.frameRate <= 240);
      }),
    );
  });
});

describe('ingest: AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1)', () => {
  const table = [
    { name: 'AAC-LC 48 kHz stereo', hex: '1190', want: { objectType: 2, sampleRateHz: 48_000, channels: 2 } },
    { name: 'AAC-LC 44.1 kHz mono', hex: '1208', want: { objectType: 2, sampleRateHz: 44_100, channels: 1 } },
    { name: 'AAC-LC 7.1', hex: '11b8', want: { objectType: 2, sampleRateHz: 48_000, channels: 8 } },
    {
      name: 'AAC-LC with an explicit rate of 48 kHz',
      hex: '1780' + '5dc010',
      want: { objectType: 2, sampleRateHz: 48_000, channels: 2 },
    },
    {
      name: 'HE-AAC: the rate that comes out',
      hex: '2b118800',
      want: { objectType: 5, sampleRateHz: 48_000, channels: 2 },
    },
    { name: 'nothing', hex: '', want: null },
    { name: 'one byte', hex: '11', want: null },
    { name: 'a reserved rate', hex: '1690', want: null },
    { name: 'object type 0', hex: '0190', want: null },
  ];
  for (const { name, hex, want } of table) {
    it(name, () => assert.deepEqual(readAacConfig(Buffer.from(hex, 'hex')), want));
  }
});
