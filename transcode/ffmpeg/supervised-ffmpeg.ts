import { PassThrough } from 'node:stream';
import { FlvReader } from '../../media/flv/flv-reader.ts';
import type { FlvTag } from '../../media/flv/flv-tag.ts';
import type { Logger } from '../../shared/logger.ts';
import { restartDelayMs } from '../backoff.ts';
import { TranscodeError } from '../transcode-error.ts';
import type { FfmpegRun } from './ffmpeg-arguments.ts';
import { LineLimit, readFfmpegLine } from './log-lines.ts';
import { runFfmpeg, type RunningFfmpeg } from './run-ffmpeg.ts';

/** How ffmpeg is started, and its events. */
export type SupervisedOptions = {
  readonly program: string;
  readonly logger: Logger;
  /**
   * Called at each start.
   *
   * @returns the command line and the first input; null while there is no input yet
   */
  begin(): { readonly run: FfmpegRun; readonly backlog: readonly Buffer[] } | null;
  /** One tag of an output. */
  onTag(outputId: string, tag: FlvTag): void;
  onRestart(): void;
  /** It failed too often and is not restarted. */
  onGaveUp(error: TranscodeError): void;
};

/** Without output for this long while there is input, ffmpeg counts as hanging. Milliseconds. */
const HANG_MS = 8000;
/** Unread input after which the source is paused, in bytes. */
const INPUT_BYTES = 1 << 20;

/**
 * Runs one ffmpeg from its first input to the end: restarts it when it dies or hangs, and gives up when that happens too
 * often.
 */
