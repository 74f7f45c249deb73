import { LRUCache } from 'lru-cache';
import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { subtractRanges, type TimeRange } from '../archive/time-range.ts';
import type { BroadcastLibrary } from './broadcast-library.ts';
import { type BroadcastRecord, libraryLoading, replayRange } from './broadcast-record.ts';

/**
 * What was cut off the recordings of a channel: what is before and after each replay, and all of a deleted broadcast; but not what
 * another broadcast's replay shows.
 *
 * @param broadcasts those of the channel, deleted ones included
 */
export function cutRanges(broadcasts: readonly BroadcastRecord[]): TimeRange[] {
  const cut: TimeRange[] = [];
  const shown: TimeRange[] = [];
  for (const broadcast of broadcasts) {
    const { startMs, endMs, deletedMs } = broadcast;
    const range = replayRange(broadcast);
    if (deletedMs !== undefined) cut.push({ fromMs: startMs, toMs: endMs ?? startMs });
    else if (range === null || endMs === null)
      shown.push({ fromMs: startMs, toMs: Number.POSITIVE_INFINITY });
    else {
      shown.push(range);
      if (range.fromMs > startMs) cut.push({ fromMs: startMs, toMs: range.fromMs });
      if (range.toMs < endMs) cut.push({ fromMs: range.toMs, toMs: endMs });
    }
  }
  return cut.flatMap((range) => subtractRanges(range, shown)).toSorted((a, b) => b.toMs - a.toMs);
}

/** How long the ranges of a channel are used before they are computed again, milliseconds. */
const FRESH_MS = 1000;
/** Channels whose ranges are remembered; more than an origin has. */
const CHANNELS_MOST = 4096;
const NOTHING: readonly TimeRange[] = [];

/** What of a {@link BroadcastLibrary} tells what was cut off. */
export type CutLibrary = Pick<BroadcastLibrary, 'of' | 'deletedOf' | 'isLoaded' | 'isWhole'>;

type ChannelCuts = {
  /** Newest first. */
  readonly ranges: readonly TimeRange[];
  readonly madeMs: number;
  /** Whether the library was loaded by then: before, ranges may be missing. */
  readonly isLoaded: boolean;
  /** Whether all records of the channel were known. */
  readonly isWhole: boolean;
};

/** Knows what was cut off the recordings of each channel. It answers to editors alone, until it is erased. */
export class CutParts {
  readonly #library: CutLibrary;
  readonly #nowMs: () => number;
  readonly #known = new LRUCache<string, ChannelCuts>({ max: CHANNELS_MOST });

  /** @param nowMs UTC milliseconds */
  constructor(library: CutLibrary, nowMs: () => number) {
    this.#library = library;
    this.#nowMs = nowMs;
  }

  /**
   * Whether a segment lies in a cut part as a whole: what stands at its edge is shown. Before the library is loaded, as far as is known.
   *
   * @param number segment number; on the double grid of passthrough, or on the plain one. As the other it would be of another century
   */
  hasSegment(channel: string, number: number): boolean {
    const { ranges } = this.#of(channel);
    // Almost every request is for the present.
    if (ranges.length === 0) return false;
    return [SEGMENT_DURATION_MS, 2 * SEGMENT_DURATION_MS].some(
      (lengthMs) =>
        number * lengthMs < (ranges[0]?.toMs ?? 0) &&
        ranges.some(({ fromMs, toMs }) => number * lengthMs >= fromMs && (number + 1) * lengthMs <= toMs),
    );
  }

  /**
   * What was cut off behind a time, newest first. Before the library is loaded, as far as is known.
   *
   * @param fromMs UTC milliseconds
   */
  since(channel: string, fromMs: number): readonly TimeRange[] {
    const { ranges } = this.#of(channel);
    // Almost every request is for the present.
    if ((ranges[0]?.toMs ?? 0) <= fromMs) return NOTHING;
    return ranges.filter(({ toMs }) => toMs > fromMs);
  }

  /**
   * Whether any of a range was cut.
   *
   * @throws {BroadcastError} `library-loading` (503): nobody knows yet
   */
  touches(channel: string, range: TimeRange): boolean {
    const { ranges, isLoaded } = this.#of(channel);
    if (!isLoaded) throw libraryLoading();
    return ranges.some(({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs);
  }

  /** Whether the library has been read: before that, what was cut off may not be known. */
  get isLoaded(): boolean {
    return this.#library.isLoaded;
  }

  /** Whether all is known that was cut off a channel. Where it is not, no cache may store its past. */
  isSure(channel: string): boolean {
    return this.#of(channel).isWhole;
  }

  /** Forgets what is known of a channel, whose broadcast was just changed here. */
  changed(channel: string): void {
    this.#known.delete(channel);
  }

  #of(channel: string): ChannelCuts {
    const nowMs = this.#nowMs();
    const { isLoaded } = this.#library;
    const known = this.#known.get(channel);
    if (known?.isLoaded === isLoaded && Math.abs(nowMs - known.madeMs) < FRESH_MS) return known;
    const ranges = cutRanges([...this.#library.of(channel), ...this.#library.deletedOf(channel)]);
    const made = { ranges, madeMs: nowMs, isLoaded, isWhole: this.#library.isWhole(channel) };
    this.#known.set(channel, made);
    return made;
  }
}
