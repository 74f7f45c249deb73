import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { box, hex } from '../../../media/support/bytes.ts';
import { MediaError } from '../../../../media/media-error.ts';
import { ChunkSplitter } from '../../../../origin/packager/cmaf/chunk-splitter.ts';
import { parseInit } from '../../../../origin/packager/cmaf/init-segment.ts';
import type { TrackInit } from '../../../../origin/packager/media.ts';
import { BOUNDARY_S, encodeCmaf, probe } from '../../../media/support/ffmpeg-cmaf.ts';
import { AVC_CONFIG, audioHeader, videoHeader } from './tracks.ts';

function headerOf(stream: Buffer): Buffer {
  const piece = new ChunkSplitter().push(stream)[0];
  assert.equal(piece?.kind, 'init');
  return piece.bytes;
}

/** Replaces the one place where some bytes stand. */
function patch(bytes: Buffer, from: Buffer, to: Buffer): Buffer {
  const at = bytes.indexOf(from);
  assert.ok(at >= 0 && bytes.indexOf(from, at + 1) < 0, 'want exactly one place to patch');
  return Buffer.concat([bytes.subarray(0, at), to, bytes.subarray(at + from.length)]);
}

describe('init segment: codecs (RFC 6381)', () => {
  const hevc = box('hvcC', hex('01 01 60000000 b00000000000 5d f000fcfdf8f800000f00'));
  const hevcMain10High = box('hvcC', hex('01 22 20000000 900000000000 99 f000fcfdf8f800000f00'));
  const table: { name: string; input: Buffer; want: Partial<TrackInit> }[] = [
    {
      name: 'H.264 High 3.1',
      input: videoHeader(),
      want: { kind: 'video', codec: 'avc1.64001f', widthPx: 1280, heightPx: 720, timescaleHz: 90_000 },
    },
    {
      name: 'H.264 with parameter sets in the stream',
      input: videoHeader(15_360, 'avc3', box('avcC', hex('01 42c01e ff e0 00'))),
      want: { codec: 'avc3.42c01e', timescaleHz: 15_360 },
    },
    { name: 'H.265 Main', input: videoHeader(90_000, 'hvc1', hevc), want: { codec: 'hvc1.1.6.L93.B0' } },
    {
      name: 'H.265 Main 10, high tier',
      input: videoHeader(90_000, 'hev1', hevcMain10High),
      want: { codec: 'hev1.2.4.H153.90' },
    },
    {
      name: 'AV1 Main, 8 bit',
      input: videoHeader(90_000, 'av01', box('av1C', hex('81 04 0c 00'))),
      want: { codec: 'av01.0.04M.08' },
    },
    {
      name: 'AV1 Professional, 12 bit, high tier',
      input: videoHeader(90_000, 'av01', box('av1C', hex('81 4d e0 00'))),
      want: { codec: 'av01.2.13H.12' },
    },
    {
      name: 'AAC-LC, 48 kHz, stereo',
      input: audioHeader(),
      want: { kind: 'audio', codec: 'mp4a.40.2', sampleRateHz: 48_000, channels: 2, widthPx: 0 },
    },
    {
      name: 'AAC-LC, 44.1 kHz, mono',
      input: audioHeader(44_100, hex('1208')),
      want: { codec: 'mp4a.40.2', sampleRateHz: 44_100, channels: 1 },
    },
    {
      name: 'HE-AAC',
      input: audioHeader(24_000, hex('2b11 8800')),
      want: { codec: 'mp4a.40.5', sampleRateHz: 24_000 },
    },
    {
      name: 'HE-AAC that is signalled compatibly: its frames are those of the core',
      input: audioHeader(24_000, hex('1310 56e5 98')),
      want: { codec: 'mp4a.40.2', sampleRateHz: 24_000, channels: 2 },
    },
    {
      name: 'an object type above 31 (xHE-AAC)',
      input: audioHeader(48_000, hex('f946 2000')),
      want: { codec: 'mp4a.40.42', sampleRateHz: 48_000 },
    },
    {
      name: 'a sampling rate written out',
      input: audioHeader(50_000, hex('1780 61a8 10')),
      want: { sampleRateHz: 50_000, channels: 2 },
    },
  ];
  for (const { name, input, want } of table) {
    it(name, () => {
      const got = parseInit(input);
      assert.deepEqual({ ...got, ...want }, got);
    });
  }
});

