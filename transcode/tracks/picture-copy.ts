import type { CodedVideo } from '../../media/flv/video-packet.ts';
import type { SourceVideo } from '../job.ts';
import { VIDEO_TIMESCALE_HZ, frameTicks, mediaTicks } from '../timeline/media-clock.ts';
import type { TrackWriter } from './track-writer.ts';

/** A frame is taken for no longer than this, ticks: what the picture stands still for is not its length. */
const MAX_FRAME_TICKS = VIDEO_TIMESCALE_HZ / 2;
/** Intervals that are looked back at. */
const RECENT = 16;

/**
 * Passes a source's picture through as it is, from its first keyframe on, without an ffmpeg.
 *
 * A frame's length is only known when the next one is there; waiting for it would cost a frame of delay. So each is
 * taken to last as long as the shortest of the last few did: the reader lets one that was too short last until the next,
 * but has no place for a frame that comes before the one ahead of it has ended, as after a frame that was lost.
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
   * @param frameRate the one it most likely has
   */
  constructor(writer: TrackWriter, source: SourceVideo, offsetTicks: number, frameRate: number) {
    this.#writer = writer;
    this.#source = source;
    this.#offsetTicks = offsetTicks;
    this.#durationTicks = frameTicks(frameRate);
  }

  /**
   * Takes the source's next packet, in decode order.
   *
   * @param timeMs source time of decoding, jumps taken out
   */
  push(packet: CodedVideo, timeMs: number): void {
    if (packet.kind === 'config') {
      this.#writer.configure({
        kind: 'video',
        codec: packet.codec,
        decoderConfig: Buffer.from(packet.data),
        widthPx: this.#source.width,
        heightPx: this.#source.height,
        timescaleHz: VIDEO_TIMESCALE_HZ,
      });
      return;
    }
    if (this.#lastTicks === null && !packet.isSync) return;
    const ticks = mediaTicks(timeMs, this.#offsetTicks);
    if (this.#lastTicks !== null) {
      // A source that is read anew begins with what was there already.
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
