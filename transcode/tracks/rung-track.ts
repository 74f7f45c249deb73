import { readAvcConfig } from '../../media/codec/avc-config.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import type { PictureRepeater } from './picture-repeater.ts';
import type { TrackWriter } from './track-writer.ts';
import { VIDEO_TIMESCALE_HZ } from '../timeline/media-clock.ts';

/** One coded picture with its place on the frame grid. */
export type GridPicture = {
  /** Number of its frame since the epoch, in decode order. */
  readonly frame: number;
  /** Presentation less decode time, in frames; may be negative. */
  readonly compositionFrames: number;
  readonly isSync: boolean;
  /** NAL units with their lengths in front; borrowed. */
  readonly data: Buffer;
};

/** Whoever produces pictures of a rung: one run of an encoder, or the publisher's own pictures. Compared by identity. */
export type PictureProducer = {
  /** 2: each picture stands for two frames. */
  readonly frameStep: 1 | 2;
};

/** What a track is made from. */
export type RungTrackOptions = {
  readonly writer: TrackWriter;
  readonly repeater: PictureRepeater;
  /** Length of a frame, 90 kHz ticks. */
  readonly frameTicks: number;
  readonly framesPerSegment: number;
  readonly widthPx: number;
  readonly heightPx: number;
};

type Expected = {
  readonly producer: PictureProducer;
  fromFrame: number;
  config: Buffer | null;
  hasOutput: boolean;
};

/** A longer hole stays one: the picture has been away, and is no longer repeated. Frames. */
const MAX_FILL_FRAMES = 600;
/** A picture that has stood for so long is followed by one that came too late for its own place, 90 kHz ticks. */
const STAND_TICKS = 0.8 * VIDEO_TIMESCALE_HZ;
/** So many pictures are decoded at once at most: two segments of 2 s at 30 frames a second. */
const MAX_LEAD = 120;

/**
 * The pictures of one rung on the frame grid, without a hole and never late for long.
 *
 * Producers follow each other: the track takes pictures of one until the next one's first picture that can be decoded alone
 * is at its place. Frames that nobody delivers in time repeat the picture before. What a repeat has replaced is not shown when it
 * comes after all, but what follows refers to it: it is decoded in front of the first picture that is in time again. While none
 * is, because a producer is late by more than its track waits, the newest late one is shown now and then: a picture that moves
 * seldom and is a little old says more than one that stands.
 *
 * Pure but for its writer: no clock, no I/O.
 */
export class RungTrack {
  readonly #options: RungTrackOptions;
  #producer: PictureProducer | null = null;
  #expected: Expected | null = null;
  #head: number | null = null;
  /** Repeats follow the last picture, which count as pictures of the stream. */
  #isInterrupted = false;
  /** Configuration of the producer's pictures, from the next one that is written on; null where it is written. */
  #nextConfig: Buffer | null = null;
  /** Pictures of the producer since one that can be decoded alone. */
  #group: GridPicture[] = [];
  /** Repeats since the last one of them. */
  #repeated = 0;
  /** Pictures behind them that came too late, without a hole; null when one is lost. */
  #late: GridPicture[] | null = [];

  constructor(options: RungTrackOptions) {
    this.#options = options;
  }

  /** The next frame to be written; null before the first. */
  get head(): number | null {
    return this.#head;
  }

  /** Whose pictures are taken; null before the first. */
  get producer(): PictureProducer | null {
    return this.#producer;
  }

  /** First frame of the producer that is to come; null when none is. */
  get expectedFrame(): number | null {
    return this.#expected?.fromFrame ?? null;
  }

  /** Pictures of this producer are taken from a frame on; one that was expected before is forgotten. */
  expect(producer: PictureProducer, fromFrame: number): void {
    this.#expected = { producer, fromFrame, config: null, hasOutput: false };
  }

