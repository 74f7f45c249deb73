import type { FlvTag } from '../../media/flv/flv-tag.ts';
import { isCodedVideo, readVideoPacket } from '../../media/flv/video-packet.ts';
import type { Logger } from '../../shared/logger.ts';
import { setWorkPriority, type Work } from '../../shared/process-priority.ts';
import { pictureArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import { FfmpegProcess } from '../ffmpeg/ffmpeg-process.ts';
import type { LineLimit } from '../ffmpeg/log-lines.ts';
import { PictureInput } from '../ffmpeg/picture-input.ts';
import type { EncodingGroup } from '../plan/plan-level.ts';
import type { FrameGrid } from '../timeline/frame-grid.ts';
import type { GridPicture, PictureProducer } from './rung-track.ts';
import type { SourcePicture, SourcePictures } from './source-pictures.ts';

/** What one run of an encoder needs. */
export type EncoderRunOptions = {
  readonly program: string;
  readonly group: EncodingGroup;
  readonly frameRate: number;
  readonly grid: FrameGrid;
  /** What it begins to decode with; its group is not empty. */
  readonly source: SourcePictures;
  /** First frame that comes out; a multiple of the group's `frameStep`. */
  readonly firstFrame: number;
  readonly work: Work;
  readonly logger: Logger;
  readonly lines: LineLimit;
  onConfig(rungId: string, config: Buffer): void;
  onPicture(rungId: string, picture: GridPicture): void;
  /** It has ended by itself, or failed. Not called after {@link EncoderRun.stop}. */
  onFailed(why: string): void;
};

/** Added to all times, milliseconds: containers have no negative times, and a source that is read again begins in the past. */
const HEADROOM_MS = 60_000;

/** One ffmpeg that encodes some rungs, from its start to its end. */
export class EncoderRun implements PictureProducer {
  readonly group: EncodingGroup;
  readonly frameStep: 1 | 2;
  /** First frame that comes out. */
  readonly firstFrame: number;
  readonly #options: EncoderRunOptions;
  readonly #process: FfmpegProcess;
  readonly #input: PictureInput;
  readonly #baseMs: number;
  /** The next frame of each rung. */
  readonly #next = new Map<string, number>();
  #isStopped = false;
  #exited: () => void = () => {};
  readonly #whenExited = new Promise<void>((resolve) => {
    this.#exited = resolve;
  });

  constructor(options: EncoderRunOptions) {
    const { group, source, grid, firstFrame, frameRate } = options;
    this.#options = options;
    this.group = group;
    this.frameStep = group.frameStep;
    this.firstFrame = firstFrame;
    this.#baseMs = (source.group[0]?.timeMs ?? 0) - HEADROOM_MS;
    for (const { id } of group.rungs) this.#next.set(id, firstFrame);
    const { config } = source;
    this.#input = new PictureInput(config?.codec ?? 'h264');
    this.#process = new FfmpegProcess({
      ...{ program: options.program, logger: options.logger, lines: options.lines },
      run: pictureArguments({
        ...{ ...group, frameRate, input: this.#input.format },
        ...(config === null ? {} : { format: config.format }),
        firstFrameOfSegment: firstFrame % grid.framesPerSegment,
        shiftTicks: grid.shiftTicks(this.#baseMs, firstFrame),
      }),
      backlog: [
        ...(config === null ? [] : this.#input.head(config.data, HEADROOM_MS)),
        ...source.group.map((picture) => this.#bytesOf(picture)),
      ],
      onSpawned: (pid) => setWorkPriority(pid, options.work),
      onTag: (id, tag) => this.#onTag(id, tag),
      onExit: (why) => {
        this.#exited();
        if (!this.#isStopped) options.onFailed(why);
      },
    });
  }

  /** Process id; null until it has been spawned, and after its end. */
  get pid(): number | null {
    return this.#process.pid;
  }

  /** The next frame that is to come out of all rungs: the lowest one. */
  get nextFrame(): number {
    return Math.min(...this.#next.values());
  }

  /** Encodes a picture. */
  push(picture: SourcePicture): void {
    this.#process.feed(this.#bytesOf(picture));
  }

  /** The publisher has sent her decoder configuration again; that of H.264 alone may be another one. */
  configure(timeMs: number, config: Buffer): void {
    if (this.#input.format === 'mp4') return;
    this.#process.feed(this.#input.config(config, timeMs - this.#baseMs));
  }

  /**
   * Gives way to its successor, which has been started: it gets what that leaves. What it still delivers shortens the time for which
   * the picture stands, but the start of its successor does so more.
   */
  yieldTo(): void {
    const { pid } = this.#process;
    if (pid !== null) setWorkPriority(pid, 'background');
  }

  /** Encodes the rest; resolves when it was given to `onPicture`. */
  end(): Promise<void> {
    this.#isStopped = true;
    this.#process.end();
    return this.#whenExited;
  }

  /** Ends at once; resolves when the process has ended. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#process.kill();
    return this.#whenExited;
  }

  #bytesOf(picture: SourcePicture): Buffer {
    return this.#input.picture(picture, picture.timeMs - this.#baseMs);
  }

  #onTag(rungId: string, tag: FlvTag): void {
    const packet = readVideoPacket(tag.data);
    if (!isCodedVideo(packet)) return;
    if (packet.kind === 'config') {
      this.#options.onConfig(rungId, packet.data);
      return;
    }
    const { frameRate } = this.#options;
    const count = Math.round((tag.timestampMs * frameRate) / this.frameStep / 1000);
    const frame = this.firstFrame + count * this.frameStep;
    this.#next.set(rungId, frame + this.frameStep);
    this.#options.onPicture(rungId, {
      frame,
      compositionFrames: 0,
      isSync: packet.isSync,
      data: packet.data,
    });
  }
}
