import { AppError } from '../../shared/errors.ts';
import { segmentNumberAt, segmentStartMs, segmentTicks } from '../../shared/grid.ts';
import { RecentMap } from '../../shared/recent-map.ts';
import type { ArchiveIndex } from '../archive/archive-index.ts';
import type { ArchiveReader } from '../archive/archive-reader.ts';
import type { ChannelTimeline } from '../packager/channel-timeline.ts';
import type { ChannelView, RenditionView, Segment, TrackInit } from '../packager/media.ts';
import { SLATE } from '../packager/slate.ts';
import type { StoredSegment } from '../packager/stored-segment.ts';

/** A start-over that cannot be given. */
export class StartOverError extends AppError {}

/** What start-over is made from. */
export type StartOverDeps = {
  readonly index: ArchiveIndex;
  readonly reader: ArchiveReader;
  /** How far back it may go, milliseconds. */
  readonly maxMs: number;
};

/** The past of one channel, laid out once for all who ask: `byRendition` has one segment a number from `firstNumber` on. */
type Past = {
  readonly firstNumber: number;
  /** One behind the last. */
  endNumber: number;
  readonly byRendition: Map<string, Segment[]>;
};

/** Channels whose past is kept laid out; the one that was asked for longest ago goes first. */
const MAX_PASTS = 64;

/**
 * A channel from a time in the past on: stored segments, then those of the live window. What was a slate then is a slate
 * again, and what was never there is a gap, so that numbers go on without a hole.
 */
export class StartOver {
  readonly #deps: StartOverDeps;
  readonly #pasts = new RecentMap<string, Past>(MAX_PASTS);
  readonly #laying = new Map<string, Promise<Past>>();

  constructor(deps: StartOverDeps) {
    this.#deps = deps;
  }

