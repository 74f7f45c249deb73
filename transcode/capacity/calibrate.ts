import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { describeError } from '../../shared/errors.ts';
import { setWorkPriority } from '../../shared/process-priority.ts';
import type { FfmpegRun } from '../ffmpeg/ffmpeg-arguments.ts';
import { pictureArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import type { PlannedRung } from '../ladder-plan.ts';
import { TranscodeError } from '../transcode-error.ts';
import { type Calibration, rungKey } from './calibration.ts';
import { movingPictures } from './moving-picture.ts';

/** A rung and a preset that are to be measured. */
export type RungToMeasure = { readonly rung: PlannedRung; readonly preset: string };

/** What a calibration needs. */
export type CalibrateOptions = {
  /** ffmpeg's path or name. */
  readonly program: string;
  readonly rungs: readonly RungToMeasure[];
  /** Ends it at once, and with it its ffmpeg. */
  readonly signal: AbortSignal;
};

/** Pictures that are encoded each time: with three rungs and two presets about 2 s of CPU in all. */
const PICTURES = 24;
const FRAME_RATE = 25;
/** The largest picture that is made for this; larger rungs are estimated from their size. */
const MAX_PIXELS = 1920 * 1080;
const SMALLEST_SOURCE = { width: 640, height: 360 };
/** Nothing is measured as free: a clock that stands still must not make a worker take everything. Core-seconds. */
const LEAST = 1e-5;

/**
 * Measures what pictures cost here: encodes a short moving picture with the real ffmpeg, each rung and preset by itself. It counts
 * CPU time, so other work on the machine hardly changes the figures; it runs at the lowest priority.
 *
 * @throws {TranscodeError} `ffmpeg-broken` when a run of ffmpeg fails, or the signal's reason
 */
export async function calibrate({ program, rungs, signal }: CalibrateOptions): Promise<Calibration> {
  const small = rungs.filter(({ rung }) => pixels(rung) <= MAX_PIXELS);
  const { width, height } = small.reduce(
    (size, { rung }) =>
      pixels(rung) > size.width * size.height ? { width: rung.widthPx, height: rung.heightPx } : size,
    SMALLEST_SOURCE,
  );
  const run = (args: readonly string[], input: Readable): Promise<Ran> =>
    runMeasured(program, args, input, signal);

  const made = await run(
    sourceArguments(width, height),
    Readable.from(movingPictures(width, height, PICTURES)),
  );
  const source = made.output;
  const began = await run(decodeArguments(1), Readable.from([source]));
  const decoded = await run(decodeArguments(PICTURES), Readable.from([source]));

  const perPicture: Record<string, number> = {};
  for (const { rung, preset } of small) {
    const start = { frameStep: 1, firstFrameOfSegment: 0, shiftTicks: 0 } as const;
    const settings = { rungs: [rung], preset, frameRate: FRAME_RATE, ...start };
    const encoded = await run(toNowhere(pictureArguments(settings)), Readable.from([source]));
    perPicture[rungKey(rung, preset)] = Math.max(LEAST, (encoded.cpuS - decoded.cpuS) / PICTURES);
  }
  const decodedS = (decoded.cpuS - began.cpuS) / (PICTURES - 1);
  return { decodePerMegapixel: Math.max(LEAST, (decodedS / (width * height)) * 1e6), perPicture };
}

function pixels(rung: PlannedRung): number {
  return rung.widthPx * rung.heightPx;
}

/** Raw pictures to H.264 as OBS sends it. */
function sourceArguments(width: number, height: number): string[] {
  return [
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${width}x${height}`],
    ...['-framerate', String(FRAME_RATE), '-i', 'pipe:0', '-c:v', 'libx264', '-preset', 'superfast'],
    ...['-bf', '2', '-b:v', '3000k', '-maxrate', '4000k', '-bufsize', '3000k', '-threads', '1'],
    ...['-flvflags', 'no_duration_filesize+no_metadata', '-f', 'flv', 'pipe:1'],
  ];
}

function decodeArguments(pictures: number): string[] {
  return ['-threads', '1', '-f', 'flv', '-i', 'pipe:0', '-frames:v', String(pictures), '-f', 'null', '-'];
}

/** The command line of a run whose outputs nobody reads. */
function toNowhere(run: FfmpegRun): string[] {
  return [
    ...run.inputOptions.filter((option) => option !== '-nostats'),
    ...['-i', run.input, ...run.globalOptions],
    ...run.outputs.flatMap(({ options }) => [...options, '-y', '/dev/null']),
  ];
}

/** A run of ffmpeg that has ended. */
type Ran = { readonly output: Buffer; readonly cpuS: number };

function runMeasured(
  program: string,
  args: readonly string[],
  input: Readable,
  signal: AbortSignal,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const all = [...args, '-benchmark', '-loglevel', 'info', '-nostdin'];
    const child = spawn(program, all, { stdio: ['pipe', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    const output: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString('utf8')).slice(-4000)));
    child.on('spawn', () => {
      if (child.pid !== undefined) setWorkPriority(child.pid, 'background');
    });
    child.on('error', (cause) => {
      input.destroy();
      reject(signal.aborted ? reasonOf(signal) : failed(describeError(cause)));
    });
    child.on('close', (code) => {
      const cpuS = readBenchmark(said);
      if (code === 0 && cpuS !== null) resolve({ output: Buffer.concat(output), cpuS });
      else reject(failed(`ffmpeg ended with ${code}: ${said.trim().split('\n').at(-1) ?? ''}`));
    });
    // It closes its input when it has read as many pictures as it was to.
    child.stdin.on('error', () => input.destroy());
    input.on('error', (cause) => child.stdin.destroy(cause));
    input.pipe(child.stdin);
  });
}

/**
 * Reads the CPU time that `-benchmark` writes at the end. Pure.
 *
 * @returns user and system time, seconds; null where the text has none
 */
export function readBenchmark(text: string): number | null {
  const match = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(text);
  return match === null ? null : Number(match[1]) + Number(match[2]);
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : failed('it was stopped');
}

function failed(why: string): TranscodeError {
  return new TranscodeError(`calibration: ${why}`, { code: 'ffmpeg-broken' });
}
