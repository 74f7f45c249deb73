import type { CaptionScan } from '../../../media/codec/a53-captions.ts';
import type { Sample } from '../../../media/bmff/sample.ts';
import { segmentTicks } from '../../../shared/grid.ts';
import { captionScanOf } from '../cmaf/captions-of.ts';
import { withParameterSets } from '../cmaf/parameter-sets.ts';
import type { Part, TrackInit } from '../media.ts';
import { Segmenter, type SegmenterOptions } from '../segmenter/segmenter.ts';
import type { Coverage } from '../splicer/splicer.ts';

/** A segment as one feed delivers it; it grows until it is closed. */
export type TrackSegment = {
  readonly init: TrackInit;
  readonly parts: readonly Part[];
  readonly closed: boolean;
};

/** What the timeline asks of a track, be it pushed by an encoder or made from the clock. */
export type TrackSource = {
  readonly name: string;
  readonly init: TrackInit;
  /** Frames a second; 0 for sound and while unknown. */
  readonly frameRate: number;
  /** Closed captions that its pictures have carried so far, by INSTREAM-ID. */
  readonly captions: readonly string[];
  coverage(number: number): Coverage;
  segment(number: number): TrackSegment | undefined;
};

/** How a track is cut, and how much of it is retained. */
export type FeedTrackOptions = Omit<SegmenterOptions, 'init' | 'cut'> & {
  /** How video is cut; sound is always cut on the grid, and begins where such video may begin. */
  readonly videoCut: SegmenterOptions['cut'];
  readonly retainedSegments: number;
};

/**
 * How long a passthrough segment waits for a keyframe, in segments. With segments of 3.2 s and a keyframe every 2 s, which
 * is what publishers send, every segment begins with one, and none is longer than 1.65 segments.
 */
export const KEYFRAME_GRACE = 0.65;

/**
 * One track of one feed: samples in, segments out. The newest segments are retained.
 *
 * An uplink that connects again sends the last seconds once more; what has been received already is dropped by decode time.
 */
export class FeedTrack implements TrackSource {
  readonly name: string;
  #init: TrackInit;
  /** Segments before this number belong to the init segment before. */
  #before: { readonly init: TrackInit; readonly untilNumber: number } | null = null;
  /** True from a new init segment on, until its first sample tells whether it continues the open segment. */
  #isUndecided = false;
  #segmenter: Segmenter;
  readonly #options: FeedTrackOptions;
  readonly #segments = new Map<number, { init: TrackInit; parts: Part[]; closed: boolean }>();
  #newest = Number.NEGATIVE_INFINITY;
  #firstPossible = Number.POSITIVE_INFINITY;
  #headTicks = Number.NEGATIVE_INFINITY;
  #captionScan: CaptionScan | null;
  readonly #counted = { frames: 0, ticks: 0 };
  #finished = false;

  constructor(name: string, init: TrackInit, options: FeedTrackOptions) {
    this.name = name;
    this.#init = init;
    this.#options = options;
    this.#segmenter = this.#newSegmenter();
    this.#captionScan = captionScanOf(init);
  }

  get captions(): readonly string[] {
    return this.#captionScan?.services ?? [];
  }

  get init(): TrackInit {
    return this.#init;
  }

