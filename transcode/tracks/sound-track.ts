import { readAacConfig, writeAacConfig } from '../../media/codec/aac-config.ts';
import { silentFrame } from '../../media/codec/aac-silence.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE_HZ } from '../../shared/grid.ts';
import { AudioGrid, audioFrameAt } from '../timeline/audio-grid.ts';
import { VIDEO_TIMESCALE_HZ, nextSegmentTicks } from '../timeline/media-clock.ts';
import type { TrackWriter } from './track-writer.ts';

/** Length of a frame in ticks of 90 kHz. A segment has 75 of them, so its start is a frame's start. */
const TICKS_PER_FRAME = (AAC_FRAME_SAMPLES * VIDEO_TIMESCALE_HZ) / AUDIO_SAMPLE_RATE_HZ;

/** Most silence in front of the first sound, in frames: 5.3 s. */
const MAX_LEAD_FRAMES = 250;

/**
 * The sound of a broadcast on the epoch's grid of AAC frames: frames as they come, silence where there are none.
 *
 * It begins at a start of a segment, as pictures that are encoded do. Pictures that are copied begin at their first keyframe,
 * wherever that is: sound beside them begins at once, and not later than they do.
 */
export class SoundTrack {
  readonly #writer: TrackWriter;
  readonly #beginsAtOnce: boolean;
  readonly #grid = new AudioGrid();
  #firstFrame: number | null = null;
  #channels = 2;

  /** @param beginsAtOnce with the first sound or picture, in place of the next start of a segment */
  constructor(writer: TrackWriter, beginsAtOnce = false) {
    this.#writer = writer;
    this.#beginsAtOnce = beginsAtOnce;
  }

  /** Media time up to which there is sound, 90 kHz ticks since the epoch; null before the first frame. */
  get endTicks(): number | null {
    const next = this.#grid.next;
    return next === null || this.#firstFrame === null ? null : next * TICKS_PER_FRAME;
  }

  /** Where the track begins, 90 kHz ticks; null before anything is known. */
  get startTicks(): number | null {
    return this.#firstFrame === null ? null : this.#firstFrame * TICKS_PER_FRAME;
  }

  /** Begins at this start of a frame, 90 kHz ticks since the epoch, unless it has begun already. */
  startAt(ticks: number): void {
    this.#firstFrame ??= Math.round(ticks / TICKS_PER_FRAME);
  }

  /** Where a track begins whose first sound or silence is at a media time; 90 kHz ticks since the epoch, both. */
  startFor(ticks: number): number {
    return this.#beginsAtOnce
      ? Math.ceil(ticks / TICKS_PER_FRAME) * TICKS_PER_FRAME
      : nextSegmentTicks(ticks);
  }

  /** A picture was written at this media time, 90 kHz ticks since the epoch: where sound begins at once, it begins no later. */
  pictureAt(ticks: number): void {
    if (this.#beginsAtOnce) this.#firstFrame ??= Math.floor(ticks / TICKS_PER_FRAME);
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
    const isFirst = this.#grid.next === null;
    const place = this.#grid.place(ticks);
    if (place.kind === 'late') return;
    const missing = isFirst ? this.#leadOf(place.frame) : place.missing;
    this.#silence(place.frame - missing, missing);
    this.#write(place.frame, data);
  }

  /**
   * Fills with silence up to a media time, 90 kHz ticks since the epoch, where no sound has come.
   */
  fillTo(ticks: number): void {
    this.#startBy(ticks);
    const isFirst = this.#grid.next === null;
    const { first, count } = this.#grid.fillTo(audioFrameAt(ticks));
    const lead = isFirst ? this.#leadOf(first) : 0;
    this.#silence(first - lead, lead + count);
  }

  #startBy(ticks: number): void {
    if (this.#firstFrame === null) this.startAt(this.startFor(ticks));
  }

  /** How much silence goes in front of the first frame, in frames. */
  #leadOf(frame: number): number {
    return Math.min(MAX_LEAD_FRAMES, Math.max(0, frame - (this.#firstFrame ?? frame)));
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
