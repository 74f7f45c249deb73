import type { Sample } from '../../../media/bmff/sample.ts';
import { segmentTicks } from '../../../shared/grid.ts';
import { writePart } from '../cmaf/part-writer.ts';
import type { CutEvent, TrackInit } from '../media.ts';
import { PendingPart } from './pending-part.ts';
import { chooseSnap, type Snap } from './snap.ts';

/** How one track of one feed is cut. */
export type SegmenterOptions = {
  readonly init: TrackInit;
  /** No part lasts longer, in milliseconds; may carry a fraction. */
  readonly partTargetMs: number;
  /** How many D one segment lasts: 1 but for passthrough channels. */
  readonly gridUnits: number;
  /**
   * `grid`: segment k begins at k·S. `keyframes`: it begins at the first sync sample at or after k·S, at the latest at
   * the first sample at or after k·S + graceOfSegment·S. Sound is cut on the grid whatever stands here; beside pictures that begin
   * at a keyframe it may begin in mid-segment, as they do.
   */
  readonly cut: 'grid' | 'keyframes';
  /** How long `keyframes` waits for one, in segments; 0.5 when left out. */
  readonly graceOfSegment?: number;
  /** Samples that begin before this are dropped, since their segments are closed; in ticks; 0 when left out. */
  readonly afterTicks?: number;
};

/** What a segmenter has counted since it was made. */
export type SegmenterStats = {
  /** Samples pushed. */
  readonly samples: number;
  readonly parts: number;
  /** Segments begun. */
  readonly segments: number;
  /** Dropped: their time is already covered, as after an uplink's reconnect. */
  readonly late: number;
  /** Dropped while waiting for a sample that can open a segment. */
  readonly waiting: number;
  /** Dropped: their segment has reached a limit. */
  readonly overLimit: number;
  /** Samples that were made to last until the next one, where one was missing. */
  readonly lengthened: number;
  /** Times without a sample between two parts, not counting those before a first segment. */
  readonly holes: number;
  /** Samples longer than a whole part, cut to that length. */
  readonly shortened: number;
  /** Video segments that do not begin with a sync sample. */
  readonly dependent: number;
};

/** Limits for hostile or broken feeds; ordinary ones stay far below. */
const LIMITS = { partSamples: 512, partBytes: 2 ** 24, segmentBytes: 2 ** 26, segmentParts: 64 };

/** A sample that lies so close before a boundary belongs behind it, whatever its own duration; in segments. */
const MAX_SNAP_OF_SEGMENT = 1 / 16;

/**
 * Cuts one feed's track into parts and segments, at sample level.
 *
 * Latency is decided here: a part goes out as soon as one more sample like the last would not fit, or as the segment
 * is full, and never waits for the next sample to come. The first segment begins where one can truly begin (on the grid,
 * a sync sample at the segment's start; at keyframes, any); what comes before is dropped, so that no torn segment is ever
 * listed. The same holds after time has jumped into the middle of a later segment.
 *
 * Pure state: no clock, no I/O. Memory is bounded by one part.
 */