describe('init segment: what is served', () => {
  it('is read back as the same track, and written again as the same bytes', () => {
    for (const header of [videoHeader(), audioHeader()]) {
      const first = parseInit(header);
      const again = parseInit(first.bytes);
      assert.deepEqual(again, { ...first, defaultDurationTicks: 0, defaultSizeBytes: 0, defaultFlags: 0 });
      assert.ok(again.bytes.equals(header));
      assert.equal(first.hash, createHash('sha256').update(header).digest('hex').slice(0, 12));
    }
  });

  it('is the same whatever the muxer called itself, and whatever bit rate it guessed', () => {
    const audio = headerOf(encodeCmaf('audio', BOUNDARY_S, 0.2));
    const other = patch(audio, Buffer.from('Lavf'), Buffer.from('Lavg'));
    assert.notDeepEqual(other, audio);
    assert.equal(parseInit(other).hash, parseInit(audio).hash);
  });

  it('differs when the codec configuration does', () => {
    const config = Buffer.from(AVC_CONFIG);
    config[3] = 0x28;
    assert.notEqual(
      parseInit(videoHeader(90_000, 'avc1', box('avcC', config))).hash,
      parseInit(videoHeader()).hash,
    );
  });

  const real: { name: string; input: () => Buffer; codec: RegExp; want: Record<string, unknown> }[] = [
    {
      name: 'H.264',
      input: () => encodeCmaf('video', BOUNDARY_S, 0.4),
      codec: /^avc1\.42c00[bc]$/,
      want: { codec_name: 'h264', width: 320, height: 180, time_base: '1/90000', nb_read_frames: '10' },
    },
    {
      name: 'H.265',
      input: () =>
        encodeCmaf('video', BOUNDARY_S, 0.4, [
          '-c:v',
          'libx265',
          '-x265-params',
          'log-level=none',
          '-tag:v',
          'hvc1',
        ]),
      codec: /^hvc1\.1\.6\.L\d+\.90$/,
      want: { codec_name: 'hevc', width: 320, height: 180, nb_read_frames: '10' },
    },
    {
      name: 'AAC',
      input: () => encodeCmaf('audio', BOUNDARY_S, 0.4),
      codec: /^mp4a\.40\.2$/,
      want: { codec_name: 'aac', sample_rate: '48000', channels: 2, time_base: '1/48000' },
    },
  ];
  for (const { name, input, codec, want } of real) {
    it(`ffprobe decodes ffmpeg's ${name} with our header in place of its own`, () => {
      const stream = input();
      const header = headerOf(stream);
      const init = parseInit(header);
      assert.match(init.codec, codec);
      const [got] = probe(Buffer.concat([init.bytes, stream.subarray(header.length)])).streams;
      assert.deepEqual({ ...got, ...want }, got);
    });
  }
});

