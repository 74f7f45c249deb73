import { LRUCache } from 'lru-cache';
import { backgroundTurns } from '../../shared/background-turns.ts';
import type { ArchiveIndex } from '../archive/archive-index.ts';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { TimeRange } from '../archive/time-range.ts';
import type { Recording } from '../packager/recording/recording.ts';
import { RecordingLayout } from '../packager/recording/recording-layout.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { ReplayError } from './replay-range.ts';
import { around, belongsTo, onGrid, stretchesOf } from './replay-stretches.ts';

/** What replays work with. */
export type ReplayDeps = {
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  readonly nowMs: () => number;
};

/** Most segments in all cached recordings; a lesson has some 1,700 for each rendition. About 200 bytes each. */
const MAX_SEGMENTS = 400_000;
/** How many recordings are laid out concurrently, since each waits for the store; and how many with those in the queue. */
const LAYOUTS_AT_ONCE = 4;
const MAX_LAYOUTS = 64;
/** Longer ranges have a queue of their own, so that no class waits for them: a day has 211 blocks. Milliseconds. */
const LONG_MS = 6 * 3_600_000;
const MAX_LONG_LAYOUTS = 8;
/** A range that ended less than this ago may still grow; an older one changes only when it is deleted. Milliseconds. */
const RECENT_MS = 300_000;
const RECENT_CACHE_MS = 1000;
const PAST_CACHE_MS = 30_000;

type CachedRecording = {
  readonly recording: Promise<Recording>;
  readonly untilMs: number;
};

/** Lays out ranges of channels as recordings, each once for all viewers. */
export class Replay {
  readonly #deps: ReplayDeps;
  /** By channel and range. A recording counts one segment until it is laid out. */
  readonly #cached = new LRUCache<string, CachedRecording>({ maxSize: MAX_SEGMENTS });
  readonly #queue = new BoundedQueue(LAYOUTS_AT_ONCE, MAX_LAYOUTS);
  readonly #longQueue = new BoundedQueue(1, MAX_LONG_LAYOUTS);

  constructor(deps: ReplayDeps) {
    this.#deps = deps;
  }

  /** How long playlists of a range may be cached, milliseconds. */
  cacheMs({ toMs }: TimeRange): number {
    return toMs > this.#deps.nowMs() - RECENT_MS ? RECENT_CACHE_MS : PAST_CACHE_MS;
  }

  /**
   * The recording of a range, widened to whole segments of the grid: the same range for every rendition.
   *
   * @throws {ReplayError} `nothing-recorded` (404), `replay-busy` (503)
   * @throws {StoreError} `store-unavailable` (503)
   */
  async recording(channel: string, requested: TimeRange): Promise<Recording> {
    const range = onGrid(requested);
    const key = `${channel}/${range.fromMs}-${range.toMs}`;
    const nowMs = this.#deps.nowMs();
    const known = this.#cached.get(key);
    if (known !== undefined && isFresh(known, nowMs)) return known.recording;
    const queue = range.toMs - range.fromMs > LONG_MS ? this.#longQueue : this.#queue;
    const recording = queue.tryRun(() => this.#layOut(channel, range));
    if (recording === null) throw busy();
    const cached: CachedRecording = { recording, untilMs: nowMs + this.cacheMs(range) };
    this.#cached.set(key, cached, { size: 1 });
    try {
      const { renditions } = await recording;
      if (this.#cached.peek(key) === cached) this.#setSize(key, cached, segmentsOf(renditions));
    } catch (error) {
      if (this.#cached.peek(key) === cached) this.#cached.delete(key);
      throw error;
    }
    return recording;
  }

  /** Removes the recordings of a channel: some of its segments were erased. */
  invalidate(channel: string): void {
    for (const key of [...this.#cached.keys()]) if (key.startsWith(`${channel}/`)) this.#cached.delete(key);
  }

  #setSize(key: string, cached: CachedRecording, segments: number): void {
    // The library takes a new size only for a new entry.
    this.#cached.delete(key);
    this.#cached.set(key, cached, { size: Math.min(MAX_SEGMENTS, Math.max(1, segments)) });
  }

  async #layOut(channel: string, range: TimeRange): Promise<Recording> {
    const { index, reader } = this.#deps;
    const layout = new RecordingLayout();
    for (const stretch of stretchesOf(range)) {
      const stored = (await index.between(channel, around(stretch))).filter((segment) =>
        belongsTo(segment, stretch, range),
      );
      const { inits } = await reader.initsOf(channel, stored);
      await backgroundTurns.run('replay', () => layout.add(stored, inits));
    }
    const recording = await backgroundTurns.run('replay', () => layout.finish());
    if (recording !== null) return recording;
    throw new ReplayError(`channel ${channel}: nothing is recorded from ${range.fromMs} to ${range.toMs}`, {
      code: 'nothing-recorded',
      status: 404,
    });
  }
}

/** After the clock was set back, nothing is cached for longer. */
function isFresh({ untilMs }: CachedRecording, nowMs: number): boolean {
  return nowMs < untilMs && nowMs >= untilMs - PAST_CACHE_MS;
}

function segmentsOf(renditions: readonly { readonly segments: readonly unknown[] }[]): number {
  return renditions.reduce((sum, { segments }) => sum + segments.length, 0);
}

function busy(): ReplayError {
  return new ReplayError('this origin is already preparing as many replays as it can', {
    ...{ code: 'replay-busy', status: 503 },
    retryAfterS: 2,
  });
}
