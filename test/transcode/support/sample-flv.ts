import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import type { FlvTag } from '../../../media/flv/flv-tag.ts';

const run = promisify(execFile);
const made = new Map<string, Promise<readonly FlvTag[]>>();

/** The program that the tests use: as an operator would set it. */
export const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';

/** One of the inputs of a clip, and how it is encoded. */
export type ClipPart = { readonly input: readonly string[]; readonly codec: readonly string[] };

/** Lets ffmpeg make a clip and cuts it into FLV tags; made once a process and command. */
export function sampleTags(...parts: readonly ClipPart[]): Promise<readonly FlvTag[]> {
  const args = [...parts.flatMap((part) => part.input), ...parts.flatMap((part) => part.codec)];
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

/** A moving test picture, or another lavfi source. */
export function picture(source: string, ...options: readonly string[]): ClipPart {
  return {
    input: ['-f', 'lavfi', '-i', source],
    codec: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', ...options],
  };
}

/** A tone, encoded to AAC-LC. */
export function tone(rateHz: number, seconds: number, channels = 2): ClipPart {
  return {
    input: ['-f', 'lavfi', '-i', `sine=f=440:r=${rateHz}:d=${seconds}`],
    codec: ['-c:a', 'aac', '-ar', String(rateHz), '-ac', String(channels)],
  };
}
