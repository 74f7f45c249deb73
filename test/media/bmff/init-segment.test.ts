import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readBoxes } from '../../../media/bmff/box-reader.ts';
import { FieldReader } from '../../../media/bmff/field-reader.ts';
import { readInitSegment } from '../../../media/bmff/init-reader.ts';
import {
  type FileTrackHeader,
  type InitTrack,
  writeFileHeader,
  writeInitSegment,
} from '../../../media/bmff/init-writer.ts';
import {
  writeAudioEntry,
  writePasp,
  writeSampleEntry,
  writeVideoEntry,
} from '../../../media/bmff/sample-entry-writer.ts';
import { writeTrackHeader } from '../../../media/bmff/track-header.ts';
import { writeAacConfig } from '../../../media/codec/aac-config.ts';
import { MediaError } from '../../../media/media-error.ts';
import { box, hex } from '../support/bytes.ts';
import { probe } from '../support/ffmpeg-cmaf.ts';

const AVC = hex(
  '0164000cffe1001a6764000cacd941419f9f011000000300100000030320f142996001000668ebe3cb22c0fdf8f800',
);
const id = fc.integer({ min: 1, max: 0xffffffff });
const side = fc.integer({ min: 1, max: 0xffff });

/** A picture and sound that last so many seconds. */
function fileTracks(seconds = 0): FileTrackHeader[] {
  return [
    {
      ...{ kind: 'video', trackId: 1, timescaleHz: 90_000, durationTicks: seconds * 90_000 },
      ...{ displayWidth: 320 * 0x10000, displayHeight: 180 * 0x10000, moreEntries: [] },
      sampleEntry: writeVideoEntry('avc1', 320, 180, [box('avcC', AVC)]),
    },
    {
      ...{ kind: 'audio', trackId: 2, timescaleHz: 48_000, durationTicks: seconds * 48_000 },
      ...{ displayWidth: 0, displayHeight: 0, moreEntries: [] },
      sampleEntry: writeAudioEntry(2, 48_000, writeAacConfig(48_000, 2)),
    },
  ];
}

/** Version and duration of mvhd, and of tkhd and mdhd of each track, in the order of the file. */
function durationsOf(header: Buffer): [version: number, duration: number][] {
  const source = { bytes: header, originBytes: 0 };
  const found: [number, number][] = [];
  const walk = (from: number, end: number): void => {
    for (const one of readBoxes(source, from, end)) {
      if (['moov', 'trak', 'mdia'].includes(one.type)) walk(one.payload, one.end);
      if (!['mvhd', 'tkhd', 'mdhd'].includes(one.type)) continue;
      const fields = new FieldReader(source, one);
      const version = fields.version(1);
      const isLong = version === 1;
      fields.skip(3 + (isLong ? 16 : 8) + (one.type === 'tkhd' ? 8 : 4)); // flags, times, timescale or track_ID
      found.push([version, isLong ? fields.u64('duration') : fields.u32()]);
    }
  };
  walk(0, header.length);
  return found;
}

