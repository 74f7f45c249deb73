import { RecentMap } from '../../shared/recent-map.ts';
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

/** Recordings that are kept laid out; a lesson has some thousand segments a rendition. */
const MAX_RECORDINGS = 128;
/** A range that reaches into the present may have grown; one of the past only changes when it is deleted. Milliseconds. */
const PRESENT_MS = 300_000;
const PRESENT_KEPT_MS = 1000;
const PAST_KEPT_MS = 30_000;

type Kept = { readonly recording: Promise<Recording>; readonly untilMs: number };

/** Ranges of the past as recordings: laid once for all who ask, whatever they ask for. */
export class Replay {
  readonly #deps: ReplayDeps;
  readonly #kept = new RecentMap<string, Kept>(MAX_RECORDINGS);

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
   * @throws {ReplayError} `nothing-recorded` (404)
   * @throws {StoreError} `store-unavailable` (503)
   */
  async recording(channel: string, range: TimeRange): Promise<Recording> {
    const key = `${channel}/${range.fromMs}-${range.toMs}`;
    const nowMs = this.#deps.nowMs();
    const kept = this.#kept.get(key);
    if (kept !== undefined && nowMs < kept.untilMs && nowMs > kept.untilMs - PAST_KEPT_MS) {
      return kept.recording;
    }
    const recording = this.#lay(channel, range);
    this.#kept.set(key, { recording, untilMs: nowMs + this.keptMs(range) });
    recording.catch(() => this.#kept.delete(key));
    return recording;
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

function isWithin(segment: StoredSegment, { fromMs, toMs }: TimeRange): boolean {
  return gridStartMsOf(segment) < toMs && endMsOf(segment) > fromMs;
}
