import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import type { FlvTag } from '../../../media/flv/flv-tag.ts';

const run = promisify(execFile);
const made = new Map<string, Promise<readonly FlvTag[]>>();

/** The program that the tests use: as an operator would set it. */
export const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';

/** What ffmpeg makes one stream of a clip with: a filter graph without an input, and how it is encoded. */
export type ClipPart = { readonly graph: string; readonly codec: readonly string[] };

/**
 * Lets ffmpeg make a clip and cuts it into FLV tags; made once a process and command. Graphs need no `lavfi` device, which static builds
 * leave out.
 */
export function sampleTags(...parts: readonly ClipPart[]): Promise<readonly FlvTag[]> {
  const args = [
    ...['-filter_complex', parts.map(({ graph }, i) => `${graph}[out${i}]`).join(';')],
    ...parts.flatMap((_part, i) => ['-map', `[out${i}]`]),
    ...parts.flatMap(({ codec }) => codec),
  ];
  const key = args.join(' ');
  let tags = made.get(key);
  if (tags === undefined) {
    tags = run(FFMPEG, ['-v', 'error', ...args, '-shortest', '-f', 'flv', 'pipe:1'], {
      encoding: 'buffer',
      maxBuffer: 64 << 20,
    }).then(({ stdout }) => new FlvReader().push(stdout).filter((tag) => tag.kind !== 'script'));
    made.set(key, tags);
  }
  return tags;
}

/** A moving test picture, or another source of pictures. */
export function picture(source: string, ...options: readonly string[]): ClipPart {
  return {
    graph: source,
    codec: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', ...options],
  };
}

/** A tone, encoded to AAC-LC. */
export function tone(rateHz: number, seconds: number, channels = 2): ClipPart {
  return {
    graph: `sine=f=440:r=${rateHz}:d=${seconds}`,
    codec: ['-c:a', 'aac', '-ar', String(rateHz), '-ac', String(channels)],
  };
}
