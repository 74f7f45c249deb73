import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AudioPacket, readAudioPacket, readAudioPackets } from '../../../media/flv/audio-packet.ts';
import {
  writeAacPacket,
  writeFourCcSound,
  writePlainSound,
  writeVideoPacket,
} from '../../../media/flv/packet-writer.ts';
import { readVideoPacket, readVideoPackets, type VideoPacket } from '../../../media/flv/video-packet.ts';

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
          ...{ isEnhanced: written.codec !== 'h264', trackId: 0 },
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
  const sync = { isSync: true, compositionOffsetMs: 0 };
  const table: {
    name: string;
    hex: string;
    want: Omit<VideoPacket, 'data' | 'trackId'> | null;
    data?: string;
  }[] = [
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
    {
      name: 'HEVC as codec 12, from before Enhanced RTMP',
      hex: '1c01000028bb',
      want: {
        kind: 'frame',
        codec: 'hevc',
        codecName: 'hevc',
        isEnhanced: false,
        isSync: true,
        compositionOffsetMs: 40,
      },
      data: 'bb',
    },
    {
      name: 'HEVC configuration as codec 12',
      hex: '1c00000000bb',
      want: { kind: 'config', codec: 'hevc', codecName: 'hevc', isEnhanced: false, ...none },
      data: 'bb',
    },
    {
      name: 'Enhanced H.264',
      hex: '9161766331000021bb',
      want: { ...plain, kind: 'frame', isEnhanced: true, isSync: true, compositionOffsetMs: 33 },
      data: 'bb',
    },
    {
      name: 'a modifier in front of an Enhanced frame',
      hex: '970200000001' + '68766331' + '000000bb',
      want: { kind: 'frame', ...hevc, ...sync },
      data: 'bb',
    },
    {
      name: 'two modifiers, one of 257 bytes',
      hex: `97ff0100${'00'.repeat(257)}0700000368766331bb`,
      want: { kind: 'frame', ...hevc, ...sync },
      data: 'bb',
    },
    { name: 'a modifier that ends the tag', hex: '9705000000', want: null },
    {
      name: 'a multitrack tag with one track',
      hex: '9603' + '68766331' + '00bb',
      want: { kind: 'frame', ...hevc, ...sync },
      data: 'bb',
    },
    { name: 'an unknown way of multitrack', hex: '9633687663310000', want: null },
    { name: 'too short', hex: '1701', want: null },
    { name: 'empty', hex: '', want: null },
  ];
  for (const { name, hex, want, data } of table) {
    it(name, () => {
      const read = readVideoPacket(Buffer.from(hex, 'hex'));
      assert.deepEqual(
        read,
        want === null ? null : { ...want, trackId: 0, data: Buffer.from(data ?? '', 'hex') },
      );
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
          ...{ kind, codec: 'aac', isEnhanced: false, header: 0xaf, trackId: 0 },
          ...{ isSync: true, compositionOffsetMs: 0, data },
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
      { name: 'Enhanced FLAC', hex: '91664c6143aa', want: ['frame', 'flac', true, 'aa'] },
      { name: 'Enhanced MP3', hex: '912e6d7033aa', want: ['frame', 'mp3', true, 'aa'] },
      { name: 'Enhanced E-AC-3', hex: '9165632d33aa', want: ['frame', 'eac3', true, 'aa'] },
      { name: 'Enhanced, unknown', hex: '9161626364aa', want: ['frame', 'audio codec "abcd"', true, 'aa'] },
      { name: 'Enhanced channel order', hex: '946d7034610102', want: ['other', 'aac', true, '0102'] },
      {
        name: 'a modifier in front of Enhanced AAC',
        hex: '9702000000016d703461aa',
        want: ['frame', 'aac', true, 'aa'],
      },
      { name: 'MP3 at 8 kHz', hex: 'e2ffe3', want: ['frame', 'mp3', false, 'ffe3'] },
      { name: 'an empty frame', hex: 'af01', want: ['frame', 'aac', false, ''] },
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

describe('multitrack tags (Enhanced RTMP v2)', () => {
  const cc = (name: string): string => Buffer.from(name, 'latin1').toString('hex');
  const tracks = (
    packets: readonly { trackId: number; data: Buffer }[],
    name: (i: number) => string,
  ): string[] => packets.map(({ trackId, data }, i) => `${trackId} ${name(i)} ${data.toString('hex')}`);

  const sounds: { name: string; hex: string; want: string[] }[] = [
    { name: 'one track', hex: `9501${cc('mp4a')}01aabb`, want: ['1 aac aabb'] },
    {
      name: 'many tracks of one codec',
      hex: `9511${cc('Opus')}00000002aabb01000001cc`,
      want: ['0 opus aabb', '1 opus cc'],
    },
    {
      name: 'many tracks of many codecs',
      hex: `9521${cc('mp4a')}00000001aa${cc('Opus')}05000002bbcc`,
      want: ['0 aac aa', '5 opus bbcc'],
    },
    { name: 'behind a modifier', hex: `9700000511${cc('mp4a')}00000001aa`, want: ['0 aac aa'] },
    { name: 'a size beyond the tag', hex: `9511${cc('Opus')}00000002aabb01000009cc`, want: ['0 opus aabb'] },
    { name: 'nothing behind its head', hex: '9511', want: [] },
  ];
  for (const { name, hex, want } of sounds) {
    it(`sound: ${name}`, () => {
      const packets = readAudioPackets(Buffer.from(hex, 'hex'));
      assert.deepEqual(
        tracks(packets, (i) => packets[i]?.codec ?? ''),
        want,
      );
    });
  }

  it('pictures: each track has its own composition time', () => {
    const hex = `a621${cc('avc1')}0000000400001eaa${cc('hvc1')}01000004ffffe2bb`;
    const packets = readVideoPackets(Buffer.from(hex, 'hex'));
    assert.deepEqual(
      packets.map(({ trackId, codec, compositionOffsetMs, isSync }) => [
        trackId,
        codec,
        compositionOffsetMs,
        isSync,
      ]),
      [
        [0, 'h264', 30, false],
        [1, 'hevc', -30, false],
      ],
    );
  });

  it('any bytes give packets within the tag', () => {
    const first = fc.constantFrom(0x95, 0x97, 0x96, 0x90, 0xa6, 0xa7);
    fc.assert(
      fc.property(first, fc.uint8Array({ maxLength: 80 }), (head, rest) => {
        const body = Buffer.concat([Buffer.of(head), rest]);
        for (const { data } of [...readAudioPackets(body), ...readVideoPackets(body)]) {
          assert.ok(data.length < body.length);
        }
      }),
    );
  });
});

describe('sound that is not AAC', () => {
  it('what is written by FourCC or plain is read back', () => {
    const data = Buffer.from('0102', 'hex');
    for (const codec of ['opus', 'flac', 'ac3', 'eac3'] as const) {
      const read = readAudioPacket(writeFourCcSound('config', codec, data));
      assert.deepEqual([read?.kind, read?.codec, read?.data], ['config', codec, data]);
    }
    const read = readAudioPacket(writePlainSound(0x72, data));
    assert.deepEqual([read?.kind, read?.codec, read?.header, read?.data], ['frame', 'pcm-alaw', 0x72, data]);
  });
});
