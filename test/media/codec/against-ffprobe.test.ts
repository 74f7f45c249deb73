import assert from 'node:assert/strict';
import { readInitSegment } from '../../../media/bmff/init-reader.ts';
import type { SampleEntry } from '../../../media/bmff/sample-entry.ts';
import { writeTrackHeader } from '../../../media/bmff/track-header.ts';
import { readAvcConfig } from '../../../media/codec/avc-config.ts';
import { readHevcConfig } from '../../../media/codec/hevc-config.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';
import type { PictureFormat } from '../../../media/codec/picture-format.ts';
import { ChunkSplitter } from '../../../origin/packager/cmaf/chunk-splitter.ts';
import { hex } from '../support/bytes.ts';
import { BOUNDARY_S, encodeCmaf, type Probed, probe } from '../support/ffmpeg-cmaf.ts';

/** One track that ffmpeg encoded, as we read it and as ffprobe does. */
function encoded(kind: 'video' | 'audio', args: readonly string[]): { entry: SampleEntry; probed: Probed } {
  const stream = encodeCmaf(kind, BOUNDARY_S, 0.4, args);
  const [header] = new ChunkSplitter().push(stream);
  assert.ok(header !== undefined);
  const [probed] = probe(stream).streams;
  assert.ok(probed !== undefined);
  return { entry: readInitSegment(header.bytes).entry, probed };
}

function pictureOf(entry: SampleEntry): PictureFormat {
  assert.ok(entry.kind === 'video' && entry.config.type !== 'av1C');
  const [configBox] = entry.extensions;
  const record = configBox?.subarray(8) ?? Buffer.alloc(0);
  const config = entry.config.type === 'avcC' ? readAvcConfig(record) : readHevcConfig(record);
  assert.ok(!isMalformed(config), isMalformed(config) ? config.malformed : '');
  return config.pictures[0];
}

/** What ffprobe says of a picture, in our words. */
function pictureFrom(probed: Probed): Partial<PictureFormat> {
  const fraction = (text: unknown): [number, number] => {
    const [a = 0, b = 0] = String(text).split(/[:/]/).map(Number);
    return [a, b];
  };
  const [horizontal, vertical] = fraction(probed['sample_aspect_ratio']);
  const [frames, seconds] = fraction(probed['r_frame_rate']);
  return {
    widthPx: Number(probed['width']),
    heightPx: Number(probed['height']),
    sampleAspectRatio: { horizontal, vertical },
    frameRate: frames / seconds,
    framesOnly: probed['field_order'] === 'progressive',
    fullRange: probed['color_range'] === 'pc',
    lumaBits: String(probed['pix_fmt']).includes('10le') ? 10 : 8,
  };
}

const x265 = ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-tag:v', 'hvc1'];

const BT709 = 'setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709';

describe('H.264 and H.265 configurations, compared with ffprobe', () => {
  const table: { name: string; args: readonly string[]; want: Partial<PictureFormat> }[] = [
    {
      name: 'H.264, square pixels',
      args: ['-vf', 'setsar=1'],
      want: { widthPx: 320, heightPx: 180, frameRate: 25, framesOnly: true },
    },
    {
      name: 'H.264, 576 interlaced lines of wide pixels',
      args: ['-vf', 'scale=720:576,setsar=16/11', '-x264opts', 'interlaced:tff=1'],
      want: { heightPx: 576, sampleAspectRatio: { horizontal: 16, vertical: 11 }, framesOnly: false },
    },
    {
      name: 'H.264, 180 interlaced lines, cropped from 192',
      args: ['-vf', 'setsar=1', '-x264opts', 'interlaced:bff=1'],
      want: { heightPx: 180, codedHeightPx: 192, framesOnly: false },
    },
    {
      name: 'H.264, pixels of an odd shape, 29.97 frames a second, full range, BT.709',
      args: [
        // A newer ffmpeg encodes what the frames say, not what the encoder's options do.
        ...['-vf', `fps=30000/1001,setsar=37/31,${BT709}`, '-color_range', 'pc'],
      ],
      want: {
        sampleAspectRatio: { horizontal: 37, vertical: 31 },
        fullRange: true,
        colour: { primaries: 1, transfer: 1, matrix: 1 },
      },
    },
    {
      name: 'H.264 High 4:4:4, cropped on every side',
      args: ['-vf', 'scale=854:482,setsar=1', '-pix_fmt', 'yuv444p'],
      want: { widthPx: 854, heightPx: 482, chromaFormat: 3 },
    },
    {
      name: 'H.265, 10 bits, cropped, pixels of 40:33',
      args: [...x265, '-vf', 'scale=356:200,setsar=40/33', '-pix_fmt', 'yuv420p10le'],
      want: {
        widthPx: 356,
        heightPx: 200,
        sampleAspectRatio: { horizontal: 40, vertical: 33 },
        lumaBits: 10,
      },
    },
    {
      name: 'H.265 with scaling lists, many reference pictures, 59.94 frames a second',
      args: [
        ...['-c:v', 'libx265', '-x265-params', 'log-level=none:ref=5:scaling-list=default:amp=1:rect=1'],
        ...['-tag:v', 'hvc1', '-vf', 'fps=60000/1001,setsar=1'],
      ],
      want: { frameRate: 60_000 / 1001 },
    },
  ];
  for (const { name, args, want } of table) {
    it(name, () => {
      const { entry, probed } = encoded('video', args);
      const picture = pictureOf(entry);
      assert.deepEqual({ ...picture, ...pictureFrom(probed), ...want }, picture);
    });
  }
});

describe('AAC configurations, compared with ffprobe', () => {
  const table = [
    { name: 'mono', args: ['-ac', '1'], channels: 1 },
    { name: '2.1, which has no number: a program_config_element', args: ['-ac', '3'], channels: 3 },
    { name: '5.1', args: ['-ac', '6'], channels: 6 },
    { name: '7.1', args: ['-ac', '8'], channels: 8 },
    { name: '44.1 kHz', args: ['-ar', '44100'], channels: 2 },
  ];
  for (const { name, args, channels } of table) {
    it(name, () => {
      const { entry, probed } = encoded('audio', args);
      assert.ok(entry.kind === 'audio');
      assert.equal(entry.aac.channels, channels);
      assert.deepEqual(
        [entry.aac.channels, entry.aac.sampleRateHz, entry.codec],
        [Number(probed['channels']), Number(probed['sample_rate']), 'mp4a.40.2'],
      );
    });
  }

  // No encoder here writes them: ffprobe reads the configuration from a header of ours.
  const written = [
    { name: 'HE-AAC', config: '2b118800', sampleRateHz: 48_000, channels: 2 },
    { name: 'HE-AAC v2', config: 'eb098800', sampleRateHz: 48_000, channels: 2 },
    {
      name: 'HE-AAC, signalled compatibly',
      config: '131056e598',

      sampleRateHz: 48_000,
      channels: 2,
    },
  ];
  for (const { name, config, sampleRateHz, channels } of written) {
    it(name, () => {
      const header = writeTrackHeader({
        kind: 'audio',
        decoderConfig: hex(config),
        channels: 2,
        timescaleHz: 24_000,
      });
      const { entry } = readInitSegment(header);
      assert.ok(entry.kind === 'audio');
      assert.deepEqual([entry.aac.sampleRateHz, entry.aac.channels], [sampleRateHz, channels]);
      const [probed] = probe(header).streams;
      assert.deepEqual(
        [Number(probed?.['sample_rate']), Number(probed?.['channels'])],
        [sampleRateHz, channels],
      );
    });
  }
});