  /**
   * Reads the number of the segment to begin with.
   *
   * @param text value of `?start=`
   * @param nowMs UTC milliseconds
   * @returns never further back than is allowed, and never in the future
   * @throws {StartOverError} `bad-start` (400)
   */
  firstNumber(text: string, gridUnits: number, nowMs: number): number {
    if (!/^\d{1,15}$/.test(text)) {
      throw new StartOverError(`start=${text.slice(0, 40)}: want UTC in whole milliseconds`, {
        code: 'bad-start',
        status: 400,
      });
    }
    const startMs = Math.min(Math.max(Number(text), nowMs - this.#deps.maxMs), nowMs);
    return segmentNumberAt(startMs, gridUnits);
  }

  /**
   * The channel from a segment on, to now.
   *
   * @throws {StartOverError} `nothing-new` (503) while the channel has nothing to list, {StoreError} `store-unavailable` (503)
   */
  async view(timeline: ChannelTimeline, firstNumber: number): Promise<ChannelView> {
    const live = timeline.view();
    const oldestLive = Math.min(...live.renditions.map(({ segments }) => segments[0]?.number ?? Infinity));
    if (!Number.isFinite(oldestLive)) {
      throw new StartOverError(`channel ${timeline.options.id}: nothing is listed yet`, {
        code: 'nothing-new',
        status: 503,
      });
    }
    if (firstNumber >= oldestLive) return cut(live, firstNumber);
    const past = await this.#past(timeline, firstNumber, oldestLive);
    return join(timeline, past, firstNumber);
  }

  async #past(timeline: ChannelTimeline, firstNumber: number, oldestLive: number): Promise<Past> {
    const { id } = timeline.options;
    const known = this.#pasts.get(id);
    const reaches = known !== undefined && known.firstNumber <= firstNumber;
    if (reaches && extend(known, timeline)) {
      this.#pasts.set(id, known);
      return known;
    }
    const key = `${id}/${firstNumber}`;
    const laying = this.#laying.get(key);
    if (laying !== undefined) return laying;
    const started = this.#lay(timeline, firstNumber, oldestLive);
    this.#laying.set(key, started);
    try {
      const past = await started;
      extend(past, timeline);
      this.#pasts.set(id, past);
      return past;
    } finally {
      this.#laying.delete(key);
    }
  }

  async #lay(timeline: ChannelTimeline, firstNumber: number, endNumber: number): Promise<Past> {
    const { id, gridUnits } = timeline.options;
    const range = {
      fromMs: segmentStartMs(firstNumber, gridUnits),
      toMs: segmentStartMs(endNumber, gridUnits),
    };
    const stored = new Map<string, StoredSegment>();
    for (const segment of await this.#deps.index.between(id, range)) {
      stored.set(`${segment.rendition}/${segment.number}`, segment);
    }
    const byRendition = new Map<string, Segment[]>();
    for (const { id: rendition, kind, segments: live } of timeline.view().renditions) {
      const segments: Segment[] = [];
      let init: TrackInit | undefined = live[0]?.init;
      for (let number = firstNumber; number < endNumber; number += 1) {
        const found = stored.get(`${rendition}/${number}`);
        const own = found && (await this.#deps.reader.init(id, rendition, found.initHash));
        const segment =
          (found && own && recorded(timeline, found, own)) ??
          slate(timeline, kind, number) ??
          (init && gap(timeline, init, number));
        if (segment === undefined) continue;
        init = segment.init;
        segments.push(segment);
      }
      byRendition.set(rendition, segments);
    }
    return { firstNumber, endNumber, byRendition };
  }
}

function recorded(timeline: ChannelTimeline, stored: StoredSegment, init: TrackInit): Segment {
  const { number, startTicks, durationTicks } = stored;
  const discontinuity = timeline.log.isDiscontinuity(number);
  return { number, init, parts: [], startTicks, durationTicks, closed: true, gap: false, discontinuity };
}

/** What is on air when nobody is: the slate, where the log of runs says that it was. */
function slate(timeline: ChannelTimeline, kind: 'video' | 'audio', number: number): Segment | undefined {
  if (timeline.log.at(number)?.group !== SLATE) return undefined;
  const init = timeline.options.slate.tracks.find((track) => track.init.kind === kind)?.init;
  return init && { ...gap(timeline, init, number), gap: false };
}

function gap(timeline: ChannelTimeline, init: TrackInit, number: number): Segment {
  const ticks = segmentTicks(init.timescaleHz, timeline.options.gridUnits);
  return {
    ...{ number, init, startTicks: number * ticks, durationTicks: ticks },
    parts: [],
    closed: true,
    gap: true,
    discontinuity: timeline.log.isDiscontinuity(number),
  };
}

/**
 * Adds what has closed since.
 *
 * @returns false where the live window does not reach back to where it ended: it has to be laid anew
 */
function extend(past: Past, { renditions }: ChannelTimeline): boolean {
  if (renditions.some(({ id }) => !past.byRendition.has(id))) return false;
  while (renditions.every((rendition) => rendition.segment(past.endNumber)?.closed === true)) {
    for (const rendition of renditions) {
      const segment = rendition.segment(past.endNumber);
      // Without its parts: the bytes of hours would stay.
      if (segment !== undefined) past.byRendition.get(rendition.id)?.push({ ...segment, parts: [] });
    }
    past.endNumber += 1;
  }
  return past.endNumber >= Math.min(...renditions.map(({ segments }) => segments[0]?.number ?? Infinity));
}

/** A past and the live window behind it, as one. */
function join(timeline: ChannelTimeline, past: Past, firstNumber: number): ChannelView {
  const live = timeline.view();
  const renditions = live.renditions.map((rendition): RenditionView => {
    const before = past.byRendition.get(rendition.id) ?? [];
    const after = rendition.segments.filter(({ number }) => number >= past.endNumber);
    const segments = [...before.filter(({ number }) => number >= firstNumber), ...after];
    return { ...rendition, segments, discontinuitySequence: sequenceAt(timeline, segments[0]) };
  });
  return { ...live, runs: timeline.log.since(firstNumber), renditions };
}

function cut(live: ChannelView, firstNumber: number): ChannelView {
  const renditions = live.renditions.map((rendition): RenditionView => {
    const segments = rendition.segments.filter(({ number }) => number >= firstNumber);
    return { ...rendition, segments };
  });
  return { ...live, renditions };
}

/** The discontinuity in front of the first listed segment stands in the playlist, so it does not count. */
function sequenceAt(timeline: ChannelTimeline, first: Segment | undefined): number {
  if (first === undefined) return 0;
  const count = timeline.log.discontinuityNumber(first.number);
  return first.discontinuity ? count - 1 : count;
}
