import type { FlvTag } from '../../media/flv/flv-tag.ts';
import { writeFlvHeader, writeFlvTag } from '../../media/flv/flv-writer.ts';
import { type CodedVideo, isCodedVideo, readVideoPacket } from '../../media/flv/video-packet.ts';
import type { Logger } from '../../shared/logger.ts';
import { pictureArguments } from '../ffmpeg/ffmpeg-arguments.ts';
import { SupervisedFfmpeg } from '../ffmpeg/supervised-ffmpeg.ts';
import type { PlannedRung } from '../ladder-plan.ts';
import {
  VIDEO_TIMESCALE_HZ,
  frameTicks,
  gridPhaseTicks,
  mediaTicks,
  nextSegmentTicks,
} from '../timeline/media-clock.ts';
import type { TranscodeError } from '../transcode-error.ts';
import type { TrackWriter } from './track-writer.ts';

/** What a picture encoder needs. */
export type PictureEncoderOptions = {
  readonly program: string;
  readonly preset: string;
  readonly threadsPerRung: number;
  readonly frameRate: number;
  readonly rungs: readonly PlannedRung[];
  /** UTC of source time 0 on the frame grid, 90 kHz ticks. */
  readonly offsetTicks: number;
  readonly logger: Logger;
  /** Where a rung's frames go. */
  writerOf(rungId: string): TrackWriter;
  onRestart(): void;
  onGaveUp(error: TranscodeError): void;
};

type SourceFrame = { readonly timeMs: number; readonly compositionOffsetMs: number; readonly body: Buffer };

/** Limit of the group of pictures cached for a restart; with longer groups a restart waits for the next keyframe. */
const MAX_GROUP_BYTES = 32 << 20;

/** Added to all times, milliseconds: FLV has no negative times, and a source that is read again begins in the past. */
const HEADROOM_MS = 60_000;

/**
 * Encodes a live picture into its rungs with one ffmpeg.
 *
 * It caches the source's pictures since the last keyframe, so that a restarted ffmpeg can decode at once and starts at the next
 * segment of the grid.
 */
export class PictureEncoder {
  readonly #options: PictureEncoderOptions;
  readonly #ffmpeg: SupervisedFfmpeg;
  readonly #tick: number;
  readonly #sizes: ReadonlyMap<string, PlannedRung>;
  #config: Buffer | null = null;
  #group: SourceFrame[] = [];
  #groupBytes = 0;
  /** Of the current run: the source time that ffmpeg sees as 0, and the number of its first frame since the epoch. */
  #baseMs = 0;
  #firstFrame = 0;
  #lastFrame = -1;

  constructor(options: PictureEncoderOptions) {
    this.#options = options;
    this.#tick = frameTicks(options.frameRate);
    this.#sizes = new Map(options.rungs.map((rung) => [rung.id, rung]));
    this.#ffmpeg = new SupervisedFfmpeg({
      program: options.program,
      logger: options.logger,
      begin: () => this.#begin(),
      onTag: (id, tag) => this.#onTag(id, tag),
      onRestart: () => options.onRestart(),
      onGaveUp: (error) => options.onGaveUp(error),
    });
  }

  /** Process id of ffmpeg; null while none runs. */
  get pid(): number | null {
    return this.#ffmpeg.pid;
  }

  /**
   * Handles the source's next packet, in decode order.
   *
   * @param timeMs decode time in source time without jumps
   * @param body of the tag that `packet` was read from
   * @returns null, or a promise to wait for when ffmpeg is too slow
   */
  push(packet: CodedVideo, timeMs: number, body: Buffer): Promise<void> | null {
    if (packet.kind === 'config') {
      this.#config = Buffer.from(body);
      return this.#ffmpeg.feed(writeFlvTag('video', timeMs - this.#baseMs, body));
    }
    if (packet.isSync || this.#groupBytes > MAX_GROUP_BYTES) {
      this.#group = [];
      this.#groupBytes = 0;
    }
    if (packet.isSync || this.#group.length > 0) {
      this.#group.push({ timeMs, compositionOffsetMs: packet.compositionOffsetMs, body });
      this.#groupBytes += body.length;
    }
    if (this.#ffmpeg.isRunning) return this.#ffmpeg.feed(writeFlvTag('video', timeMs - this.#baseMs, body));
    this.#ffmpeg.ensureStarted();
    return null;
  }

  /** Encodes the rest; resolves when it was written. */
  end(): Promise<void> {
    return this.#ffmpeg.end();
  }

  /** Ends at once; resolves when ffmpeg has ended. */
  stop(): Promise<void> {
    this.#ffmpeg.stop();
    return this.#ffmpeg.whenEnded();
  }

  #begin(): ReturnType<ConstructorParameters<typeof SupervisedFfmpeg>[0]['begin']> {
    const [first] = this.#group;
    if (first === undefined || this.#config === null) return null;
    const { offsetTicks } = this.#options;
    const firstTicks = mediaTicks(first.timeMs + first.compositionOffsetMs, offsetTicks);
    const phase = gridPhaseTicks(firstTicks, this.#tick);
    const startTicks = nextSegmentTicks(Math.max(firstTicks + phase, (this.#lastFrame + 1) * this.#tick));
    this.#baseMs = first.timeMs - HEADROOM_MS;
    this.#firstFrame = startTicks / this.#tick;
    return {
      run: pictureArguments({
        ...this.#options,
        shiftTicks: mediaTicks(this.#baseMs, offsetTicks) + phase - startTicks,
      }),
      backlog: [
        writeFlvHeader({ hasVideo: true, hasAudio: false }),
        writeFlvTag('video', HEADROOM_MS, this.#config),
        ...this.#group.map((frame) => writeFlvTag('video', frame.timeMs - this.#baseMs, frame.body)),
      ],
    };
  }

  #onTag(rungId: string, tag: FlvTag): void {
    const packet = readVideoPacket(tag.data);
    const size = this.#sizes.get(rungId);
    if (!isCodedVideo(packet) || size === undefined) return;
    const writer = this.#options.writerOf(rungId);
    if (packet.kind === 'config') {
      writer.configure({
        kind: 'video',
        codec: 'h264',
        decoderConfig: packet.data,
        widthPx: size.widthPx,
        heightPx: size.heightPx,
        timescaleHz: VIDEO_TIMESCALE_HZ,
      });
      return;
    }
    const frame = this.#firstFrame + Math.round((tag.timestampMs * this.#options.frameRate) / 1000);
    this.#lastFrame = Math.max(this.#lastFrame, frame);
    writer.write({
      decodeTicks: frame * this.#tick,
      durationTicks: this.#tick,
      compositionOffsetTicks: 0,
      isSync: packet.isSync,
      data: packet.data,
    });
  }
}