export class SupervisedFfmpeg {
  readonly #options: SupervisedOptions;
  readonly #failuresMs: number[] = [];
  readonly #lines = new LineLimit(10, 10_000);
  #current: { readonly input: PassThrough; readonly running: RunningFfmpeg | null } | null = null;
  #starting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #watch: NodeJS.Timeout | null = null;
  #state: 'live' | 'ending' | 'stopped' = 'live';
  #lastLine = '';
  #lastOutputMs = 0;
  #fedSinceOutput = false;
  #isStale = false;
  #ended: () => void = () => {};
  readonly #whenEnded = new Promise<void>((resolve) => {
    this.#ended = resolve;
  });

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  /** Whether an ffmpeg runs that {@link feed} can write to. */
  get isRunning(): boolean {
    return this.#current !== null;
  }

  /** Process id, for tests and for the log; null while none runs. */
  get pid(): number | null {
    return this.#current?.running?.pid() ?? null;
  }

  /** Starts ffmpeg unless it runs, waits for a restart, or failed too often. */
  ensureStarted(): void {
    if (this.#state !== 'live' || this.#current !== null || this.#starting !== null || this.#timer !== null)
      return;
    const begin = this.#options.begin();
    if (begin === null) return;
    const input = new PassThrough({ writableHighWaterMark: INPUT_BYTES, readableHighWaterMark: 1 << 16 });
    input.on('error', () => {});
    for (const bytes of begin.backlog) input.write(bytes);
    this.#current = { input, running: null };
    this.#isStale = false;
    this.#lastOutputMs = performance.now();
    this.#fedSinceOutput = true;
    const parsers = new Map(begin.run.outputs.map((output) => [output.id, new FlvReader()]));
    this.#starting = runFfmpeg(this.#options.program, begin.run, input, {
      onData: (id, bytes) => this.#onData(parsers.get(id), id, bytes),
      onLine: (line) => this.#onLine(line),
      onExit: (error) => this.#onExit(error),
    })
      .then((running) => {
        this.#current = { input, running };
        this.#watch = setInterval(() => this.#checkHang(), 1000).unref();
        if (this.#state === 'stopped' || this.#isStale) running.kill();
      })
      .catch((error: unknown) => this.#onExit(error instanceof Error ? error : new Error(String(error))))
      .finally(() => {
        this.#starting = null;
      });
  }

  /**
   * Writes input to ffmpeg. Dropped while none runs.
   *
   * @param bytes owned by this object from now on
   * @returns null, or a promise to wait for when ffmpeg is too slow
   */
  feed(bytes: Buffer): Promise<void> | null {
    const input = this.#current?.input;
    if (input === undefined || this.#state !== 'live') return null;
    this.#fedSinceOutput = true;
    if (input.write(bytes)) return null;
    return new Promise((resolve) => {
      const done = (): void => {
        input.off('drain', done).off('close', done);
        resolve();
      };
      input.on('drain', done).on('close', done);
    });
  }

  /**
   * Restarts ffmpeg because its input changes in a way that a running ffmpeg does not follow. This counts as a failure, so
   * that a source which changes all the time ends the session.
   *
   * @param why for the log
   */
  renew(why: string): void {
    if (this.#state !== 'live' || this.#current === null) return;
    this.#lastLine = why;
    this.#isStale = true;
    this.#current.running?.kill();
  }

  /** The source has ended: ffmpeg encodes the rest. Resolves when that was delivered, or after 5 s. */
  async end(): Promise<void> {
    if (this.#state !== 'live') return this.#whenEnded;
    this.#state = 'ending';
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#current === null) {
      this.#close();
      return;
    }
    this.#current.input.end();
    const limit = setTimeout(() => this.stop(), 5000);
    await this.#whenEnded;
    clearTimeout(limit);
  }

  /** Ends ffmpeg at once. */
  stop(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#current === null) this.#close();
    else this.#current.running?.kill();
  }

  /** Resolves when no ffmpeg runs and none will be started. */
  whenEnded(): Promise<void> {
    return this.#whenEnded;
  }

  #onData(parser: FlvReader | undefined, id: string, bytes: Buffer): void {
    this.#lastOutputMs = performance.now();
    this.#fedSinceOutput = false;
    if (parser === undefined || this.#state === 'stopped') return;
    try {
      for (const tag of parser.push(bytes)) this.#options.onTag(id, tag);
    } catch (error) {
      this.#lastLine = error instanceof Error ? error.message : String(error);
      this.#current?.running?.kill();
    }
  }

  #onLine(line: string): void {
    const read = readFfmpegLine(line);
    if (read === null) return;
    if (read.level === 'error') this.#lastLine = read.text;
    const { write, leftOut } = this.#lines.admit(performance.now());
    if (!write) return;
    const more = leftOut > 0 ? ` (and ${leftOut} more lines before it)` : '';
    this.#options.logger.warn({ level: read.level }, `ffmpeg: ${read.text}${more}`);
  }

  #checkHang(): void {
    if (!this.#fedSinceOutput || performance.now() - this.#lastOutputMs < HANG_MS) return;
    this.#lastLine = `no output for ${HANG_MS / 1000} s`;
    this.#lastOutputMs = performance.now();
    this.#current?.running?.kill();
  }

  #onExit(error: Error | null): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#current?.input.destroy();
    this.#current = null;
    if (this.#state !== 'live') {
      this.#close();
      return;
    }
    // While the source is alive every exit of ffmpeg is a failure, whatever its code.
    const why = [error?.message.split('\n')[0]?.slice(0, 200) ?? 'it ended by itself', this.#lastLine]
      .filter((part) => part !== '')
      .join(': ');
    this.#failuresMs.push(performance.now());
    const delayMs = restartDelayMs(this.#failuresMs);
    if (delayMs === null) {
      this.#state = 'stopped';
      this.#close();
      this.#options.onGaveUp(
        new TranscodeError(`ffmpeg failed ${this.#failuresMs.length} times, last: ${why}`, {
          code: 'ffmpeg-gave-up',
        }),
      );
      return;
    }
    this.#options.logger.warn(
      { delayMs, failures: this.#failuresMs.length },
      `ffmpeg failed and is restarted: ${why}`,
    );
    this.#options.onRestart();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.ensureStarted();
    }, delayMs);
  }

  #close(): void {
    this.#ended();
  }
}
