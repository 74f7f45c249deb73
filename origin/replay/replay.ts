import { setImmediate } from 'node:timers/promises';
import { SEGMENT_DURATION_MS, segmentStartMs } from '../../shared/grid.ts';
import type { ArchiveIndex } from '../archive/archive-index.ts';
import type { TimeRange } from '../archive/time-range.ts';
import { BLOCK_MS } from '../archive/index-block.ts';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { Recording } from '../packager/recording/recording.ts';
import { RecordingLayout } from '../packager/recording/recording-layout.ts';
import { gridUnitsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';
import { ReplayError } from './replay-range.ts';
import { BoundedQueue } from './bounded-queue.ts';

/** What replays are made from. */
export type ReplayDeps = {
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  readonly nowMs: () => number;
};

/** Segments of all recordings that are kept laid out; a lesson has some 1,700 a rendition. About 200 bytes each. */
const MAX_SEGMENTS = 400_000;
/** Layings of classes: a few at once, since each waits for the store, and so many in all. */
const MAX_LAYINGS = 64;
const LAYINGS_AT_ONCE = 4;
/** What is longer than any class has a lane of its own, so that no class waits for it: a day is read in 211 blocks. Milliseconds. */
const LONG_MS = 6 * 3_600_000;
const MAX_LONG_LAYINGS = 8;
/** How far behind its place on the grid a segment may begin, milliseconds. */
const LATE_MS = 4 * SEGMENT_DURATION_MS;
/** A range that reaches into the present may have grown; one of the past only changes when it is deleted. Milliseconds. */
const PRESENT_MS = 300_000;
const PRESENT_KEPT_MS = 1000;
const PAST_KEPT_MS = 30_000;

type Kept = {
  readonly recording: Promise<Recording>;
  readonly untilMs: number;
  /** 0 until it is laid. */
  segments: number;
};

/** Ranges of the past as recordings: laid once for all who ask, whatever they ask for. */
export class Replay {
  readonly #deps: ReplayDeps;
  /** By channel and range; the oldest first. */
  readonly #kept = new Map<string, Kept>();
  readonly #turns = new BoundedQueue(LAYINGS_AT_ONCE, MAX_LAYINGS);
  readonly #longTurns = new BoundedQueue(1, MAX_LONG_LAYINGS);

  constructor(deps: ReplayDeps) {
    this.#deps = deps;
  }

  /** How long what is written from a range may be kept, milliseconds. */
  cacheMs({ toMs }: TimeRange): number {
    return toMs > this.#deps.nowMs() - PRESENT_MS ? PRESENT_KEPT_MS : PAST_KEPT_MS;
  }

  /**
   * What was on air in a range, cut to the boundaries of segments on the grid: the same for every rendition.
   *
   * @throws {ReplayError} `nothing-recorded` (404), `replay-busy` (503)
   * @throws {StoreError} `store-unavailable` (503)
   */
  async recording(channel: string, asked: TimeRange): Promise<Recording> {
    const range = onGrid(asked);
    const key = `${channel}/${range.fromMs}-${range.toMs}`;
    const nowMs = this.#deps.nowMs();
    this.#makeRoom(nowMs);
    const known = this.#kept.get(key);
    if (known !== undefined) return known.recording;
    const turns = range.toMs - range.fromMs > LONG_MS ? this.#longTurns : this.#turns;
    const recording = turns.tryRun(() => this.#lay(channel, range));
    if (recording === null) throw busy();
    const kept: Kept = { recording, untilMs: nowMs + this.cacheMs(range), segments: 0 };
    this.#kept.set(key, kept);
    try {
      const { renditions } = await recording;
      kept.segments = renditions.reduce((sum, { segments }) => sum + segments.length, 0);
    } catch (error) {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
      throw error;
    }
    return recording;
  }

  /** Lets go of what is over, and of the oldest where there is too much. */
  #makeRoom(nowMs: number): void {
    let segments = 0;
    for (const [key, kept] of this.#kept) {
      if (!isFresh(kept, nowMs)) this.#kept.delete(key);
      else segments += kept.segments;
    }
    for (const [key, kept] of this.#kept) {
      if (segments <= MAX_SEGMENTS) break;
      this.#kept.delete(key);
      segments -= kept.segments;
    }
  }

  /** Forgets what is laid out of a channel: some of it was deleted. */
  invalidate(channel: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`${channel}/`)) this.#kept.delete(key);
  }

  async #lay(channel: string, range: TimeRange): Promise<Recording> {
    const { index, reader } = this.#deps;
    const layout = new RecordingLayout();
    for (const stretch of stretchesOf(range)) {
      // What is on air has its turn after each.
      await setImmediate();
      const near = { fromMs: stretch.fromMs - LATE_MS, toMs: stretch.toMs + LATE_MS };
      const stored = (await index.between(channel, near)).filter((segment) => isIn(segment, stretch, range));
      const { inits } = await reader.initsOf(channel, stored);
      layout.add(stored, inits);
    }
    const recording = layout.finish();
    if (recording !== null) return recording;
    throw new ReplayError(`channel ${channel}: nothing is recorded from ${range.fromMs} to ${range.toMs}`, {
      code: 'nothing-recorded',
      status: 404,
    });
  }
}

/** Other milliseconds are the same segments: whoever asks for each of them is given one recording. */
function onGrid({ fromMs, toMs }: TimeRange): TimeRange {
  const before = Math.floor(fromMs / SEGMENT_DURATION_MS) * SEGMENT_DURATION_MS;
  return { fromMs: before, toMs: Math.ceil(toMs / SEGMENT_DURATION_MS) * SEGMENT_DURATION_MS };
}

/** A clock that is set back makes nothing last longer. */
function isFresh({ untilMs }: Kept, nowMs: number): boolean {
  return nowMs < untilMs && nowMs >= untilMs - PAST_KEPT_MS;
}

/** A range cut into what is laid at a time. The cuts lie within blocks of the index: of two blocks each has what it needs. */
function stretchesOf({ fromMs, toMs }: TimeRange): TimeRange[] {
  const stretches: TimeRange[] = [];
  for (let atMs = fromMs; atMs < toMs; ) {
    const cutMs = (Math.floor(atMs / BLOCK_MS - 0.5) + 1.5) * BLOCK_MS;
    stretches.push({ fromMs: atMs, toMs: Math.min(cutMs, toMs) });
    atMs = cutMs;
  }
  return stretches;
}

/**
 * By the grid and not by each track's own times: every rendition begins and ends with the same number. The range begins
 * with the segment that its beginning falls into.
 */
function isIn(segment: StoredSegment, stretch: TimeRange, range: TimeRange): boolean {
  const gridUnits = gridUnitsOf(segment);
  const startMs = segmentStartMs(segment.number, gridUnits);
  if (startMs >= stretch.toMs) return false;
  if (stretch.fromMs > range.fromMs) return startMs >= stretch.fromMs;
  return segmentStartMs(segment.number + 1, gridUnits) > range.fromMs;
}

function busy(): ReplayError {
  return new ReplayError('as many replays are laid out as one origin bears', {
    ...{ code: 'replay-busy', status: 503 },
    retryAfterS: 2,
  });
}
