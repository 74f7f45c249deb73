import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readAacConfig, readAudioPacket, readVideoPacket } from '../../transcode/flv/flv-media.ts';
import { FlvParser, type FlvTag } from '../../transcode/flv/flv-parser.ts';
import { flvHeader, flvTag } from '../../transcode/flv/flv-writer.ts';
import { TranscodeError } from '../../transcode/transcode-error.ts';

const tags = fc.array(
  fc.record({
    kind: fc.constantFrom('video' as const, 'audio' as const),
    timestampMs: fc.integer({ min: 0, max: 0xffffffff }),
    data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 12 },
);

describe('FLV', () => {
  it('any split of the byte stream gives the tags that were written', () => {
    fc.assert(
      fc.property(tags, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (written, sizes) => {
        const bytes = Buffer.concat([
          flvHeader('video'),
          ...written.map((tag) => flvTag(tag.kind, tag.timestampMs, tag.data)),
        ]);
        const parser = new FlvParser();
        const read: FlvTag[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const end = at + (sizes[i % sizes.length] ?? 1);
          read.push(...parser.push(bytes.subarray(at, end)));
          at = end;
        }
        assert.deepEqual(
          read,
          written.map((tag) => ({
            type: tag.kind === 'video' ? 9 : 8,
            timestampMs: tag.timestampMs,
            data: tag.data,
          })),
        );
      }),
    );
  });

  it('a tag is given as soon as its last byte is there', () => {
    const bytes = Buffer.concat([flvHeader('audio'), flvTag('audio', 7, Buffer.from([1, 2, 3]))]);
    const parser = new FlvParser();
    assert.equal(parser.push(bytes.subarray(0, -5)).length, 0);
    assert.equal(parser.push(bytes.subarray(-5, -4)).length, 1);
  });

  it('garbage raises bad-flv and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 9, maxLength: 400 }), (garbage) => {
        try {
          new FlvParser().push(Buffer.from(garbage));
        } catch (error) {
          assert.ok(error instanceof TranscodeError && error.code === 'bad-flv', String(error));
        }
      }),
    );
  });

  it('names the byte and the value', () => {
    assert.throws(
      () => new FlvParser().push(Buffer.from('RIFF12345')),
      /flv at byte 0: want "FLV", got 0x524946/,
    );
    const bad = Buffer.concat([flvHeader('video'), Buffer.alloc(11, 3)]);
    assert.throws(() => new FlvParser().push(bad), /flv at byte 13: tag type 3, want 8, 9 or 18/);
    const huge = Buffer.concat([flvHeader('video'), Buffer.from([9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0])]);
    assert.throws(() => new FlvParser().push(huge), /tag of 16777215 bytes/);
  });

  const pictures: { name: string; hex: string; want: object | null }[] = [
    {
      name: 'AVC configuration',
      hex: '170000000001640028',
      want: { codec: 'h264', kind: 'config', isKey: true, compositionOffsetMs: 0, data: '01640028' },
    },
    {
      name: 'AVC keyframe',
      hex: '1701000028aabb',
      want: { codec: 'h264', kind: 'frame', isKey: true, compositionOffsetMs: 40, data: 'aabb' },
    },
    {
      name: 'AVC with a negative offset',
      hex: '2701ffffd8aa',
      want: { codec: 'h264', kind: 'frame', isKey: false, compositionOffsetMs: -40, data: 'aa' },
    },
    { name: 'AVC end of sequence', hex: '1702000000', want: null },
    { name: 'VP6', hex: '1400000000', want: null },
    { name: 'too short', hex: '17', want: null },
    { name: 'empty', hex: '', want: null },
    {
      name: 'Enhanced HEVC configuration',
      hex: '9068766331aa',
      want: { codec: 'hevc', kind: 'config', isKey: true, compositionOffsetMs: 0, data: 'aa' },
    },
    {
      name: 'Enhanced HEVC frame',
      hex: 'a168766331000021bb',
      want: { codec: 'hevc', kind: 'frame', isKey: false, compositionOffsetMs: 33, data: 'bb' },
    },
    {
      name: 'Enhanced HEVC frame without offset',
      hex: 'a368766331bb',
      want: { codec: 'hevc', kind: 'frame', isKey: false, compositionOffsetMs: 0, data: 'bb' },
    },
    {
      name: 'Enhanced AV1 frame',
      hex: '9161763031bb',
      want: { codec: 'av1', kind: 'frame', isKey: true, compositionOffsetMs: 0, data: 'bb' },
    },
    { name: 'Enhanced metadata', hex: '9468766331', want: null },
    { name: 'Enhanced, unknown codec', hex: '9176703039', want: null },
  ];
  for (const { name, hex, want } of pictures) {
    it(`picture: ${name}`, () => {
      const read = readVideoPacket(Buffer.from(hex, 'hex'));
      assert.deepEqual(read === null ? null : { ...read, data: read.data.toString('hex') }, want);
    });
  }

  const sounds: { name: string; hex: string; want: object | null }[] = [
    { name: 'AAC configuration', hex: 'af001190', want: { codec: 'aac', kind: 'config', data: '1190' } },
    { name: 'AAC frame', hex: 'af0121aa', want: { codec: 'aac', kind: 'frame', data: '21aa' } },
    { name: 'MP3', hex: '2ffffb', want: { codec: 'mp3', kind: 'frame', data: 'fffb' } },
    { name: 'Enhanced Opus', hex: '914f707573aa', want: { codec: 'opus', kind: 'frame', data: 'aa' } },
    { name: 'empty', hex: '', want: null },
  ];
  for (const { name, hex, want } of sounds) {
    it(`sound: ${name}`, () => {
      const read = readAudioPacket(Buffer.from(hex, 'hex'));
      assert.deepEqual(read === null ? null : { ...read, data: read.data.toString('hex') }, want);
    });
  }

  const configs: { hex: string; want: object | null }[] = [
    { hex: '1190', want: { objectType: 2, sampleRateHz: 48_000, channels: 2 } },
    { hex: '1208', want: { objectType: 2, sampleRateHz: 44_100, channels: 1 } },
    { hex: '2b920800', want: { objectType: 5, sampleRateHz: 22_050, channels: 2 } },
    // Sampling rate 48,000 written out: index 15, then 24 bits.
    { hex: '1780' + '5dc010', want: { objectType: 2, sampleRateHz: 48_000, channels: 2 } },
    { hex: '1780', want: null },
    { hex: '11', want: null },
  ];
  for (const { hex, want } of configs) {
    it(`AudioSpecificConfig ${hex}`, () => assert.deepEqual(readAacConfig(Buffer.from(hex, 'hex')), want));
  }
});
