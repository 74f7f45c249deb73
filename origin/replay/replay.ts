import { setImmediate } from 'node:timers/promises';
import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import type { ArchiveIndex, TimeRange } from '../archive/archive-index.ts';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { TrackInit } from '../packager/media.ts';
import { layRecording, type Recording } from '../packager/recording.ts';
import { endMsOf, gridStartMsOf, type StoredSegment } from '../packager/stored-segment.ts';
import { ReplayError } from './replay-range.ts';

/** What replays are made from. */
export type ReplayDeps = {
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  readonly nowMs: () => number;
};

/** Segments of all recordings that are kept laid out; a lesson has some 1,700 a rendition. About 200 bytes each. */
const MAX_SEGMENTS = 400_000;
/** A day of four renditions takes some 0.3 s of the process that live is served from: only so many wait for their turn. */
const MAX_WAITING = 64;
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
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(deps: ReplayDeps) {
    this.#deps = deps;
  }

  /** How long what is written from a range may be kept, milliseconds. */
  keptMs({ toMs }: TimeRange): number {
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
    const known = this.#kept.get(key);
    if (known !== undefined && isFresh(known, nowMs)) return known.recording;
    this.#makeRoom(nowMs);
    const recording = this.#inTurn(() => this.#lay(channel, range));
    const kept: Kept = { recording, untilMs: nowMs + this.keptMs(range), segments: 0 };
    this.#kept.delete(key);
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

  /** Lays one after the other, with a breath for live in between. */
  #inTurn(lay: () => Promise<Recording>): Promise<Recording> {
    if (this.#waiting >= MAX_WAITING) {
      throw new ReplayError(`${MAX_WAITING} replays are waited for already`, {
        code: 'replay-busy',
        status: 503,
        retryAfterS: 2,
      });
    }
    this.#waiting += 1;
    const laid = this.#turn.then(async () => {
      try {
        await setImmediate();
        return await lay();
      } finally {
        this.#waiting -= 1;
      }
    });
    this.#turn = laid.catch(() => {});
    return laid;
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
  forget(channel: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`${channel}/`)) this.#kept.delete(key);
  }

  async #lay(channel: string, range: TimeRange): Promise<Recording> {
    const { index, reader } = this.#deps;
    const near = await index.between(channel, range);
    // By the grid and not by each track's own times: every rendition begins and ends with the same number.
    const stored = near.filter((segment) => isWithin(segment, range));
    const inits = new Map<string, TrackInit>();
    for (const { rendition, initHash } of stored) {
      const key = `${rendition}/${initHash}`;
      if (inits.has(key)) continue;
      const init = await reader.init(channel, rendition, initHash);
      if (init !== null) inits.set(key, init);
    }
    const recording = layRecording(stored, inits);
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
  return nowMs < untilMs && nowMs > untilMs - PAST_KEPT_MS;
}

function isWithin(segment: StoredSegment, { fromMs, toMs }: TimeRange): boolean {
  return gridStartMsOf(segment) < toMs && endMsOf(segment) > fromMs;
}
