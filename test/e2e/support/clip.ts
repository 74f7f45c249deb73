import { execFileSync } from 'node:child_process';

/** A frame as an independent prober saw it. */
export type ProbedFrame = { readonly timeS: number; readonly isKey: boolean };

/** What ffprobe says of some bytes: not our parser's word but another's. */
export type Probe = {
  readonly codec: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sampleRateHz: number;
  readonly packets: readonly ProbedFrame[];
  /** Frames that could really be decoded. */
  readonly decodedFrames: number;
};

/**
 * Has ffprobe read and decode a CMAF track.
 *
 * @param bytes an init segment and media behind it
 * @throws {Error} with ffprobe's words when it cannot
 */
export function probe(bytes: Buffer): Probe {
  const output = execFileSync(
    'ffprobe',
    ['-v', 'error', '-count_frames', '-show_streams', '-show_packets', '-of', 'json', '-i', 'pipe:0'],
    { input: bytes, maxBuffer: 2 ** 28 },
  );
  const { streams, packets } = JSON.parse(output.toString('utf8'));
  const [stream] = streams;
  return {
    codec: stream.codec_name,
    widthPx: stream.width ?? 0,
    heightPx: stream.height ?? 0,
    sampleRateHz: Number(stream.sample_rate ?? 0),
    decodedFrames: Number(stream.nb_read_frames),
    packets: packets.map((packet: { pts_time: string; flags: string }) => ({
      timeS: Number(packet.pts_time),
      isKey: packet.flags.startsWith('K'),
    })),
  };
}