describe('init segment: what is refused', () => {
  const video = videoHeader();
  const trak = video.subarray(video.indexOf('trak') - 4, video.indexOf('mvex') - 4);
  const twoTracks = ((): Buffer => {
    const at = video.indexOf('mvex') - 4;
    const bytes = Buffer.concat([video.subarray(0, at), trak, video.subarray(at)]);
    const moovAt = bytes.indexOf('moov') - 4;
    bytes.writeUInt32BE(bytes.length - moovAt, moovAt);
    return bytes;
  })();
  const table: { name: string; input: Buffer; message: RegExp }[] = [
    { name: 'nothing', input: Buffer.alloc(0), message: /^end at byte 0: want ftyp/ },
    { name: 'two tracks', input: twoTracks, message: /^moov at byte 28: 2 trak boxes, want one$/ },
    {
      name: 'a timescale off the grid',
      input: videoHeader(12_001),
      message: /^init segment at byte 0: timescale 12001, want a multiple of 5/,
    },
    {
      name: 'sample defaults of another track',
      input: patch(video, hex('74726578 00000000 00000001'), hex('74726578 00000000 00000002')),
      message: /^trex at byte \d+: track_ID 2, the track's is 1$/,
    },
    { name: 'timescale 0', input: videoHeader(0), message: /^mdhd at byte \d+: timescale 0$/ },
    {
      name: 'a timescale too fine',
      input: videoHeader(10_000_000),
      message: /timescale 10000000, want at most/,
    },
    {
      name: 'a codec we do not serve',
      input: videoHeader(90_000, 'vp09'),
      message: /^vp09 at byte \d+: video of type "vp09", want avc1/,
    },
    {
      name: 'a codec named like a property of objects',
      input: videoHeader(90_000, '__pr'),
      message: /video of type "__pr"/,
    },
    {
      name: 'no codec configuration',
      input: videoHeader(90_000, 'avc1', box('hvcC')),
      message: /0 avcC boxes/,
    },
    {
      name: 'a parameter set longer than its length can say',
      input: videoHeader(90_000, 'avc1', box('avcC', hex(`01 64001f fc e1 0100 ${'67'.repeat(256)} 00`))),
      message: /^avcC.*256 bytes, and lengths have 1/,
    },
    {
      name: 'lengths of three bytes',
      input: videoHeader(90_000, 'avc1', box('avcC', hex('01 64001f fe e0 00'))),
      message: /^avcC.*reserved/,
    },
    {
      name: 'a torn configuration',
      input: videoHeader(90_000, 'avc1', box('avcC', hex('0164'))),
      message: /^avcC/,
    },
    {
      name: 'subtitles',
      input: patch(video, Buffer.from('vide'), Buffer.from('text')),
      message: /^hdlr at byte \d+: handler_type "text", want vide or soun$/,
    },
    {
      name: 'MP3 in MP4',
      input: patch(audioHeader(), hex('4015000000'), hex('6b15000000')),
      message: /^esds at byte \d+: objectTypeIndication 0x6b/,
    },
    {
      name: 'a descriptor longer than its box',
      input: patch(audioHeader(), hex('05021190'), hex('057f1190')),
      message: /DecoderSpecificInfo: length 127, \d+ bytes are left/,
    },
    {
      name: 'a torn AudioSpecificConfig',
      input: audioHeader(48_000, hex('1780')),
      message: /ends too early/,
    },
  ];
  for (const { name, input, message } of table) {
    it(name, () => {
      assert.throws(
        () => parseInit(input),
        (error) =>
          error instanceof MediaError &&
          error.code === 'bad-cmaf' &&
          error.status === 400 &&
          message.test(error.message),
      );
    });
  }

  it('descriptor lengths may take several bytes', () => {
    // ffmpeg always writes four: 0x80 0x80 0x80 and the length.
    const header = headerOf(encodeCmaf('audio', BOUNDARY_S, 0.1));
    assert.ok(header.includes(hex('05808080')));
    assert.equal(parseInit(header).channels, 2);
  });

  it('a header mutated anywhere is read, or raises a MediaError', () => {
    const headers = [
      headerOf(encodeCmaf('video', BOUNDARY_S, 0.1)),
      headerOf(encodeCmaf('audio', BOUNDARY_S, 0.1)),
      videoHeader(90_000, 'hvc1', box('hvcC', Buffer.alloc(30, 1))),
    ];
    for (const header of headers) {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(header.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          fc.option(fc.nat(header.length)),
          (edits, keep) => {
            const bytes = Buffer.from(header);
            for (const [at, value] of edits) bytes[at] = value;
            try {
              parseInit(bytes.subarray(0, keep ?? bytes.length));
            } catch (error) {
              assert.ok(error instanceof MediaError, error instanceof Error ? error.stack : 'no error');
            }
          },
        ),
        { numRuns: 3000 },
      );
    }
  });
});
