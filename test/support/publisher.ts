import { once } from 'node:events';
import { type Started, start } from './process.ts';

/** What a test's teacher sends. All that is left out has a default. */
export type PublisherOptions = {
  /** `rtmp://127.0.0.1:1935/live/hall-7?key=…`. */
  readonly url: string;
  /** A clip that is sent as it is, over and over; left out: pictures and tones of ffmpeg's own. */
  readonly file?: string;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly frameRate?: number;
  /** Seconds between keyframes. */
  readonly gopS?: number;
  readonly bFrames?: number;
  readonly video?: boolean;
  readonly audio?: boolean;
  readonly audioSampleRateHz?: number;
  readonly audioChannels?: number;
  /** Puts the wall clock into the picture as 48 black and white bars: UTC milliseconds, highest bit first. */
  readonly clock?: boolean;
  /** A beep of 1000 Hz at each full second of the stream; a steady tone of 440 Hz otherwise. */
  readonly beep?: boolean;
  /** Ends by itself after so many seconds. */
  readonly durationS?: number;
  /** False sends as fast as it can. */
  readonly realTime?: boolean;
};

/** A teacher on air. */
export type Publisher = {
  readonly process: Started;
  /** What ffmpeg said: why it was refused, for example. */
  said(): string;
  /** Stops as a person does: ffmpeg ends the stream and closes the connection. */
  stop(): Promise<void>;
  /** Vanishes, as with a power cut (SIGKILL). */
  vanish(): Promise<void>;
  /** Freezes and goes on: a line that is up and carries nothing. */
  freeze(): void;
  thaw(): void;
};

/**
 * Starts ffmpeg as a publisher; resolves at once, and whoever wants to know when it is on air asks the pipeline.
 */
export function startPublisher(options: PublisherOptions): Publisher {
  const ffmpeg = start(process.env['FFMPEG_PATH'] || 'ffmpeg', publisherArguments(options));
  return {
    process: ffmpeg,
    said: () => ffmpeg.stderr(),
    stop: async () => {
      // ffmpeg takes SIGINT as 'q': it writes its trailer and leaves RTMP in order.
      await ffmpeg.stop('SIGINT');
    },
    vanish: () => ffmpeg.stop('SIGKILL'),
    freeze: () => void ffmpeg.child.kill('SIGSTOP'),
    thaw: () => void ffmpeg.child.kill('SIGCONT'),
  };
}

/** Starts a publisher that ends by itself, and waits for that. @returns its exit status and what it said */
export async function publishOnce(
  options: PublisherOptions,
): Promise<{ readonly status: number | string; readonly said: string }> {
  const publisher = startPublisher(options);
  if (publisher.process.child.exitCode === null) await once(publisher.process.child, 'close');
  return { status: await publisher.process.exited(), said: publisher.said() };
}

/** The command line of {@link startPublisher}. */
export function publisherArguments(options: PublisherOptions): string[] {
  const { widthPx = 640, heightPx = 360, frameRate = 25, gopS = 1, bFrames = 0 } = options;
  const { video = true, audio = true, audioSampleRateHz = 48_000, audioChannels = 1 } = options;
  const pace = options.realTime === false ? [] : ['-re'];
  const duration = options.durationS === undefined ? [] : ['-t', String(options.durationS)];
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'warning'];
  const output = [...duration, '-f', 'flv', '-flvflags', 'no_duration_filesize', options.url];
  if (options.file !== undefined) {
    const streams = [...(video ? [] : ['-vn']), ...(audio ? [] : ['-an'])];
    return [...quiet, ...pace, '-stream_loop', '-1', '-i', options.file, ...streams, '-c', 'copy', ...output];
  }
  const picture = `testsrc2=size=${widthPx}x${heightPx}:rate=${frameRate}`;
  const bars = options.clock === true ? `,${clockBars(widthPx, heightPx)}` : '';
  const tone =
    options.beep === true
      ? `aevalsrc=exprs='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.05)':s=${audioSampleRateHz}`
      : `sine=frequency=440:sample_rate=${audioSampleRateHz}`;
  const videoInput = [...pace, '-f', 'lavfi', '-i', `${picture}${bars},format=yuv420p`];
  const audioInput = [...pace, '-f', 'lavfi', '-i', tone];
  const videoCodec = [
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-b:v', '600k', '-threads', '1'],
    ...['-g', String(Math.round(gopS * frameRate)), '-bf', String(bFrames), '-sc_threshold', '0'],
  ];
  const audioCodec = ['-c:a', 'aac', '-b:a', '64k', '-ac', String(audioChannels)];
  return [
    ...quiet,
    ...(video ? videoInput : []),
    ...(audio ? audioInput : []),
    ...(video ? videoCodec : []),
    ...(audio ? audioCodec : []),
    ...output,
  ];
}

/** How many bars {@link PublisherOptions.clock} draws; bit 0 is the one on the right. */
export const CLOCK_BARS = 48;

/**
 * The wall clock at the moment a frame is drawn, as a row of bars over an eighth of the picture's height at its top. A
 * canvas reads them back without any reading of digits.
 */
function clockBars(widthPx: number, heightPx: number): string {
  const barPx = Math.floor(widthPx / CLOCK_BARS);
  const heightBarsPx = Math.floor(heightPx / 8);
  // geq would be asked for each pixel: it draws a strip of one pixel a bar, which is then made large.
  const bit = `mod(floor(time(0)*1000/pow(2\\,${CLOCK_BARS - 1}-X))\\,2)`;
  return (
    `split[whole][part];[part]crop=${CLOCK_BARS}:2:0:0,format=yuv420p,` +
    `geq=lum='if(${bit}\\,235\\,16)':cb=128:cr=128,scale=${barPx * CLOCK_BARS}:${heightBarsPx}:flags=neighbor[bars];` +
    `[whole][bars]overlay=0:0`
  );
}
