import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFragment } from '../../../media/bmff/fragment-reader.ts';
import { readInitSegment } from '../../../media/bmff/init-reader.ts';
import { writeFragment } from '../../../media/bmff/fragment-writer.ts';
import { ONLY_TRACK_ID, writeTrackHeader } from '../../../media/bmff/track-header.ts';
import { Av1Stream } from '../../../media/codec/av1-stream.ts';
import { AvcStream } from '../../../media/codec/avc-stream.ts';
import type { PictureStart, PictureStream } from '../../../media/codec/coded-picture.ts';
import { readHevcRecord } from '../../../media/codec/hevc-config.ts';
import { HevcStream } from '../../../media/codec/hevc-stream.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';
import { readNalUnitsOf, withStartCodes } from '../support/nal-samples.ts';
import { ChunkSplitter } from '../../../origin/packager/cmaf/chunk-splitter.ts';
import { BOUNDARY_S, encodeCmaf, probe } from '../support/ffmpeg-cmaf.ts';

type Codec = 'h264' | 'hevc' | 'av1';
const STREAMS: Readonly<Record<Codec, () => PictureStream>> = {
  h264: () => new AvcStream(),
  hevc: () => new HevcStream(),
  av1: () => new Av1Stream(),
};

/** A second and a half that a real encoder made: the configuration record (AV1 has none here) and the samples in decode order. */
function encoded(
  codec: Codec,
  args: readonly string[],
): { record: Buffer | null; samples: readonly Buffer[] } {
  if (codec === 'av1') return { record: null, samples: encodeAv1(args) };
  const [header, ...chunks] = new ChunkSplitter().push(encodeCmaf('video', BOUNDARY_S, 1.6, args));
  assert.ok(header !== undefined);
  const init = readInitSegment(header.bytes);
  assert.ok(init.entry.kind === 'video');
  const samples = chunks.flatMap(({ bytes }) => readFragment(bytes, init).map(({ data }) => data));
  return { record: init.entry.extensions[0]?.subarray(8) ?? null, samples };
}

/** Temporal units of AV1, with their delimiters, out of an IVF file. */
function encodeAv1(args: readonly string[]): readonly Buffer[] {
  const ivf = execFileSync(
    process.env['FFMPEG_PATH'] ?? 'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=1.6', '-pix_fmt', 'yuv420p'],
      ...[
        '-c:v',
        'libaom-av1',
        '-cpu-used',
        '8',
        '-usage',
        'realtime',
        '-lag-in-frames',
        '0',
        '-b:v',
        '300k',
      ],
      ...['-g', '20', '-keyint_min', '20', ...args, '-f', 'ivf', 'pipe:1'],
    ],
    { maxBuffer: 2 ** 26 },
  );
  const units: Buffer[] = [];
  for (let at = 32; at + 12 <= ivf.length; ) {
    const end = at + 12 + ivf.readUInt32LE(at);
    units.push(ivf.subarray(at + 12, end));
    at = end;
  }
  return units;
}

const x265 = (parameters: string): string[] => [
  ...['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1'],
  ...['-x265-params', `log-level=none:keyint=20:min-keyint=20:scenecut=0:${parameters}`],
];

/** Samples keep their parameter sets: a newer ffmpeg takes them out of those of hvc1. */
const IN_BAND = ['-tag:v', 'hev1'];

