import { readAacConfig, writeAacConfig } from '../../media/codec/aac-config.ts';
import { silentFrame } from '../../media/codec/aac-silence.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE_HZ } from '../../shared/grid.ts';
import { AudioGrid, audioFrameAt } from '../timeline/audio-grid.ts';
import { VIDEO_TIMESCALE_HZ, nextSegmentTicks } from '../timeline/media-clock.ts';
import type { TrackWriter } from './track-writer.ts';

/** Length of a frame in ticks of 90 kHz. A segment has 75 of them, so its start is a frame's start. */
const TICKS_PER_FRAME = (AAC_FRAME_SAMPLES * VIDEO_TIMESCALE_HZ) / AUDIO_SAMPLE_RATE_HZ;

/**
 * The sound of a broadcast on the epoch's grid of AAC frames: frames as they come, silence where there are none.
 *
 * It begins at a start of a segment, as the picture does.
 */
export class SoundTrack {
  readonly #writer: TrackWriter;
  readonly #grid = new AudioGrid();
  #firstFrame: number | null = null;
  #channels = 2;

  constructor(writer: TrackWriter) {
    this.#writer = writer;
  }

  /** Media time up to which there is sound, 90 kHz ticks since the epoch; null before the first frame. */
  get endTicks(): number | null {
    const next = this.#grid.next;
    return next === null || this.#firstFrame === null ? null : next * TICKS_PER_FRAME;
  }

  /** Start of the segment that the track begins with, 90 kHz ticks; null before anything is known. */
  get startTicks(): number | null {
    return this.#firstFrame === null ? null : this.#firstFrame * TICKS_PER_FRAME;
  }

  /** Begins at this start of a segment, 90 kHz ticks since the epoch, unless it has begun already. */
  startAt(ticks: number): void {
    this.#firstFrame ??= Math.round(ticks / TICKS_PER_FRAME);
  }

  /** @param config AudioSpecificConfig of the frames that follow; copied */
  configure(config: Buffer): void {
    const read = readAacConfig(config);
    this.#channels = isMalformed(read) ? 2 : read.channels;
    this.#writer.configure({
      kind: 'audio',
      decoderConfig: Buffer.from(config),
      channels: this.#channels,
      timescaleHz: AUDIO_SAMPLE_RATE_HZ,
    });
  }

  /**
   * Writes one frame of AAC-LC, 48 kHz.
   *
   * @param ticks its media time, 90 kHz ticks since the epoch
   * @param data copied
   */
  push(ticks: number, data: Buffer): void {
    this.#startBy(ticks);
    const place = this.#grid.place(ticks);
    if (place.kind === 'late') return;
    this.#silence(place.frame - place.missing, place.missing);
    this.#write(place.frame, data);
  }

  /**
   * Fills with silence up to a media time, 90 kHz ticks since the epoch, where no sound has come.
   */
  fillTo(ticks: number): void {
    this.#startBy(ticks);
    const { first, count } = this.#grid.fillTo(audioFrameAt(ticks));
    this.#silence(first, count);
  }

  #startBy(ticks: number): void {
    if (this.#firstFrame === null) this.startAt(nextSegmentTicks(ticks));
  }

  #silence(first: number, count: number): void {
    if (count > 0 && !this.#writer.isConfigured) this.configure(writeAacConfig(AUDIO_SAMPLE_RATE_HZ, 2));
    for (let i = 0; i < count; i++) this.#write(first + i, silentFrame(this.#channels));
  }

  #write(frame: number, data: Buffer): void {
    if (frame < (this.#firstFrame ?? 0)) return;
    this.#writer.write({
      decodeTicks: frame * AAC_FRAME_SAMPLES,
      durationTicks: AAC_FRAME_SAMPLES,
      compositionOffsetTicks: 0,
      isSync: true,
      data,
    });
  }
}
