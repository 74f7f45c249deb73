import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AudioPacket, readAudioPacket } from '../../../media/flv/audio-packet.ts';
import { writeAacPacket, writeVideoPacket } from '../../../media/flv/packet-writer.ts';
import { readVideoPacket, type VideoPacket } from '../../../media/flv/video-packet.ts';

const anyBytes = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));

describe('FLV video packets (Adobe FLV 10.1 §E.4.3, Enhanced RTMP v2)', () => {
  it('what is written is read back the same', () => {
    const packet = fc.record({
      kind: fc.constantFrom('config' as const, 'frame' as const),
      codec: fc.constantFrom('h264' as const, 'hevc' as const, 'av1' as const),
      isSync: fc.boolean(),
      compositionOffsetMs: fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }),
      data: anyBytes,
    });
    fc.assert(
      fc.property(packet, (written) => {
        const hasOffset = written.kind === 'frame' && written.codec !== 'av1';
        assert.deepEqual(readVideoPacket(writeVideoPacket(written)), {
          ...{ kind: written.kind, codec: written.codec, codecName: written.codec },
          isEnhanced: written.codec !== 'h264',
          isSync: written.kind === 'frame' && written.isSync,
          compositionOffsetMs: hasOffset ? written.compositionOffsetMs : 0,
          data: written.data,
        });
      }),
    );
  });

  const plain = { codec: 'h264', codecName: 'h264', isEnhanced: false } as const;
  const hevc = { codec: 'hevc', codecName: 'hevc', isEnhanced: true } as const;
  const none = { isSync: false, compositionOffsetMs: 0 };
  const table: { name: string; hex: string; want: Omit<VideoPacket, 'data'> | null; data?: string }[] = [
    {
      name: 'AVC configuration',
      hex: '170000000001640028',
      want: { kind: 'config', ...plain, ...none },
      data: '01640028',
    },
    {
      name: 'AVC keyframe',
      hex: '1701000028aabb',
      want: { kind: 'frame', ...plain, isSync: true, compositionOffsetMs: 40 },
      data: 'aabb',
    },
    {
      name: 'AVC with a negative offset',
      hex: '2701ffffd8aa',
      want: { kind: 'frame', ...plain, isSync: false, compositionOffsetMs: -40 },
      data: 'aa',
    },
    { name: 'AVC end of sequence', hex: '1702000000', want: { kind: 'other', ...plain, ...none }, data: '' },
    {
      name: 'AVC command frame',
      hex: '570100002800',
      want: { kind: 'other', ...plain, ...none },
      data: '00',
    },
    {
      name: 'VP6',
      hex: '1400000000',
      want: {
        kind: 'frame',
        codec: null,
        codecName: 'vp6',
        isEnhanced: false,
        isSync: true,
        compositionOffsetMs: 0,
      },
      data: '00000000',
    },
    {
      name: 'Enhanced HEVC configuration',
      hex: '9068766331aa',
      want: { kind: 'config', ...hevc, ...none },
      data: 'aa',
    },
    {
      name: 'Enhanced HEVC frame',
      hex: 'a168766331000021bb',
      want: { kind: 'frame', ...hevc, isSync: false, compositionOffsetMs: 33 },
      data: 'bb',
    },
    {
      name: 'Enhanced HEVC frame without offset',
      hex: 'a368766331bb',
      want: { kind: 'frame', ...hevc, ...none },
      data: 'bb',
    },
    { name: 'Enhanced HEVC frame that ends within its offset', hex: 'a1687663310000', want: null },
    {
      name: 'Enhanced command frame',
      hex: 'd16876633100',
      want: { kind: 'other', ...hevc, ...none },
      data: '',
    },
    {
      name: 'Enhanced AV1 frame',
      hex: '9161763031bb',
      want: {
        kind: 'frame',
        codec: 'av1',
        codecName: 'av1',
        isEnhanced: true,
        isSync: true,
        compositionOffsetMs: 0,
      },
      data: 'bb',
    },
    { name: 'Enhanced metadata', hex: '9468766331', want: { kind: 'other', ...hevc, ...none }, data: '' },
    {
      name: 'Enhanced VP9',
      hex: '9176703039',
      want: {
        kind: 'frame',
        codec: null,
        codecName: 'vp9',
        isEnhanced: true,
        isSync: true,
        compositionOffsetMs: 0,
      },
      data: '',
    },
    { name: 'too short', hex: '1701', want: null },
    { name: 'empty', hex: '', want: null },
  ];
  for (const { name, hex, want, data } of table) {
    it(name, () => {
      const read = readVideoPacket(Buffer.from(hex, 'hex'));
      assert.deepEqual(read, want === null ? null : { ...want, data: Buffer.from(data ?? '', 'hex') });
    });
  }

  it('any bytes are read or give null', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const read = readVideoPacket(bytes);
        assert.ok(read === null || read.kind === 'frame' || !read.isSync);
      }),
    );
  });
});

describe('FLV audio packets (Adobe FLV 10.1 §E.4.2, Enhanced RTMP v2)', () => {
  it('what is written is read back the same', () => {
    fc.assert(
      fc.property(fc.constantFrom('config' as const, 'frame' as const), anyBytes, (kind, data) => {
        assert.deepEqual(readAudioPacket(writeAacPacket(kind, data)), {
          ...{ kind, codec: 'aac', isEnhanced: false, isSync: true, compositionOffsetMs: 0, data },
        });
      }),
    );
  });

  const table: { name: string; hex: string; want: [AudioPacket['kind'], string, boolean, string] | null }[] =
    [
      { name: 'AAC configuration', hex: 'af001190', want: ['config', 'aac', false, '1190'] },
      { name: 'AAC frame', hex: 'af0121aa', want: ['frame', 'aac', false, '21aa'] },
      { name: 'AAC with a reserved packet type', hex: 'af0221aa', want: ['other', 'aac', false, '21aa'] },
      { name: 'MP3', hex: '2ffffb', want: ['frame', 'mp3', false, 'fffb'] },
      { name: 'a reserved sound format', hex: 'cfff', want: ['frame', 'sound format 12', false, 'ff'] },
      { name: 'Enhanced Opus', hex: '914f707573aa', want: ['frame', 'opus', true, 'aa'] },
      { name: 'Enhanced AAC configuration', hex: '906d7034611190', want: ['config', 'aac', true, '1190'] },
      { name: 'Enhanced end of sequence', hex: '926d703461', want: ['other', 'aac', true, ''] },
      { name: 'Enhanced, too short', hex: '916d7034', want: null },
      { name: 'too short', hex: 'af', want: null },
      { name: 'empty', hex: '', want: null },
    ];
  for (const { name, hex, want } of table) {
    it(name, () => {
      const read = readAudioPacket(Buffer.from(hex, 'hex'));
      const got = read === null ? null : [read.kind, read.codec, read.isEnhanced, read.data.toString('hex')];
      assert.deepEqual(got, want);
    });
  }
});
