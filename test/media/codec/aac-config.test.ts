import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AacConfig, readAacConfig, writeAacConfig } from '../../../media/codec/aac-config.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';

describe('AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1)', () => {
  const table: { name: string; hex: string; want: Partial<AacConfig> }[] = [
    {
      name: 'AAC-LC 48 kHz stereo',
      hex: '1190',
      want: { objectType: 2, sampleRateHz: 48_000, channels: 2, hasSbr: false },
    },
    { name: 'AAC-LC 44.1 kHz mono', hex: '1208', want: { objectType: 2, sampleRateHz: 44_100, channels: 1 } },
    { name: 'AAC-LC 5.1', hex: '11b0', want: { channels: 6, channelConfiguration: 6 } },
    { name: 'AAC-LC 7.1', hex: '11b8', want: { channels: 8, channelConfiguration: 7 } },
    { name: 'frames of 960 samples', hex: '1194', want: { frameSamples: 960 } },
    {
      name: 'a rate that is written out',
      hex: '17805dc010',
      want: { objectType: 2, sampleRateHz: 48_000, channels: 2 },
    },
    {
      name: 'HE-AAC: the rate that comes out, and the core’s',
      hex: '2b118800',
      want: {
        objectType: 5,
        coreObjectType: 2,
        sampleRateHz: 48_000,
        coreSampleRateHz: 24_000,
        channels: 2,
        hasSbr: true,
      },
    },
    {
      name: 'HE-AAC v2: stereo comes out of one channel',
      hex: 'eb098800',
      want: { objectType: 29, sampleRateHz: 48_000, channels: 2, coreChannels: 1, hasPs: true },
    },
    {
      name: 'HE-AAC that is signalled behind the core’s configuration',
      hex: '131056e598',
      want: { objectType: 2, sampleRateHz: 48_000, coreSampleRateHz: 24_000, hasSbr: true, hasPs: false },
    },
    {
      name: 'HE-AAC v2 that is signalled behind the core’s configuration',
      hex: '130856e59d4880',
      want: { objectType: 2, sampleRateHz: 48_000, channels: 2, coreChannels: 1, hasSbr: true, hasPs: true },
    },
    {
      name: 'SBR that is denied, as ffmpeg writes it',
      hex: '119056e500',
      want: { sampleRateHz: 48_000, hasSbr: false },
    },
    {
      // ffmpeg 5.1 for 2.1, which has no number: a pair in front, a low-frequency element, and a comment.
      name: 'channels counted in a program_config_element',
      hex: '118004c4010020000d4c61766335392e33372e31303056e500',
      want: { channels: 3, coreChannels: 3, channelConfiguration: 0, hasSbr: false },
    },
    {
      name: 'SBR signalled behind a program_config_element and its comment',
      hex: '130004c4010020000d4c61766335392e33372e31303056e598',
      want: { channels: 3, sampleRateHz: 48_000, coreSampleRateHz: 24_000, hasSbr: true },
    },
    {
      name: 'a program_config_element that is cut off',
      hex: '118004c401',
      want: { channels: 0, channelConfiguration: 0 },
    },
    {
      name: 'a reserved channelConfiguration: only decoding tells',
      hex: '11c8',
      want: { channels: 0, channelConfiguration: 9 },
    },
    {
      name: 'channelConfiguration 0 and nothing behind it',
      hex: '1180',
      want: { channels: 0, channelConfiguration: 0 },
    },
    {
      name: 'an object type above 31 (xHE-AAC)',
      hex: 'f9462000',
      want: { objectType: 42, sampleRateHz: 48_000 },
    },
  ];
  for (const { name, hex, want } of table) {
    it(name, () => {
      const config = readAacConfig(Buffer.from(hex, 'hex'));
      assert.deepEqual({ ...config, ...want }, config);
    });
  }

  const refused = [
    { name: 'nothing', hex: '', why: /ends too early/ },
    { name: 'one byte', hex: '11', why: /ends too early/ },
    { name: 'a rate that is cut off', hex: '1780', why: /ends too early/ },
    { name: 'a reserved rate', hex: '1690', why: /sampling rate 0 or reserved/ },
    { name: 'object type 0', hex: '0190', why: /audio object type 0/ },
    { name: 'more than 64 bytes', hex: `1190${'00'.repeat(63)}`, why: /65 bytes, want at most 64/ },
  ];
  for (const { name, hex, why } of refused) {
    it(`refuses ${name}`, () => {
      const config = readAacConfig(Buffer.from(hex, 'hex'));
      assert.match(isMalformed(config) ? config.malformed : 'it was read', why);
    });
  }

  it('what is written is read back the same', () => {
    const rates = fc.oneof(fc.constantFrom(48_000, 44_100, 8000), fc.integer({ min: 7350, max: 96_000 }));
    fc.assert(
      fc.property(rates, fc.constantFrom(1, 2, 3, 4, 5, 6, 8), (sampleRateHz, channels) => {
        const config = readAacConfig(writeAacConfig(sampleRateHz, channels));
        assert.deepEqual({ ...config, objectType: 2, sampleRateHz, channels, hasSbr: false }, config);
      }),
    );
    assert.equal(writeAacConfig(48_000, 2).toString('hex'), '1190');
  });

  it('any bytes are malformed or give a rate and channels within bounds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const config = readAacConfig(Buffer.from(bytes));
        if (isMalformed(config)) return;
        assert.ok(config.sampleRateHz > 0 && config.sampleRateHz < 2 ** 24);
        assert.ok(config.channels >= 0 && config.channels <= 93);
      }),
      { numRuns: 2000 },
    );
  });
});
