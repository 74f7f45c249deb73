import { pictureSize } from '../../media/codec/picture-size.ts';
import type { CodedVideo } from '../../media/flv/video-packet.ts';
import type { SourceVideo } from '../job.ts';
import { VIDEO_TIMESCALE_HZ, frameTicks, mediaTicks } from '../timeline/media-clock.ts';
import type { TrackWriter } from './track-writer.ts';

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
  readonly #writer: TrackWriter;
  readonly #source: SourceVideo;
  readonly #offsetTicks: number;
  #durationTicks: number;
  #recentTicks: number[] = [];
  #lastTicks: number | null = null;

  /**
   * @param offsetTicks UTC of source time 0, 90 kHz ticks
   * @param frameRate the expected one, frames a second
   */
  constructor(writer: TrackWriter, source: SourceVideo, offsetTicks: number, frameRate: number) {
    this.#writer = writer;
    this.#source = source;
    this.#offsetTicks = offsetTicks;
    this.#durationTicks = frameTicks(frameRate);
  }

  /**
   * Handles the source's next packet, in decode order.
   *
   * @param timeMs decode time in source time without jumps
   */
  push(packet: CodedVideo, timeMs: number): void {
    if (packet.kind === 'config') {
      // A phone that is turned sends another configuration: its pictures have the size that is said there.
      const own = pictureSize(packet.codec, packet.data);
      this.#writer.configure({
        kind: 'video',
        codec: packet.codec,
        decoderConfig: Buffer.from(packet.data),
        widthPx: own?.widthPx ?? this.#source.width,
        heightPx: own?.heightPx ?? this.#source.height,
        timescaleHz: VIDEO_TIMESCALE_HZ,
      });
      return;
    }
    if (this.#lastTicks === null && !packet.isSync) return;
    const ticks = mediaTicks(timeMs, this.#offsetTicks);
    if (this.#lastTicks !== null) {
      // A source that is read again begins with frames that were already written.
      if (ticks <= this.#lastTicks) return;
      this.#recentTicks = [...this.#recentTicks, ticks - this.#lastTicks].slice(-RECENT);
      this.#durationTicks = Math.min(MAX_FRAME_TICKS, ...this.#recentTicks);
    }
    this.#lastTicks = ticks;
    this.#writer.write({
      decodeTicks: ticks,
      durationTicks: this.#durationTicks,
      compositionOffsetTicks: Math.round(packet.compositionOffsetMs * 90),
      isSync: packet.isSync,
      data: packet.data,
    });
  }
}
