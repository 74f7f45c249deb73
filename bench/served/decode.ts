import { spawn } from 'node:child_process';
import { once } from 'node:events';

// Times are read in ticks: ffmpeg writes seconds with six digits, and those of the epoch have ten before the point.
const TICKS_HZ = 90_000;
const SOUND_HZ = 48_000;
const FFMPEG = process.env['FFMPEG_PATH'] || 'ffmpeg';

/** Decoded pictures: brightness alone, each with its time. */
export type Pictures = {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Presentation times, seconds. */
  readonly timesS: readonly number[];
  /** One picture after the other, row by row. */
  readonly luma: Buffer;
};

/** Decoded sound: one channel, 48,000 samples a second, from a time on. */
export type Sound = { readonly startS: number; readonly samples: Float32Array };

/**
 * Decodes pictures and scales them down.
 *
 * @param input what ffmpeg reads: a path, or bytes that it gets on its standard input
 * @param filter ffmpeg's, before the size is changed; '' for none
 */
export async function decodePictures(
  input: string | Buffer,
  size: { readonly widthPx: number; readonly heightPx: number },
  filter = '',
): Promise<Pictures> {
  const { widthPx, heightPx } = size;
  const graph = [
    filter,
    `scale=${widthPx}:${heightPx}:flags=area`,
    'format=gray',
    `settb=1/${TICKS_HZ}`,
    'showinfo=checksum=0',
  ];
  const { stdout, stderr } = await run(input, [
    ...['-copyts', '-map', '0:v:0', '-vf', graph.filter((part) => part !== '').join(',')],
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
  ]);
  const timesS = [...stderr.matchAll(/\bn: *\d+ pts: *(-?\d+) /g)].map(([, pts]) => Number(pts) / TICKS_HZ);
  return { widthPx, heightPx, timesS, luma: stdout };
}

/** Decodes sound. It has no gaps; `startS` is the time of its first sample. */
export async function decodeSound(input: string | Buffer): Promise<Sound> {
  const { stdout, stderr } = await run(input, [
    ...[
      '-copyts',
      '-map',
      '0:a:0',
      '-af',
      `asettb=1/${SOUND_HZ},ashowinfo`,
      '-ac',
      '1',
      '-ar',
      '48000',
      '-f',
      'f32le',
      'pipe:1',
    ],
  ]);
  const start = /\bn:0 pts:(-?\d+) /.exec(stderr)?.[1];
  if (start === undefined) throw new Error(`no sound was decoded: ${stderr.slice(-500)}`);
  const samples = new Float32Array(
    stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.length >> 2) * 4),
  );
  return { startS: Number(start) / SOUND_HZ, samples };
}

async function run(
  input: string | Buffer,
  args: readonly string[],
): Promise<{ stdout: Buffer; stderr: string }> {
  const source = typeof input === 'string' ? input : 'pipe:0';
  const child = spawn(FFMPEG, ['-hide_banner', '-nostats', '-loglevel', 'info', '-i', source, ...args]);
  const chunks: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => chunks.push(bytes));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(typeof input === 'string' ? undefined : input);
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`ffmpeg ended with ${status}: ${stderr.slice(-800)}`);
  return { stdout: Buffer.concat(chunks), stderr };
}