describe('init segment (ISO/IEC 14496-12 §8; CMAF header, ISO/IEC 23000-19 §7.3.1)', () => {
  it('a video track is read back as it was written, and written again as the same bytes', () => {
    const ratio = fc.record({ horizontal: side, vertical: side }, { noNullPrototype: true });
    fc.assert(
      fc.property(id, id, side, side, ratio, (trackId, timescaleHz, widthPx, heightPx, pixelAspectRatio) => {
        const track: InitTrack = {
          ...{ kind: 'video', trackId, timescaleHz },
          ...{ displayWidth: widthPx * 0x10000, displayHeight: heightPx * 0x10000 },
          sampleEntry: writeVideoEntry('avc1', widthPx, heightPx, [
            box('avcC', AVC),
            writePasp(pixelAspectRatio),
          ]),
        };
        const bytes = writeInitSegment(track);
        const { entry, ...read } = readInitSegment(bytes);
        assert.ok(entry.kind === 'video');
        assert.deepEqual(
          [read.kind, read.trackId, read.timescaleHz, read.displayWidth, read.displayHeight],
          ['video', trackId, timescaleHz, track.displayWidth, track.displayHeight],
        );
        assert.deepEqual(
          [entry.type, entry.codec, entry.widthPx, entry.heightPx, entry.pixelAspectRatio],
          ['avc1', 'avc1.64000c', widthPx, heightPx, pixelAspectRatio],
        );
        assert.ok(writeInitSegment({ ...read, sampleEntry: writeSampleEntry(entry) }).equals(bytes));
      }),
    );
  });

  it('an audio track is read back as it was written, and written again as the same bytes', () => {
    const rate = fc.integer({ min: 7350, max: 96_000 });
    fc.assert(
      fc.property(id, rate, fc.constantFrom(1, 2, 6), (trackId, sampleRateHz, channels) => {
        const bytes = writeInitSegment({
          ...{ kind: 'audio', trackId, timescaleHz: sampleRateHz, displayWidth: 0, displayHeight: 0 },
          sampleEntry: writeAudioEntry(channels, sampleRateHz, writeAacConfig(sampleRateHz, channels)),
        });
        const { entry, ...read } = readInitSegment(bytes);
        assert.ok(entry.kind === 'audio');
        assert.deepEqual(
          [read.trackId, read.timescaleHz, entry.codec, entry.aac.sampleRateHz, entry.channelCount],
          [trackId, sampleRateHz, 'mp4a.40.2', sampleRateHz, channels],
        );
        assert.ok(writeInitSegment({ ...read, sampleEntry: writeSampleEntry(entry) }).equals(bytes));
      }),
    );
  });

  it('channelcount counts only where the configuration does not tell', () => {
    const channelsOf = (channelCount: number, config: string): number => {
      const sampleEntry = writeAudioEntry(channelCount, 48_000, hex(config));
      const display = { displayWidth: 0, displayHeight: 0 };
      const { entry } = readInitSegment(
        writeInitSegment({ kind: 'audio', trackId: 1, timescaleHz: 48_000, ...display, sampleEntry }),
      );
      return entry.kind === 'audio' ? entry.channelCount : 0;
    };
    assert.equal(channelsOf(6, '1190'), 2);
    assert.equal(channelsOf(6, '1180'), 6);
  });

  for (const codec of ['h264', 'hevc', 'av1'] as const) {
    it(`the header of an encoded track is read back: ${codec}`, () => {
      const decoderConfig = {
        h264: AVC,
        hevc: hex('01 01 60000000 b00000000000 5d f000fcfdf8f800000f00'),
        av1: hex('81040c00'),
      }[codec];
      const size = { widthPx: 320, heightPx: 180 };
      const { entry } = readInitSegment(
        writeTrackHeader({ kind: 'video', codec, decoderConfig, ...size, timescaleHz: 90_000 }),
      );
      assert.ok(entry.kind === 'video');
      assert.deepEqual(entry.extensions[0]?.subarray(8), decoderConfig);
      assert.deepEqual(entry.pixelAspectRatio, { horizontal: 1, vertical: 1 });
    });
  }

  it('ffprobe sees the tracks of a file header', () => {
    const { streams } = probe(writeFileHeader(fileTracks(), 3200));
    assert.deepEqual(
      streams.map((stream) => [stream['id'], stream['codec_name'], stream['time_base']]),
      [
        ['0x1', 'h264', '1/90000'],
        ['0x2', 'aac', '1/48000'],
      ],
    );
  });

  const lengths: { name: string; hours: number; want: [version: number, duration: number][] }[] = [
    {
      name: 'an hour',
      hours: 1,
      want: [
        [0, 3_600_000],
        [0, 3_600_000],
        [0, 324_000_000],
        [0, 3_600_000],
        [0, 172_800_000],
      ],
    },
    {
      name: 'fourteen hours: more than 2^32 ticks of the picture',
      hours: 14,
      want: [
        [0, 50_400_000],
        [0, 50_400_000],
        [1, 4_536_000_000],
        [0, 50_400_000],
        [0, 2_419_200_000],
      ],
    },
    {
      name: 'fifty days: more than 2^32 milliseconds',
      hours: 1200,
      want: [
        [1, 4_320_000_000],
        [1, 4_320_000_000],
        [1, 388_800_000_000],
        [1, 4_320_000_000],
        [1, 207_360_000_000],
      ],
    },
  ];
  for (const { name, hours, want } of lengths) {
    it(`a file says its length in mvhd, and in tkhd and mdhd of both tracks: ${name}`, () => {
      const header = writeFileHeader(fileTracks(hours * 3600), hours * 3_600_000);
      assert.deepEqual(durationsOf(header), want);
    });
  }

  it('an init segment says no length', () => {
    const [video] = fileTracks(3600);
    assert.ok(video !== undefined);
    assert.deepEqual(durationsOf(writeInitSegment(video)), [
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it('a header mutated anywhere is read, or raises a MediaError', () => {
    const header = writeTrackHeader({
      ...{
        kind: 'video',
        codec: 'h264',
        decoderConfig: AVC,
        widthPx: 320,
        heightPx: 180,
        timescaleHz: 90_000,
      },
    });
    const edit = fc.tuple(fc.nat(header.length - 1), fc.nat(255));
    const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(edits, fc.option(fc.nat(header.length)), (changes, length) => {
        const bytes = Buffer.from(header);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          readInitSegment(bytes.subarray(0, length ?? bytes.length));
        } catch (error) {
          assert.ok(error instanceof MediaError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