  /** Forgets a producer that ended: nothing of it is taken any more. */
  forget(producer: PictureProducer): void {
    if (this.#expected?.producer === producer) this.#expected = null;
    if (this.#producer === producer) this.#producer = null;
  }

  /** @param config the producer's AVCDecoderConfigurationRecord; copied */
  configure(producer: PictureProducer, config: Buffer): void {
    if (this.#expected?.producer === producer) this.#expected.config = Buffer.from(config);
    else if (this.#producer === producer) {
      this.#nextConfig = Buffer.from(config);
      // Headers that come again say nothing of the pictures in time; late ones are not decoded by another configuration.
      if (this.#isInterrupted || this.#late?.length !== 0) this.#late = null;
    }
  }

  /**
   * Writes a picture of a producer, or drops it.
   *
   * @param references pictures that it may refer to and that are not in the track: they are decoded at the start of its frame and
   *   shown for no time. With the first picture of a producer they begin with one that can be decoded alone
   */
  push(producer: PictureProducer, picture: GridPicture, references: readonly GridPicture[] = []): void {
    const isSync = picture.isSync || references[0]?.isSync === true;
    if (this.#expected?.producer === producer) {
      this.#expected.hasOutput = true;
      if (!isSync || !this.#takesOver(this.#expected, picture)) return;
      // With the repeats of the producer before: they refer to its pictures.
      this.#fillTo(picture.frame);
      this.#producer = producer;
      this.#nextConfig = this.#expected.config;
      this.#expected = null;
    } else if (this.#producer !== producer || this.#isPastItsEnd(picture)) {
      return;
    }
    if (this.#head !== null && picture.frame < this.#head) {
      this.#addLate([...references, picture], isSync);
      return;
    }
    // Within a group of pictures a repeat would change what the next picture refers to.
    const isAfterLate = this.#late === null || this.#late.length > 0 || this.#isInterrupted;
    if (isSync || isAfterLate) this.#fillTo(picture.frame);
    const missed = isSync ? [] : this.#missed();
    if (missed === null) {
      this.#late = null;
      return;
    }
    this.#write(picture, [...missed, ...references]);
    // One that nothing refers to may stand between two others.
    if (producer.frameStep === 2) this.#repeat(false);
  }

  /**
   * Repeats the picture up to a frame, which is the next one to be written afterwards. Nothing happens before the first picture.
   * Where one has stood for long, the newest that came too late takes its place.
   */
  holdTo(frame: number): void {
    if (this.#head === null) return;
    const standFrames = Math.ceil(STAND_TICKS / this.#options.frameTicks);
    while (this.#head < frame) {
      const toFrame = Math.min(frame, this.#head + Math.max(1, standFrames - this.#repeated));
      if (this.#repeated >= standFrames) this.#showLate();
      this.#fillTo(toFrame);
      // A stream that cannot be repeated: the place stays empty.
      if (this.#head < toFrame) break;
    }
  }

  #addLate(pictures: readonly GridPicture[], isSync: boolean): void {
    if (isSync) this.#late = [];
    this.#late?.push(...pictures);
    if (this.#late !== null && this.#late.length > MAX_LEAD) this.#late = null;
  }

  /** What has to be decoded in front of the producer's next picture; null when that cannot be had any more. */
  #missed(): GridPicture[] | null {
    const late = this.#late;
    if (late === null) return null;
    // What follows repeats has to be decoded from the start of the group: its pictures do not count them.
    const isWhole = !this.#isInterrupted || late[0]?.isSync === true;
    const missed = isWhole ? [...late] : [...this.#group, ...late];
    return missed.length > MAX_LEAD || (!isWhole && this.#group.length === 0) ? null : missed;
  }

  /** Shows the newest picture that came too late in the place of the next frame. */
  #showLate(): void {
    const newest = this.#late?.at(-1);
    const missed = newest === undefined ? null : this.#missed();
    if (this.#head === null || newest === undefined || missed === null) return;
    this.#write({ ...newest, frame: this.#head, compositionFrames: 0 }, missed.slice(0, -1));
  }

  /** The producer to come has the place that {@link expect} gave it while the present one has not reached it. */
  #isPastItsEnd(picture: GridPicture): boolean {
    const expected = this.#expected;
    if (expected === null || picture.frame < expected.fromFrame) return false;
    if (expected.hasOutput) return true;
    // It is late: it takes over at the next start of a segment, where it has a picture that can be decoded alone.
    const { framesPerSegment } = this.#options;
    expected.fromFrame = (Math.floor(picture.frame / framesPerSegment) + 1) * framesPerSegment;
    return false;
  }

  /** One that begins late does so while the picture stands; while the one before it is ahead of it there is no need. */
  #takesOver({ fromFrame }: Expected, { frame }: GridPicture): boolean {
    return frame >= fromFrame && (frame >= (this.#head ?? frame) || this.#repeated > 0);
  }

  #setConfig(config: Buffer): void {
    const { writer, repeater } = this.#options;
    const read = readAvcConfig(config);
    // The publisher's own pictures have a size of their own.
    const { widthPx, heightPx } = isMalformed(read) ? this.#options : read.pictures[0];
    const pixelAspect = isMalformed(read) ? null : read.pictures[0].sampleAspectRatio;
    writer.configure({
      kind: 'video',
      codec: 'h264',
      decoderConfig: repeater.configure(config),
      ...{ widthPx, heightPx, timescaleHz: VIDEO_TIMESCALE_HZ },
      ...(pixelAspect === null ? {} : { pixelAspect }),
    });
  }

  /** Where the stream cannot be repeated the place up to the frame stays empty. */
  #fillTo(frame: number): void {
    if (this.#head === null) return;
    this.#head = Math.max(this.#head, frame - MAX_FILL_FRAMES);
    while (this.#head < frame && this.#repeat(true));
  }

  #repeat(isReference: boolean): boolean {
    if (this.#head === null) return false;
    const { framesPerSegment } = this.#options;
    // A still picture needs a place to begin decoding in each segment, as any other one.
    const isDue = this.#head % framesPerSegment === 0 && this.#repeated >= framesPerSegment;
    const leadTicks = isDue ? this.#writeLead(this.#head, this.#group) : 0;
    const data = this.#options.repeater.repeat(isReference);
    if (data === null) return false;
    if (isReference) {
      this.#repeated++;
      this.#isInterrupted = true;
    }
    this.#writeSample(this.#head, { compositionFrames: 0, isSync: false, data }, leadTicks);
    return true;
  }

  #write(picture: GridPicture, references: readonly GridPicture[]): void {
    if (this.#nextConfig !== null) this.#setConfig(this.#nextConfig);
    this.#nextConfig = null;
    if (picture.isSync || references[0]?.isSync === true) this.#group = [];
    this.#group.push(...references, picture);
    this.#repeated = 0;
    this.#late = [];
    this.#isInterrupted = false;
    const leadTicks = this.#writeLead(picture.frame, references);
    this.#options.repeater.follow(picture.data);
    this.#writeSample(picture.frame, picture, leadTicks);
  }

  /**
   * Writes pictures that are decoded at the start of a frame and shown for a tick each.
   *
   * @returns the ticks that they take; 0 when they are too many to leave the frame most of its time
   */
  #writeLead(frame: number, pictures: readonly GridPicture[]): number {
    const { writer, repeater, frameTicks } = this.#options;
    if (pictures.length >= frameTicks / 2) return 0;
    pictures.forEach(({ isSync, data }, at) => {
      repeater.follow(data);
      writer.write({
        decodeTicks: frame * frameTicks + at,
        durationTicks: 1,
        compositionOffsetTicks: 0,
        isSync,
        data,
      });
    });
    return pictures.length;
  }

  #writeSample(frame: number, picture: Omit<GridPicture, 'frame'>, leadTicks: number): void {
    const { writer, frameTicks } = this.#options;
    writer.write({
      decodeTicks: frame * frameTicks + leadTicks,
      durationTicks: frameTicks - leadTicks,
      compositionOffsetTicks: picture.compositionFrames * frameTicks,
      isSync: picture.isSync,
      data: picture.data,
    });
    this.#head = frame + 1;
  }
}