describe('where decoding can start, in what real encoders write', () => {
  const table: {
    name: string;
    codec: Codec;
    args: readonly string[];
    want: Record<number, PictureStart>;
    count?: number;
  }[] = [
    { name: 'H.264, closed groups', codec: 'h264', args: [], want: { 0: 'key', 20: 'key' } },
    {
      name: 'H.264, slices',
      codec: 'h264',
      args: ['-x264-params', 'slices=4:sliced-threads=0'],
      want: { 0: 'key', 20: 'key' },
    },
    {
      name: 'H.264, open groups: recovery points that are exact',
      codec: 'h264',
      args: [
        ...['-tune', 'film', '-bf', '2'],
        ...['-x264-params', 'open-gop=1:b-adapt=0:keyint=15:min-keyint=15'],
      ],
      want: { 0: 'key' },
      count: 3,
    },
    {
      name: 'H.264, gradual refresh',
      codec: 'h264',
      args: ['-x264-params', 'intra-refresh=1:keyint=20:min-keyint=20'],
      want: { 0: 'key', 20: 'gradual' },
    },
    {
      name: 'H.265, closed groups',
      codec: 'hevc',
      args: x265('open-gop=0'),
      want: { 0: 'key', 20: 'key' },
    },
    {
      name: 'H.265, open groups (CRA)',
      codec: 'hevc',
      args: x265('open-gop=1:bframes=2:b-adapt=0:rc-lookahead=10'),
      want: { 0: 'key' },
      count: 2,
    },
    { name: 'AV1', codec: 'av1', args: [], want: { 0: 'key', 20: 'key' } },
  ];
  for (const { name, codec, args, want, count } of table) {
    it(name, () => {
      const { record, samples } = encoded(codec, args);
      const stream = STREAMS[codec]();
      if (record !== null) assert.equal(stream.configure(record), null);
      const starts = samples.map((sample) => stream.read(sample).start);
      for (const [at, start] of Object.entries(want))
        assert.equal(starts[Number(at)], start, `picture ${at}`);
      const found = starts.filter((start) => start === 'key' || start === 'gradual').length;
      assert.equal(found, count ?? Object.keys(want).length);
      assert.ok(!starts.includes(null));
    });
  }
});

describe('a configuration that is written anew is the one that was read', () => {
  const table: { name: string; codec: Codec; args: readonly string[] }[] = [
    { name: 'H.264', codec: 'h264', args: ['-profile:v', 'high'] },
    { name: 'H.265', codec: 'hevc', args: [...x265('repeat-headers=1'), ...IN_BAND] },
    {
      name: 'H.265, 10 bits',
      codec: 'hevc',
      args: [...x265('repeat-headers=1'), ...IN_BAND, '-pix_fmt', 'yuv420p10le'],
    },
    { name: 'AV1', codec: 'av1', args: [] },
    { name: 'AV1, 4:4:4', codec: 'av1', args: ['-pix_fmt', 'yuv444p'] },
  ];
  for (const { name, codec, args } of table) {
    it(`${name}: from parameter sets in band, it decodes`, () => {
      const { record, samples } = encoded(codec, args);
      const known = STREAMS[codec]();
      if (record === null) known.read(samples[0] ?? Buffer.alloc(0));
      else known.configure(record);
      const stream = STREAMS[codec]();
      const inBand = codec === 'h264' ? withStartCodes(record, samples) : samples;
      const read = inBand.map((sample) => stream.read(sample));
      const config = stream.config();
      const wanted = known.config();
      assert.ok(config !== null && wanted !== null);
      assert.deepEqual(
        [config.widthPx, config.heightPx, config.frameRate],
        [wanted.widthPx, wanted.heightPx, wanted.frameRate],
      );
      const track = {
        kind: 'video',
        codec,
        decoderConfig: config.record,
        widthPx: 320,
        heightPx: 180,
      } as const;
      const header = writeTrackHeader({ ...track, timescaleHz: 25 });
      const file = Buffer.concat([
        header,
        ...read.map(({ data }, i) =>
          writeFragment({
            ...{ trackId: ONLY_TRACK_ID, sequenceNumber: i + 1 },
            samples: [{ decodeTicks: i, durationTicks: 1, compositionOffsetTicks: 0, isSync: i === 0, data }],
          }),
        ),
      ]);
      const [probed] = probe(file).streams;
      assert.deepEqual(
        [probed?.['width'], probed?.['height'], Number(probed?.['nb_read_frames'])],
        [320, 180, 40],
      );
    });
  }
});

