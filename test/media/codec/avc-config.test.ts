import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AvcConfig, readAvcConfig } from '../../../media/codec/avc-config.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';

/** The configuration, which must be one. */
function read(hex: string): AvcConfig {
  const config = readAvcConfig(Buffer.from(hex, 'hex'));
  assert.ok(!isMalformed(config), isMalformed(config) ? config.malformed : '');
  return config;
}

describe('AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1)', () => {
  // Written by libx264 through ffmpeg 5.1.
  const table = [
    {
      name: 'High, 320×180, cropped by 12 lines, 25 fps',
      hex: '0164000cffe1001a6764000cacd941419f9f011000000300100000030320f142996001000668ebe3cb22c0fdf8f800',
      want: { widthPx: 320, heightPx: 180, codedHeightPx: 192, frameRate: 25, framesOnly: true },
    },
    {
      name: 'High, 1920×1080, 29.97 fps',
      hex: '01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000468ef8fcbfdf8f800',
      want: { widthPx: 1920, heightPx: 1080, frameRate: 30_000 / 1001, profile: 100, level: 40 },
    },
    {
      name: 'High, 640×480 interlaced, 50 frames of two fields',
      hex: '0164001fffe100196764001facd940a07b6022000003000200000300c83e2c5b2c01000668fba3cb22c0fdf8f800',
      want: { widthPx: 640, heightPx: 480, frameRate: 50, framesOnly: false },
    },
    {
      name: 'High 4:4:4, 1280×720, 60 fps',
      hex: '01f40020ffe1001a67f40020919b280a00b76022000003000200000300f01e30632c01000668ebe3c44844fff8f800',
      want: { widthPx: 1280, heightPx: 720, frameRate: 60, chromaFormat: 3, lumaBits: 8 },
    },
    {
      name: 'Constrained Baseline, 854×480, cropped by 10 columns, 15 fps',
      hex: '0142c01effe100196742c01ed900d83de6f0110000030001000003001e0f162e4801000568cb83cb20',
      want: { widthPx: 854, heightPx: 480, codedWidthPx: 864, frameRate: 15, constraints: 0xc0 },
    },
  ];
  for (const { name, hex, want } of table) {
    it(name, () => {
      const [picture] = read(hex).pictures;
      assert.deepEqual({ ...picture, ...want }, picture);
    });
  }

  const sps = '6764000cacd941419f9f011000000300100000030320f14299';
  const other = '67640028acd940780227e5c04400000fa40003a9803c60c658';
  it('several parameter sets are all read, in their order', () => {
    const config = read(
      `0164000cff e2 0019${sps} 0019${other} 02 000668ebe3cb22c0 000468ef8fcb`.replaceAll(' ', ''),
    );
    assert.deepEqual(
      config.pictures.map(({ widthPx }) => widthPx),
      [320, 1920],
    );
    assert.deepEqual(
      config.pps.map((pps) => pps.toString('hex')),
      ['68ebe3cb22c0', '68ef8fcb'],
    );
    assert.equal(config.lengthSize, 4);
  });

  it('reads the sets that can be read, and leaves the others out', () => {
    const config = readAvcConfig(Buffer.from(`0164000cffe200036864000019${sps}00`, 'hex'));
    assert.ok(!isMalformed(config), isMalformed(config) ? config.malformed : '');
    assert.equal(config.sps.length, 2);
    assert.equal(config.pictures.length, 1);
  });

  const refused = [
    { name: 'nothing', hex: '', why: /of 0 bytes: it ends too early/ },
    { name: 'another version', hex: `0264000cffe10019${sps}00`, why: /configurationVersion 2, want 1/ },
    {
      name: 'an SPS longer than the record',
      hex: '0164000cffe1ffff6764000cacd941419f9f',
      why: /ends too early/,
    },
    { name: 'no SPS', hex: '0164000cffe000', why: /without a sequence parameter set/ },
    {
      name: 'a PPS where the SPS belongs',
      hex: '0164000cffe100046864000c00',
      why: /nal_unit_type 8, want 7/,
    },
    {
      name: 'an SPS that is cut off',
      hex: '0164000cffe100096764000cacd941419f00',
      why: /SPS of 9 bytes: it ends too early/,
    },
    {
      name: 'lengths of three bytes',
      hex: `0164000cfee10019${sps}00`,
      why: /lengthSizeMinusOne 2 is reserved/,
    },
  ];
  for (const { name, hex, why } of refused) {
    it(`refuses ${name}`, () => {
      const config = readAvcConfig(Buffer.from(hex, 'hex'));
      assert.match(isMalformed(config) ? config.malformed : 'it was read', why);
    });
  }

  it('any bytes are malformed or give a size and a rate within bounds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(66, 77, 100, 244), (bytes, profile) => {
        const nal = Buffer.from([0x67, profile, 0, 31, ...bytes]);
        const head = Buffer.from([1, profile, 0, 31, 0xff, 0xe1, 0, nal.length]);
        const config = readAvcConfig(Buffer.concat([head, nal, Buffer.of(0)]));
        if (isMalformed(config)) return;
        const [picture] = config.pictures;
        assert.ok(picture.widthPx >= 16 && picture.widthPx <= 8192);
        assert.ok(picture.heightPx >= 16 && picture.heightPx <= 8192);
        assert.ok(picture.frameRate >= 0 && picture.frameRate <= 240);
      }),
      { numRuns: 1000 },
    );
  });
});
