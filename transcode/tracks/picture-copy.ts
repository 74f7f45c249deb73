import { pictureSize } from '../../media/codec/picture-size.ts';
import type { CodedVideo } from '../../media/flv/video-packet.ts';
import type { SourceVideo } from '../job.ts';
import { VIDEO_TIMESCALE_HZ, frameTicks, mediaTicks } from '../timeline/media-clock.ts';
import type { TrackWriter } from './track-writer.ts';

/** What copying pictures needs. */
export type PictureCopyOptions = {
  readonly writer: TrackWriter;
  /** As it was described: for what a configuration does not tell. */
  readonly video: Pick<SourceVideo, 'width' | 'height'>;
  /** UTC of source time 0, 90 kHz ticks. */
  readonly offsetTicks: number;
  /** The expected one, frames a second. */
  readonly frameRate: number;
  /** Media time before which nothing is written, 90 kHz ticks. */
  readonly notBeforeTicks: number;
  /** How long a frame is that repeats follow, where the next one is far away: milliseconds; null where there are no repeats. */
  repeatMs(): number | null;
};

/** Frames that are farther apart than this have repeats between them, ticks: a sample is no longer than a part. */
export const GAP_TICKS = 0.22 * VIDEO_TIMESCALE_HZ;

/** Longest assumed duration of a frame, ticks. */
const MAX_FRAME_TICKS = VIDEO_TIMESCALE_HZ / 2;
/** Number of recent intervals that are considered. */
const RECENT = 16;

/**
 * Passes a source's pictures through unchanged, from the first keyframe on, without ffmpeg.
 *
 * A frame's duration is known only when the next frame arrives; waiting for it would add a frame of delay. So each frame gets the
 * shortest of the recent intervals: the origin extends a frame that is too short to the next one, but has no place for a frame
 * that begins before the previous one ends.
 */
export class PictureCopy {
  readonly #options: PictureCopyOptions;
  #durationTicks: number;
  #recentTicks: number[] = [];
  /** Decode time of the newest frame, and of the publisher's own newest one. */
  #lastTicks: number | null = null;
  #ownTicks: number | null = null;

  constructor(options: PictureCopyOptions) {
    this.#options = options;
    this.#durationTicks = frameTicks(options.frameRate);
  }

  /**
   * Handles the source's next packet, in decode order.
   *
   * @param timeMs decode time in source time without jumps
   * @param durationMs of a repeat, after which the next one follows; null for the publisher's own pictures
   */
  push(packet: CodedVideo, timeMs: number, durationMs: number | null = null): void {
    const { writer, video, offsetTicks, notBeforeTicks } = this.#options;
    if (packet.kind === 'config') {
      const shape = pictureSize(packet.codec, packet.data);
      const pixelAspect = shape?.pixelAspect ?? null;
      writer.configure({
        ...{ kind: 'video', codec: packet.codec, decoderConfig: Buffer.from(packet.data) },
        widthPx: shape?.widthPx ?? video.width,
        heightPx: shape?.heightPx ?? video.height,
        ...(pixelAspect === null ? {} : { pixelAspect }),
        timescaleHz: VIDEO_TIMESCALE_HZ,
      });
      return;
    }
    const ticks = mediaTicks(timeMs, offsetTicks);
    if (this.#lastTicks === null && (!packet.isSync || ticks < notBeforeTicks)) return;
    // A source that is read again begins with frames that were already written.
    if (this.#lastTicks !== null && ticks <= this.#lastTicks) return;
    this.#lastTicks = ticks;
    if (durationMs === null) this.#measure(ticks);
    writer.write({
      decodeTicks: ticks,
      durationTicks: durationMs === null ? this.#durationTicks : Math.round(durationMs * 90),
      compositionOffsetTicks: Math.round(packet.compositionOffsetMs * 90),
      isSync: packet.isSync,
      data: packet.data,
    });
  }

  #measure(ticks: number): void {
    if (this.#ownTicks !== null) {
      this.#recentTicks = [...this.#recentTicks, ticks - this.#ownTicks].slice(-RECENT);
      const shortestTicks = Math.min(MAX_FRAME_TICKS, ...this.#recentTicks);
      const repeatMs = shortestTicks > GAP_TICKS ? this.#options.repeatMs() : null;
      this.#durationTicks = repeatMs === null ? shortestTicks : repeatMs * 90;
    }
    this.#ownTicks = ticks;
  }
}