describe('samples that encoders bend', () => {
  it('an AV1 temporal delimiter and padding are left out', () => {
    const [first = Buffer.alloc(0)] = encoded('av1', []).samples;
    const delimiter = Buffer.of(0x12, 0);
    assert.deepEqual(first.subarray(0, 2), delimiter);
    const bent = Buffer.concat([first, Buffer.of(0x7a, 2, 0x80, 0)]);
    assert.deepEqual(new Av1Stream().read(bent), { start: 'key', data: first.subarray(2) });
  });

  it('an AV1 record says what is in band too', () => {
    const { samples } = encoded('av1', []);
    const stream = new Av1Stream();
    stream.read(samples[0] ?? Buffer.alloc(0));
    const config = stream.config();
    const again = new Av1Stream();
    assert.equal(again.configure(config?.record ?? Buffer.alloc(0)), null);
    assert.deepEqual(again.config(), config);
  });

  it('start codes and lengths give the same NAL units', () => {
    const { samples } = encoded('hevc', x265('repeat-headers=1'));
    for (const sample of samples) {
      const stream = new HevcStream();
      assert.deepEqual(stream.read(withStartCodes(null, [sample])[0] ?? sample).data, sample);
      assert.ok(readNalUnitsOf(sample).length > 0);
    }
  });

  it('H.265: start codes are a record, one without parameter sets is no fault, further layers are passed over', () => {
    const { record, samples } = encoded('hevc', x265('repeat-headers=0'));
    const read = readHevcRecord(record ?? Buffer.alloc(0));
    assert.ok(record !== null && !isMalformed(read));
    const plain = new HevcStream();
    plain.configure(record);
    plain.read(samples[0] ?? Buffer.alloc(0));
    const want = plain.config();
    assert.ok(want !== null);
    const [, sps = Buffer.alloc(0)] = read.units;
    // nuh_layer_id 1, and a syntax of its own behind it.
    const further = Buffer.concat([Buffer.of(sps[0] ?? 0, (sps[1] ?? 0) | 8), Buffer.alloc(9, 0xff)]);
    const records = {
      'start codes': Buffer.concat(read.units.flatMap((unit) => [Buffer.of(0, 0, 0, 1), unit])),
      'two layers': Buffer.concat([
        ...[record.subarray(0, 22), Buffer.of((record[22] ?? 0) + 1), record.subarray(23)],
        ...[Buffer.of(0x80 | 33, 0, 1, 0, further.length), further],
      ]),
    };
    for (const [name, other] of Object.entries(records)) {
      const stream = new HevcStream();
      assert.equal(stream.configure(other), null, name);
      assert.equal(stream.read(samples[0] ?? Buffer.alloc(0)).start, 'key', name);
      const config = stream.config();
      assert.deepEqual(config?.key, want.key, name);
      assert.deepEqual([config.widthPx, config.heightPx], [want.widthPx, want.heightPx], name);
    }
    const empty = Buffer.concat([record.subarray(0, 22), Buffer.of(0)]);
    const stream = new HevcStream();
    assert.equal(stream.configure(empty), null);
    assert.equal(stream.config(), null);
  });

  const sliced: readonly { name: string; codec: Codec; args: readonly string[] }[] = [
    { name: 'H.264', codec: 'h264', args: ['-x264-params', 'slices=4:sliced-threads=0'] },
    { name: 'H.265', codec: 'hevc', args: x265('slices=3:open-gop=0') },
  ];
  for (const { name, codec, args } of sliced) {
    it(`${name}: each slice by itself says whether a picture begins with it`, () => {
      const { record, samples } = encoded(codec, args);
      const stream = STREAMS[codec]();
      if (record !== null) stream.configure(record);
      const parts = samples.flatMap(readNalUnitsOf).map((unit) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(unit.length);
        return stream.read(Buffer.concat([length, unit]));
      });
      const slices = parts.filter(({ start }) => start !== null);
      assert.ok(slices.length >= 2 * samples.length, `${slices.length} slices`);
      assert.equal(slices.filter(({ isContinued }) => isContinued !== true).length, samples.length);
    });
  }

  it('records that are none are told apart', () => {
    for (const make of Object.values(STREAMS))
      assert.ok(isMalformed(make().configure(Buffer.alloc(30)) ?? {}));
  });
});
