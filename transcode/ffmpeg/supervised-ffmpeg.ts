import type { FlvTag } from '../../media/flv/flv-tag.ts';
import { awakeMs } from '../../shared/awake-time.ts';
import type { Logger } from '../../shared/logger.ts';
import { restartDelayMs } from '../backoff.ts';
import { TranscodeError } from '../transcode-error.ts';
import type { FfmpegRun } from './ffmpeg-arguments.ts';
import { FfmpegProcess } from './ffmpeg-process.ts';
import { logRestart } from './log-restart.ts';
import { LineLimit } from './log-lines.ts';

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
  /** A process has been spawned. */
  onSpawned?(pid: number): void;
  /** One tag of an output. */
  onTag(outputId: string, tag: FlvTag): void;
  onRestart(): void;
  /** It failed too often and is not restarted. */
  onGaveUp(error: TranscodeError): void;
};

/** Without output for this long while there is input, ffmpeg counts as hanging. Milliseconds. */
const HANG_MS = 2000;
/** The last few frames stay in an encoder until more come: where a source is silent, nobody hangs. */
const RETAINED_FRAMES = 16;
/** A loaded machine needs a while to start a program. Milliseconds. */
const START_MS = 8000;

/**
 * Runs one ffmpeg from its first input to the end: restarts it when it dies or hangs, and gives up when that happens too
 * often. What waits in front of it is bounded by the hang: an ffmpeg that does not keep up is restarted.
 */
export class SupervisedFfmpeg {
  readonly #options: SupervisedOptions;
  readonly #failuresMs: number[] = [];
  readonly #lines = new LineLimit(10, 10_000);
  #current: FfmpegProcess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #watch: NodeJS.Timeout | null = null;
  #state: 'live' | 'ending' | 'stopped' = 'live';
  /** When the oldest input without output since then was written; null while none waits. In time awake. */
  #waitingSinceMs: number | null = null;
  /** Frames that were written since then. */
  #waitingFrames = 0;
  #hadOutput = false;
  /** It was ended to begin anew at once: no failure. */
  #isRefreshing = false;
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
    return this.#current?.pid ?? null;
  }

  /** Starts ffmpeg unless it runs, waits for a restart, or failed too often. */
  ensureStarted(): void {
    if (this.#state !== 'live' || this.#current !== null || this.#timer !== null) return;
    const begin = this.#options.begin();
    if (begin === null) return;
    const { program, logger, onTag, onSpawned } = this.#options;
    this.#waitingSinceMs = awakeMs();
    this.#waitingFrames = begin.backlog.length;
    this.#hadOutput = false;
    this.#watch = setInterval(() => this.#checkHang(), 500).unref();
    const current = new FfmpegProcess({
      ...{ program, logger, run: begin.run, backlog: begin.backlog, lines: this.#lines },
      onSpawned: (pid) => onSpawned?.(pid),
      onTag: (id, tag) => {
        this.#waitingSinceMs = null;
        this.#waitingFrames = 0;
        this.#hadOutput = true;
        if (this.#state !== 'stopped') onTag(id, tag);
      },
      onExit: (why) => this.#onExit(why),
    });
    this.#current = current;
  }

  /**
   * Writes a frame to ffmpeg. Dropped while none runs.
   *
   * @param bytes owned by this object from now on
   */
  feed(bytes: Buffer): void {
    if (this.#current === null || this.#state !== 'live') return;
    this.#waitingSinceMs ??= awakeMs();
    this.#waitingFrames += 1;
    this.#current.feed(bytes);
  }

  /** Begins anew with what {@link SupervisedOptions.begin} gives, because the input goes on at another time. */
  refresh(): void {
    if (this.#state !== 'live' || this.#current === null) return;
    this.#isRefreshing = true;
    this.#current.kill();
  }

  /**
   * Restarts ffmpeg because its input changes in a way that a running ffmpeg does not follow. This counts as a failure, so
   * that a source which changes all the time ends the session.
   *
   * @param why for the log
   */
  renew(why: string): void {
    if (this.#state === 'live') this.#current?.kill(why);
  }

  /** The source has ended: ffmpeg encodes the rest. Resolves when that was delivered, or after 5 s. */
  async end(): Promise<void> {
    if (this.#state !== 'live') return this.#whenEnded;
    this.#state = 'ending';
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#current === null) {
      this.#ended();
      return;
    }
    this.#current.end();
    const limit = setTimeout(() => this.stop(), 5000);
    await this.#whenEnded;
    clearTimeout(limit);
  }

  /** Ends ffmpeg at once. */
  stop(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#current === null) this.#ended();
    else this.#current.kill();
  }

  /** Resolves when no ffmpeg runs and none will be started. */
  whenEnded(): Promise<void> {
    return this.#whenEnded;
  }

  #checkHang(): void {
    if (this.#waitingSinceMs === null || this.#state !== 'live') return;
    if (this.#waitingFrames < RETAINED_FRAMES) return;
    const limitMs = this.#hadOutput ? HANG_MS : START_MS;
    if (awakeMs() - this.#waitingSinceMs < limitMs) return;
    this.#waitingSinceMs = null;
    this.#current?.kill(`no output for ${limitMs / 1000} s`);
  }

  #onExit(why: string): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#current = null;
    if (this.#state !== 'live') {
      this.#ended();
      return;
    }
    if (this.#isRefreshing) {
      this.#isRefreshing = false;
      this.ensureStarted();
      return;
    }
    // While the source is alive every exit of ffmpeg is a failure, whatever its code.
    this.#failuresMs.push(performance.now());
    const delayMs = restartDelayMs(this.#failuresMs);
    if (delayMs === null) {
      this.#state = 'stopped';
      this.#ended();
      this.#options.onGaveUp(
        new TranscodeError(`ffmpeg failed ${this.#failuresMs.length} times, last: ${why}`, {
          code: 'ffmpeg-gave-up',
        }),
      );
      return;
    }
    logRestart(this.#options.logger, this.#failuresMs.length, delayMs, why);
    this.#options.onRestart();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.ensureStarted();
    }, delayMs);
  }
}
