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
  firstNumber: number;
  /** One behind the last. */
  endNumber: number;
  readonly byRendition: Map<string, Segment[]>;
  /** Laid anew from then on, UTC milliseconds: what had a gap may only have been out of reach. */
  readonly untilMs: number;
};

/** Where a start-over begins. */
export type StartOverFrom = {
  readonly number: number;
  /** It lies further back than is allowed: the beginning moves on with the clock. */
  readonly slides: boolean;
};

/** Channels whose past is kept laid out; the one that was asked for longest ago goes first. */
const MAX_PASTS = 64;
/** How long a past with gaps is kept laid out, milliseconds. */
const GAPS_KEPT_MS = 10_000;
/** What is too old is dropped so many segments at a time: each time, what is left is moved. */
const DROP_SEGMENTS = 256;

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
   * Reads where to begin.
   *
   * @param text value of `?start=`
   * @param nowMs UTC milliseconds
   * @returns never further back than is allowed, and never in the future
   * @throws {StartOverError} `bad-start` (400)
   */
  from(text: string, gridUnits: number, nowMs: number): StartOverFrom {
    if (!/^\d{1,15}$/.test(text)) {
      throw new StartOverError(`start=${text.slice(0, 40)}: want UTC in whole milliseconds`, {
        code: 'bad-start',
        status: 400,
      });
    }
    const oldest = segmentNumberAt(nowMs - this.#deps.maxMs, gridUnits);
    const number = segmentNumberAt(Math.min(Number(text), nowMs), gridUnits);
    return number < oldest ? { number: oldest, slides: true } : { number, slides: false };
  }

  /**
   * The channel from a segment on, to now. Of what has not closed yet, the newest that has is the beginning.
   *
   * @throws {StartOverError} `nothing-new` (503) while the channel has nothing to list, {StoreError} `store-unavailable` (503)
   */
  async view(timeline: ChannelTimeline, number: number, nowMs: number): Promise<ChannelView> {
    const live = timeline.view();
    const oldestLive = Math.min(...live.renditions.map(({ segments }) => segments[0]?.number ?? Infinity));
    if (!Number.isFinite(oldestLive)) {
      throw new StartOverError(`channel ${timeline.options.id}: nothing is listed yet`, {
        code: 'nothing-new',
        status: 503,
      });
    }
    const firstNumber = Math.min(number, Math.max(newestClosed(live), oldestLive));
    if (firstNumber >= oldestLive) return cut(timeline, live, firstNumber);
    const past = await this.#past(timeline, firstNumber, oldestLive, nowMs);
    return join(timeline, past, firstNumber);
  }

  /** Forgets what is laid out of a channel: some of it was deleted. */
  forget(channel: string): void {
    this.#pasts.delete(channel);
  }

  async #past(
    timeline: ChannelTimeline,
    firstNumber: number,
    oldestLive: number,
    nowMs: number,
  ): Promise<Past> {
    const { id, gridUnits } = timeline.options;
    const known = this.#pasts.get(id);
    const reaches = known !== undefined && known.firstNumber <= firstNumber && nowMs < known.untilMs;
    if (reaches && extend(known, timeline)) {
      dropBefore(known, segmentNumberAt(nowMs - this.#deps.maxMs, gridUnits));
      this.#pasts.set(id, known);
      return known;
    }
    const key = `${id}/${firstNumber}`;
    const laying = this.#laying.get(key);
    if (laying !== undefined) return laying;
    const started = this.#lay(timeline, firstNumber, oldestLive, nowMs);
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

  async #lay(
    timeline: ChannelTimeline,
    firstNumber: number,
    endNumber: number,
    nowMs: number,
  ): Promise<Past> {
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
    let hasGaps = false;
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
        hasGaps ||= segment.gap;
        segments.push(segment);
      }
      byRendition.set(rendition, segments);
    }
    const untilMs = hasGaps ? nowMs + GAPS_KEPT_MS : Number.POSITIVE_INFINITY;
    return { firstNumber, endNumber, byRendition, untilMs };
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

/** Drops what is further back than anybody may begin. */
function dropBefore(past: Past, number: number): void {
  if (number - past.firstNumber < DROP_SEGMENTS) return;
  for (const [id, segments] of past.byRendition) past.byRendition.set(id, from(segments, number));
  past.firstNumber = number;
}

/** A past and the live window behind it, as one. */
function join(timeline: ChannelTimeline, past: Past, firstNumber: number): ChannelView {
  const live = timeline.view();
  const renditions = live.renditions.map((rendition): RenditionView => {
    const before = from(past.byRendition.get(rendition.id) ?? [], firstNumber);
    const segments = before.concat(from(rendition.segments, past.endNumber));
    return { ...rendition, segments, discontinuitySequence: sequenceAt(timeline, segments[0]) };
  });
  return { ...live, runs: timeline.log.since(firstNumber), renditions };
}

function cut(timeline: ChannelTimeline, live: ChannelView, firstNumber: number): ChannelView {
  const renditions = live.renditions.map((rendition): RenditionView => {
    const segments = from(rendition.segments, firstNumber);
    return { ...rendition, segments, discontinuitySequence: sequenceAt(timeline, segments[0]) };
  });
  return { ...live, renditions };
}

/** Segments from a number on; theirs follow each other. */
function from(segments: readonly Segment[], number: number): Segment[] {
  return segments.slice(Math.max(0, number - (segments[0]?.number ?? number)));
}

/** Number of the newest segment that is closed in every rendition; 0 for none. */
export function newestClosed({ renditions }: ChannelView): number {
  return Math.min(
    ...renditions.map(({ segments }) => segments.findLast(({ closed }) => closed)?.number ?? 0),
  );
}

/** The discontinuity in front of the first listed segment stands in the playlist, so it does not count. */
function sequenceAt(timeline: ChannelTimeline, first: Segment | undefined): number {
  if (first === undefined) return 0;
  const count = timeline.log.discontinuityNumber(first.number);
  return first.discontinuity ? count - 1 : count;
}
