import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What ffmpeg sends: a small moving picture and a tone. */
export type FfmpegSource = {
  readonly video?: boolean;
  readonly audio?: boolean;
  readonly durationS?: number;
  /** In real time, as an encoder does; false for as fast as it can. */
  readonly realTime?: boolean;
  /** Options of the encoder and muxer, before the output. */
  readonly extra?: readonly string[];
};

/** A publishing ffmpeg. */
export type FfmpegPublisher = {
  readonly process: ChildProcess;
  /** Standard error so far. */
  log(): string;
  /** Exit code, or null when it was killed. */
  readonly exit: Promise<number | null>;
  /** Ends it as a user does: unpublish, then close. */
  quit(): Promise<void>;
  /** Ends it without a word to the server. */
  kill(): Promise<void>;
};

/** Publishes to an RTMP address with a real ffmpeg. */
export function publishWithFfmpeg(url: string, source: FfmpegSource = {}): FfmpegPublisher {
  const { video = true, audio = true, durationS = 60, realTime = true, extra = [] } = source;
  const pace = realTime ? ['-re'] : [];
  const args = ['-hide_banner', '-loglevel', 'warning'];
  if (video) args.push(...pace, '-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=25:duration=${durationS}`);
  if (audio)
    args.push(...pace, '-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${durationS}`);
  if (video) args.push('-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25');
  if (audio) args.push('-c:a', 'aac', '-ac', '2', '-b:a', '96k');
  args.push(...extra, '-f', 'flv', url);
  const child = spawn(process.env['FFMPEG_PATH'] || 'ffmpeg', args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let log = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    log += bytes.toString();
  });
  const exit = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  return {
    process: child,
    log: () => log,
    exit,
    quit: async () => {
      child.stdin?.end('q');
      await exit;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