export class Segmenter {
  #init: TrackInit;
  /** Init segment of all segments that are begun from now on. */
  #nextInit: TrackInit;
  readonly #segmentTicks: number;
  readonly #targetTicks: number;
  /** null on the grid. */
  readonly #graceTicks: number | null;
  readonly #snap: Snap;
  readonly #mayBeginLate: boolean;
  readonly #pending = new PendingPart();
  #open: { readonly number: number; nextPart: number; bytes: number } | null = null;
  /** Lowest number that may still be opened. */
  #nextNumber = 0;
  /** Whether the last sample was taken, so that the next one may continue it. */
  #flowing = false;
  /** End of what was taken, as it was written. */
  #headTicks: number;
  /** The same as the source has it: later where a sample was shortened. */
  #sourceEndTicks: number;
  readonly #stats = {
    samples: 0,
    parts: 0,
    segments: 0,
    late: 0,
    waiting: 0,
    overLimit: 0,
    lengthened: 0,
    holes: 0,
    shortened: 0,
    dependent: 0,
  };

  constructor(options: SegmenterOptions) {
    const { init, cut } = options;
    this.#init = init;
    this.#nextInit = init;
    this.#segmentTicks = segmentTicks(init.timescaleHz, options.gridUnits);
    // A hair above, so that 200 ms of 90,000 Hz are 18,000 ticks whatever the fraction's rounding.
    this.#targetTicks = Math.max(1, Math.floor((options.partTargetMs * init.timescaleHz) / 1000 + 1e-6));
    const onGrid = cut === 'grid' || init.kind === 'audio';
    this.#mayBeginLate = cut === 'keyframes';
    this.#graceTicks = onGrid ? null : this.#segmentTicks * (options.graceOfSegment ?? 0.5);
    this.#snap = chooseSnap(init, onGrid);
    this.#headTicks = options.afterTicks ?? 0;
    this.#sourceEndTicks = this.#headTicks;
  }

  /** The counters as they stand; a copy. */
  get stats(): SegmenterStats {
    return { ...this.#stats };
  }

  /** Number of the segment that is open; null while none is. */
  get openNumber(): number | null {
    return this.#open?.number ?? null;
  }

  /**
   * Another init segment holds from the next segment on; the open one ends with the one that it began with.
   *
   * @param init of the same kind, timescale and size of NAL lengths
   */
  changeInit(init: TrackInit): void {
    this.#nextInit = init;
  }

  /**
   * Takes samples in decode order.
   *
   * @param samples their data is copied into parts; it is borrowed until the part goes out
   * @returns what is ready now, in order: every part once, and the close of segments
   */
  push(samples: readonly Sample[]): CutEvent[] {
    const events: CutEvent[] = [];
    for (const sample of samples) this.#take(sample, events);
    return events;
  }

  /** Ends the track: the open segment is closed as it is. */
  finish(): CutEvent[] {
    const events: CutEvent[] = [];
    this.#close(events);
    this.#flowing = false;
    return events;
  }

  #take(sample: Sample, events: CutEvent[]): void {
    this.#stats.samples++;
    const place = this.#snap(sample);
    const late = place === null ? 0 : this.#headTicks - place.startTicks;
    // An overlap of up to half a sample is the source's rounding; more is media that was cut already.
    if (place === null || late > place.durationTicks / 2) {
      this.#stats.late++;
      return;
    }
    const startTicks = place.startTicks + Math.max(0, late);
    const durationTicks = Math.max(1, place.durationTicks - Math.max(0, late));
    const placed = { ...sample, decodeTicks: startTicks, durationTicks };
    const isOpen =
      this.#graceTicks === null
        ? this.#openOnGrid(placed, events)
        : this.#openAtKeyframe(placed, this.#graceTicks, events);
    if (isOpen) this.#add(placed, events);
    else this.#stats.waiting++;
  }

  /** Closes and opens segments as the sample's time asks for; false when the sample belongs to none. */
  #openOnGrid(sample: Sample, events: CutEvent[]): boolean {
    const { decodeTicks: startTicks, durationTicks } = sample;
    const tolerance = this.#snapTolerance(durationTicks);
    const number = Math.max(this.#nextNumber, Math.floor((startTicks + tolerance) / this.#segmentTicks));
    if (this.#open !== null) {
      if (number <= this.#open.number) return true;
      this.#fillUntil(Math.min(startTicks, (this.#open.number + 1) * this.#segmentTicks));
      this.#close(events);
    }
    const lateTicks = startTicks - number * this.#segmentTicks;
    const continues = this.#flowing && startTicks <= this.#sourceEndTicks;
    // Sound may continue after a short hole: each of its frames can be decoded alone.
    const resumes = this.#flowing && this.#init.kind === 'audio' && lateTicks <= this.#targetTicks;
    const begins = sample.isSync && lateTicks >= -tolerance && (this.#mayBeginLate || lateTicks <= tolerance);
    if (!continues && !resumes && !begins) {
      this.#flowing = false;
      return false;
    }
    this.#begin(number, sample);
    return true;
  }

  #openAtKeyframe(sample: Sample, graceTicks: number, events: CutEvent[]): boolean {
    const number = Math.floor(sample.decodeTicks / this.#segmentTicks);
    if (this.#open !== null) {
      const next = this.#open.number + 1;
      if (number < next) return true;
      // Times are rounded to milliseconds, and a picture may have been lost: what follows is still decoded by what was taken.
      const holeTicks = sample.decodeTicks - this.#sourceEndTicks;
      const continues = holeTicks <= Math.max(this.#targetTicks, sample.durationTicks);
      const isInGrace = sample.decodeTicks < next * this.#segmentTicks + graceTicks;
      if (!sample.isSync && continues && isInGrace) return true;
      this.#fillUntil(sample.decodeTicks);
      this.#close(events);
      if (continues && !sample.isSync) {
        this.#begin(number, sample);
        return true;
      }
    }
    if (!sample.isSync || number < this.#nextNumber) {
      this.#flowing = false;
      return false;
    }
    this.#begin(number, sample);
    return true;
  }

  #begin(number: number, sample: Sample): void {
    if (this.#flowing && sample.decodeTicks > this.#headTicks) this.#stats.holes++;
    if (!sample.isSync) this.#stats.dependent++;
    this.#stats.segments++;
    this.#init = this.#nextInit;
    this.#open = { number, nextPart: 0, bytes: 0 };
    // What lies between was no part of this feed's run, or was counted just now.
    this.#headTicks = sample.decodeTicks;
  }

  #add(sample: Sample, events: CutEvent[]): void {
    const open = this.#open;
    if (open === null) return;
    const sizeBytes = sample.data.length;
    // One part may still be pending when a sample begins the next.
    if (open.nextPart + 1 >= LIMITS.segmentParts || open.bytes + sizeBytes > LIMITS.segmentBytes) {
      this.#stats.overLimit++;
      return;
    }
    this.#fillUntil(sample.decodeTicks);
    const durationTicks = Math.min(sample.durationTicks, this.#targetTicks);
    if (durationTicks < sample.durationTicks) this.#stats.shortened++;
    if (sample.decodeTicks > this.#headTicks) this.#stats.holes++;
    // Where a hole is left, the part before it was filled to its target: it goes out here as well.
    const fits =
      this.#pending.ticks + durationTicks <= this.#targetTicks &&
      this.#pending.sizeBytes + sizeBytes <= LIMITS.partBytes;
    if (!fits) this.#emit(events, false);
    this.#pending.add({ ...sample, durationTicks });
    open.bytes += sizeBytes;
    this.#flowing = true;
    this.#headTicks = sample.decodeTicks + durationTicks;
    this.#sourceEndTicks = sample.decodeTicks + sample.durationTicks;
    if (this.#isFull(open.number, sample.durationTicks)) {
      this.#close(events);
    } else if (
      this.#pending.ticks + durationTicks > this.#targetTicks ||
      this.#pending.count >= LIMITS.partSamples
    ) {
      this.#emit(events, false);
    }
  }

  /** Whether the segment's end is reached; only the grid knows it before the next sample comes. */
  #isFull(number: number, durationTicks: number): boolean {
    if (this.#graceTicks !== null) return false;
    const endTicks = (number + 1) * this.#segmentTicks;
    return this.#sourceEndTicks + this.#snapTolerance(durationTicks) >= endTicks;
  }

  /** Half a sample: how far from a boundary one may lie that was meant to lie on it. */
  #snapTolerance(durationTicks: number): number {
    return Math.floor(Math.min(durationTicks / 2, this.#segmentTicks * MAX_SNAP_OF_SEGMENT));
  }

  /** Where samples are missing, extends the last one to the next, as far as its part may still grow. */
  #fillUntil(ticks: number): void {
    const missing = ticks - this.#headTicks;
    if (missing <= 0 || this.#pending.count === 0) return;
    const fill = Math.min(missing, this.#targetTicks - this.#pending.ticks);
    if (fill <= 0) return;
    this.#pending.lengthen(fill);
    this.#headTicks += fill;
    this.#stats.lengthened++;
  }

  #close(events: CutEvent[]): void {
    const open = this.#open;
    if (open === null) return;
    if (this.#pending.count > 0) this.#emit(events, true);
    else events.push({ kind: 'close', number: open.number });
    this.#open = null;
    this.#nextNumber = open.number + 1;
  }

  #emit(events: CutEvent[], last: boolean): void {
    const open = this.#open;
    const durationTicks = this.#pending.ticks;
    const samples = this.#pending.take();
    const first = samples[0];
    if (open === null || first === undefined) return;
    const index = open.nextPart++;
    // Follows from number and index alone: two origins, or one that was restarted, write the same bytes.
    const sequenceNumber = (open.number * LIMITS.segmentParts + index) % 2 ** 32;
    const bytes = writePart({ init: this.#init, sequenceNumber, samples });
    const part = {
      index,
      startTicks: first.decodeTicks,
      durationTicks,
      independent: first.isSync,
      bytes,
    };
    this.#stats.parts++;
    events.push({ kind: 'part', number: open.number, part, last });
  }
}
