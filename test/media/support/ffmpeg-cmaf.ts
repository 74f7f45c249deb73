import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A segment boundary: 1,100,000,000 × 1.6 s after the epoch. */
export const BOUNDARY_S = 1_760_000_000;

const MOVFLAGS = '+cmaf+frag_every_frame+empty_moov+default_base_moof+skip_trailer+frag_discont';

/**
 * Has the real ffmpeg write a CMAF track, a fragment a frame, as a transcode worker's does.
 *
 * @param startS media time of the first frame, seconds since the epoch
 */
export function encodeCmaf(
  kind: 'video' | 'audio',
  startS: number,
  durationS: number,
  codecArgs: readonly string[] = [],
): Buffer {
  const source =
    kind === 'video'
      ? `testsrc2=s=320x180:r=25:d=${durationS}`
      : `sine=f=440:r=48000:samples_per_frame=1024:d=${durationS}`;
  const codec =
    kind === 'video'
      ? [
          ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
          ...['-g', '20', '-keyint_min', '20', '-sc_threshold', '0', '-video_track_timescale', '90000'],
        ]
      : ['-c:a', 'aac', '-ac', '2', '-b:a', '96k'];
  return execFileSync(
    process.env['FFMPEG_PATH'] ?? 'ffmpeg',
    [
      ...['-v', 'error', '-copyts', '-itsoffset', startS.toFixed(3), '-f', 'lavfi', '-i', source],
      ...[...codec, ...codecArgs, '-avoid_negative_ts', 'disabled', '-threads', '1'],
      ...['-f', 'mp4', '-movflags', MOVFLAGS, '-flush_packets', '1', 'pipe:1'],
    ],
    { maxBuffer: 2 ** 26 },
  );
}

/** A packet or a stream as ffprobe prints it. */
export type Probed = Readonly<Record<string, string | number | undefined>>;

/**
 * Reads a file with ffprobe: a parser that is not ours.
 *
 * @param bytes init segment and media, put together
 * @returns its packets in file order, its streams, and how many frames its decoder gave
 */
export function probe(bytes: Buffer): { packets: Probed[]; streams: Probed[] } {
  const folder = mkdtempSync(join(tmpdir(), 'lectern-probe-'));
  try {
    const file = join(folder, 'media.mp4');
    writeFileSync(file, bytes);
    const args = ['-v', 'error', '-count_frames', '-show_packets', '-show_streams', '-of', 'json', file];
    const text = execFileSync('ffprobe', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
    return JSON.parse(text) as { packets: Probed[]; streams: Probed[] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