  get frameRate(): number {
    if (this.#init.kind === 'audio' || this.#counted.frames === 0) return 0;
    // Over many frames, since durations may carry the millisecond rounding of FLV.
    const rate = (this.#counted.frames * this.#init.timescaleHz) / this.#counted.ticks;
    return Math.round(rate * 10) / 10;
  }

  /** Number of the newest segment that it has begun; not finite before the first. */
  get newestNumber(): number {
    return this.#newest;
  }

  /** Media time up to which samples have come, UTC milliseconds; -Infinity before the first. */
  get headMs(): number {
    return (this.#headTicks / this.#init.timescaleHz) * 1000;
  }

  /**
   * Takes an init segment; the same one again changes nothing.
   *
   * Where it changes within a segment, as when a phone is turned, the pictures that follow at once are still in that segment:
   * they have their parameter sets in front of them, and no moment of the class is lost.
   *
   * @returns the first segment number that can be encoded the new way, or null when nothing changed
   */
  reinit(init: TrackInit): number | null {
    const same = init.hash === this.#init.hash;
    if (same && !this.#finished) return null;
    const { openNumber } = this.#segmenter;
    if (openNumber === null || this.#finished || !canContinue(this.#init, init))
      return this.#begin(init, same);
    const untilNumber = openNumber + 1;
    // A second change in the same segment: what it began with still stands in front of it.
    if (this.#before?.untilNumber !== untilNumber) this.#before = { init: this.#init, untilNumber };
    this.#isUndecided = true;
    this.#init = init;
    return untilNumber;
  }

  /** Ends what is open, and begins with the next segment. */
  #begin(init: TrackInit, same: boolean): number | null {
    if (!same && !canContinue(this.#init, init)) this.#captionScan = captionScanOf(init);
    if (!this.#finished) this.finish();
    this.#finished = false;
    this.#isUndecided = false;
    this.#before = null;
    this.#init = init;
    this.#segmenter = this.#newSegmenter();
    this.#firstPossible = Number.POSITIVE_INFINITY;
    if (same) return null;
    this.#headTicks = Number.NEGATIVE_INFINITY;
    return this.#newest + 1;
  }

  /**
   * Takes samples in decode order.
   *
   * @returns true when a part was finished or a segment closed
   */
  push(samples: readonly Sample[]): boolean {
    const [next] = samples;
    if (next !== undefined && this.#isUndecided) this.#decide(next);
    const fresh = samples.filter((sample) => sample.decodeTicks >= this.#headTicks);
    const last = fresh.at(-1);
    if (last === undefined) return false;
    if (this.#firstPossible === Number.POSITIVE_INFINITY) {
      this.#firstPossible = this.#firstNumber(fresh[0] ?? last);
    }
    for (const sample of fresh) {
      this.#captionScan?.take(sample.data);
      this.#counted.frames += 1;
      this.#counted.ticks += this.#believed(sample);
    }
    this.#headTicks = last.decodeTicks + this.#believed(last) / 2;
    return this.#take(this.#segmenter.push(fresh.map((sample) => withParameterSets(sample, this.#init))));
  }

  /** The first sample after a new init segment: one that goes on where the last one ended may stay in the open segment. */
  #decide({ isSync, decodeTicks }: Sample): void {
    this.#isUndecided = false;
    if (isSync && decodeTicks >= this.#headTicks) this.#segmenter.changeInit(this.#init);
    else this.#begin(this.#init, false);
  }

  /** Ends the track: what is open is closed as it is. */
  finish(): boolean {
    this.#finished = true;
    return this.#take(this.#segmenter.finish());
  }

  coverage(number: number): Coverage {
    const segment = this.#segments.get(number);
    if (segment !== undefined && segment.parts.length > 0) return 'has';
    if (this.#finished || number < this.#newest) return 'never';
    // The track is open and its first sample has not arrived: which segments it can deliver is not known yet.
    if (this.#firstPossible === Number.POSITIVE_INFINITY) return 'may';
    if (number < this.#firstPossible) return 'never';
    return number < Math.floor(this.#headTicks / this.#segmentTicks) ? 'never' : 'may';
  }

  segment(number: number): TrackSegment | undefined {
    return this.#segments.get(number);
  }

  /** The segment that a first sample can open. Half a frame of tolerance: one that lies on the boundary opens that very segment. */
  #firstNumber(first: Sample): number {
    const half = this.#believed(first) / 2;
    const beginsLate = this.#options.videoCut === 'keyframes' && first.isSync;
    return beginsLate
      ? Math.max(this.#newest + 1, Math.floor((first.decodeTicks + half) / this.#segmentTicks))
      : Math.ceil((first.decodeTicks - half) / this.#segmentTicks);
  }

  /** A sample's duration, at most one segment: an encoder may write one of hours, and all that follows would be dropped as late. */
  #believed(sample: Sample): number {
    return Math.min(sample.durationTicks, this.#segmentTicks);
  }

  #initOf(number: number): TrackInit {
    const before = this.#before;
    if (before !== null && number < before.untilNumber) return before.init;
    // What belongs to the one before is closed by now.
    if (!this.#isUndecided) this.#before = null;
    return this.#init;
  }

  get #segmentTicks(): number {
    return segmentTicks(this.#init.timescaleHz, this.#options.gridUnits);
  }

  #newSegmenter(): Segmenter {
    const { videoCut, partTargetMs, gridUnits } = this.#options;
    return new Segmenter({
      init: this.#init,
      partTargetMs,
      gridUnits,
      cut: videoCut,
      graceOfSegment: KEYFRAME_GRACE,
      // Closed segments stay closed: a track that is opened again continues in the next segment.
      afterTicks: Math.max(0, (this.#newest + 1) * this.#segmentTicks),
    });
  }

  #take(events: ReturnType<Segmenter['push']>): boolean {
    for (const event of events) {
      if (event.kind === 'close') {
        const closing = this.#segments.get(event.number);
        if (closing !== undefined) closing.closed = true;
        continue;
      }
      let segment = this.#segments.get(event.number);
      if (segment === undefined) {
        segment = { init: this.#initOf(event.number), parts: [], closed: false };
        this.#segments.set(event.number, segment);
        this.#newest = Math.max(this.#newest, event.number);
        for (const old of this.#segments.keys()) {
          if (old <= event.number - this.#options.retainedSegments) this.#segments.delete(old);
        }
      }
      segment.parts.push(event.part);
      segment.closed = event.last;
    }
    return events.length > 0;
  }
}

/** Whether pictures of the second may follow those of the first in one segment: decoders go by the parameter sets in band. */
function canContinue(before: TrackInit, after: TrackInit): boolean {
  if (after.kind !== 'video' || before.timescaleHz !== after.timescaleHz) return false;
  if (before.trackId !== after.trackId) return false;
  // AV1 has its sequence header in each random access point anyway.
  if (before.codec.startsWith('av01') && after.codec.startsWith('av01')) return true;
  const [old, own] = [before.parameterSets, after.parameterSets];
  if (old === undefined || own === undefined || own.bytes.length === 0) return false;
  return old.kind === own.kind && old.lengthSize === own.lengthSize;
}
