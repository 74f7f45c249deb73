import { PassThrough } from 'node:stream';
import { FlvReader } from '../../media/flv/flv-reader.ts';
import type { FlvTag } from '../../media/flv/flv-tag.ts';
import type { Logger } from '../../shared/logger.ts';
import type { FfmpegRun } from './ffmpeg-arguments.ts';
import { LineLimit, readFfmpegLine } from './log-lines.ts';
import { runFfmpeg, type RunningFfmpeg } from './run-ffmpeg.ts';

/** How one run of ffmpeg is started, and its events. */
export type FfmpegProcessOptions = {
  readonly program: string;
  readonly run: FfmpegRun;
  /** Its first input. Owned by the process from now on. */
  readonly backlog: readonly Buffer[];
  readonly logger: Logger;
  /** Limits the lines of ffmpeg in the log; may be shared by the runs that follow each other. */
  readonly lines?: LineLimit;
  /** The process has been spawned. */
  onSpawned?(pid: number): void;
  /** One tag of an output. */
  onTag(outputId: string, tag: FlvTag): void;
  /**
   * It has ended; nothing follows.
   *
   * @param why in words: what the system said, and the last error of ffmpeg
   */
  onExit(why: string): void;
};

/** One ffmpeg from its start to its end: FLV is written to it, and the tags of its outputs come back. It is never restarted. */
export class FfmpegProcess {
  readonly #options: FfmpegProcessOptions;
  readonly #input = new PassThrough({ readableHighWaterMark: 1 << 16 });
  readonly #lines: LineLimit;
  readonly #parsers: ReadonlyMap<string, FlvReader>;
  #running: RunningFfmpeg | null = null;
  #state: 'live' | 'ending' | 'killed' | 'exited' = 'live';
  #lastLine = '';

  constructor(options: FfmpegProcessOptions) {
    this.#options = options;
    this.#lines = options.lines ?? new LineLimit(10, 10_000);
    this.#parsers = new Map(options.run.outputs.map((output) => [output.id, new FlvReader()]));
    this.#input.on('error', () => {});
    for (const bytes of options.backlog) this.#input.write(bytes);
    void this.#start();
  }

  /** Process id; null until it has been spawned, and after its end. */
  get pid(): number | null {
    return this.#state === 'exited' ? null : (this.#running?.pid() ?? null);
  }

  /** Bytes written that ffmpeg has not read yet. */
  get unreadBytes(): number {
    return this.#input.writableLength + this.#input.readableLength;
  }

  /** Writes input. Dropped after {@link end} and {@link kill}. The caller bounds what waits. */
  feed(bytes: Buffer): void {
    if (this.#state === 'live') this.#input.write(bytes);
  }

  /** The input is over: ffmpeg encodes what it has, and exits. */
  end(): void {
    if (this.#state !== 'live') return;
    this.#state = 'ending';
    this.#input.end();
  }

  /**
   * Ends it at once; what it writes from now on is discarded.
   *
   * @param why for `onExit`
   */
  kill(why = ''): void {
    if (this.#state === 'killed' || this.#state === 'exited') return;
    this.#state = 'killed';
    if (why !== '') this.#lastLine = why;
    this.#running?.kill();
  }

  async #start(): Promise<void> {
    const { program, run } = this.#options;
    try {
      this.#running = await runFfmpeg(program, run, this.#input, {
        onData: (id, bytes) => this.#onData(id, bytes),
        onLine: (line) => this.#onLine(line),
        onExit: (error) => this.#onExit(error),
      });
    } catch (error) {
      this.#onExit(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.#state === 'killed') this.#running.kill();
    const pid = this.#running.pid();
    if (pid !== null) this.#options.onSpawned?.(pid);
  }

  #onData(id: string, bytes: Buffer): void {
    if (this.#state === 'killed' || this.#state === 'exited') return;
    try {
      for (const tag of this.#parsers.get(id)?.push(bytes) ?? []) this.#options.onTag(id, tag);
    } catch (error) {
      this.kill(error instanceof Error ? error.message : String(error));
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

  #onExit(error: Error | null): void {
    if (this.#state === 'exited') return;
    this.#state = 'exited';
    this.#input.destroy();
    const why = [error?.message.split('\n')[0]?.slice(0, 200) ?? 'it ended by itself', this.#lastLine];
    this.#options.onExit(why.filter((part) => part !== '').join(': '));
  }
}
