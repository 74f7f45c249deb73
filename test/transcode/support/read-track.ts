import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One frame as ffprobe sees it. */
export type ProbedFrame = {
  /** Ticks of the track's timescale. */
  readonly pts: number;
  readonly dts: number;
  readonly duration: number;
  readonly isKey: boolean;
};

/** A track as ffprobe sees it. */
export type ProbedTrack = {
  readonly codec: string;
  readonly profile: string;
  readonly width: number;
  readonly height: number;
  readonly timescaleHz: number;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly frames: readonly ProbedFrame[];
};

/** Reads a track, an init segment and its chunks, with ffprobe: a parser that is not ours. */
export async function readTrack(bytes: Buffer): Promise<ProbedTrack> {
  return withFile(bytes, async (file) => {
    const { stdout } = await run(
      process.env['FFPROBE_PATH'] ?? 'ffprobe',
      ['-v', 'error', '-show_packets', '-show_streams', '-of', 'json', file],
      { maxBuffer: 64 << 20 },
    );
    const read = JSON.parse(stdout) as {
      streams: Record<string, string | number>[];
      packets: { pts: number; dts: number; duration: number; flags: string }[];
    };
    const stream = read.streams[0] ?? {};
    return {
      codec: String(stream['codec_name']),
      profile: String(stream['profile']),
      width: Number(stream['width'] ?? 0),
      height: Number(stream['height'] ?? 0),
      timescaleHz: Number(String(stream['time_base']).split('/')[1]),
      sampleRateHz: Number(stream['sample_rate'] ?? 0),
      channels: Number(stream['channels'] ?? 0),
      frames: read.packets.map((packet) => ({
        pts: packet.pts,
        dts: packet.dts,
        duration: packet.duration,
        isKey: packet.flags.startsWith('K'),
      })),
    };
  });
}

/** Decodes a track with ffmpeg and returns what it complains about; '' where all is well. */
export async function decodeErrors(bytes: Buffer): Promise<string> {
  return withFile(bytes, async (file) => {
    const { stderr } = await run(process.env['FFMPEG_PATH'] ?? 'ffmpeg', [
      ...['-v', 'warning', '-xerror', '-i', file, '-f', 'null', '-'],
    ]);
    return stderr;
  });
}

/** Decodes a track: mono 16-bit samples at 48 kHz, or the mean brightness of each frame. */
export async function decode(bytes: Buffer, kind: 'sound' | 'picture'): Promise<Buffer> {
  const options =
    kind === 'sound'
      ? ['-ac', '1', '-ar', '48000', '-f', 's16le']
      : ['-vf', 'scale=1:1:flags=area,format=gray', '-fps_mode', 'passthrough', '-f', 'rawvideo'];
  return withFile(bytes, async (file) => {
    const { stdout } = await run(
      process.env['FFMPEG_PATH'] ?? 'ffmpeg',
      ['-v', 'error', '-i', file, ...options, 'pipe:1'],
      { encoding: 'buffer', maxBuffer: 64 << 20 },
    );
    return stdout;
  });
}

async function withFile<T>(bytes: Buffer, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-test-'));
  try {
    const file = join(folder, 'track.mp4');
    await writeFile(file, bytes);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
