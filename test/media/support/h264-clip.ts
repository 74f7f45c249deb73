import { execFileSync, spawnSync } from 'node:child_process';
import { writeFragment } from '../../../media/bmff/fragment-writer.ts';
import { ONLY_TRACK_ID, writeTrackHeader } from '../../../media/bmff/track-header.ts';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import { readVideoPacket } from '../../../media/flv/video-packet.ts';

/** Pictures that libx264 encoded. */
export type H264Clip = {
  readonly widthPx: number;
  readonly heightPx: number;
  /** AVCDecoderConfigurationRecord. */
  readonly record: Buffer;
  readonly pictures: readonly H264Picture[];
};

/** One sample of such a clip, or one that a test puts between them. */
export type H264Picture = { readonly data: Buffer; readonly isSync: boolean };

const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const TIMESCALE_HZ = 90_000;
const TICK = 3600;

/** Encodes moving pictures as a transcode worker does: no delay, an IDR picture every `gop`. */
export function encodeH264(
  size: string,
  count: number,
  gop: number,
  args: readonly string[] = [
    ...['-preset', 'superfast', '-tune', 'zerolatency', '-x264-params', 'weightp=0'],
    ...['-profile:v', 'high'],
  ],
  filter = 'null',
): H264Clip {
  const flv = execFileSync(
    FFMPEG,
    [
      ...[
        '-v',
        'error',
        '-filter_complex',
        `testsrc2=s=${size}:r=25,noise=alls=8:allf=t,${filter}[out]`,
        '-map',
        '[out]',
      ],
      ...['-frames:v', String(count), '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-b:v', '1500k', ...args],
      ...['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0', '-threads', '1'],
      ...['-f', 'flv', 'pipe:1'],
    ],
    { maxBuffer: 2 ** 26 },
  );
  const packets = new FlvReader().push(flv).flatMap((tag) => {
    const packet = tag.kind === 'video' ? readVideoPacket(tag.data) : null;
    return packet === null ? [] : [packet];
  });
  const [widthPx = 0, heightPx = 0] = size.split('x').map(Number);
  return {
    ...{ widthPx, heightPx },
    record: packets.find(({ kind }) => kind === 'config')?.data ?? Buffer.alloc(0),
    pictures: packets.filter(({ kind }) => kind === 'frame').map(({ data, isSync }) => ({ data, isSync })),
  };
}

/** The pictures as an MP4 file, in the order given, 25 a second; each in a fragment of its own. */
export function mp4Of(
  clip: Pick<H264Clip, 'widthPx' | 'heightPx'>,
  decoderConfig: Buffer,
  pictures: readonly H264Picture[],
): Buffer {
  const header = writeTrackHeader({
    ...{ kind: 'video', codec: 'h264', decoderConfig, timescaleHz: TIMESCALE_HZ },
    ...{ widthPx: clip.widthPx, heightPx: clip.heightPx },
  });
  const fragments = pictures.map(({ data, isSync }, i) =>
    writeFragment({
      ...{ trackId: ONLY_TRACK_ID, sequenceNumber: i + 1 },
      samples: [{ decodeTicks: i * TICK, durationTicks: TICK, compositionOffsetTicks: 0, isSync, data }],
    }),
  );
  return Buffer.concat([header, ...fragments]);
}

/**
 * Decodes an MP4 file with the real ffmpeg.
 *
 * @returns the MD5 sum of each picture, in the order shown, and what the decoder complained of
 */
export function decodeMd5(mp4: Buffer): { sums: string[]; complaints: string } {
  const { stdout, stderr } = spawnSync(
    FFMPEG,
    [
      ...['-nostdin', '-v', 'warning', '-err_detect', 'explode', '-f', 'mp4', '-i', 'pipe:0'],
      ...['-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1'],
    ],
    { input: mp4, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { sums: lines.map((line) => line.split(',').at(-1)?.trim() ?? ''), complaints: stderr };
}
