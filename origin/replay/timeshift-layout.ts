import { segmentNumberAt, segmentTicks } from '../../shared/grid.ts';
import type { LiveChannel, RenditionSegments } from '../live/live-channel.ts';
import type { Part, Segment, TrackInit } from '../packager/media.ts';
import { SLATE } from '../packager/feed/slate-feed.ts';
import type { StoredSegment } from '../packager/recording/stored-segment.ts';

/** The past of one channel, laid out once for all who ask: `byRendition` has one segment a number from `firstNumber` on. */
export type TimeshiftLayout = {
  firstNumber: number;
  /** One behind the last. */
  endNumber: number;
  readonly byRendition: Map<string, Segment[]>;
  /** Some of it could not be asked for: what is a gap may be there all the same. */
  isPartial: boolean;
};

/** What of a stretch is stored. */
export type StoredStretch = {
  readonly stored: readonly StoredSegment[];
  /** By `{rendition}/{hash}`; a segment whose init segment is not there is a gap. */
  readonly inits: ReadonlyMap<string, TrackInit>;
};

/** What is too old is dropped so many segments at a time: each time, what is left is moved. */
const DROP_SEGMENTS = 256;
const NO_PARTS: readonly Part[] = [];

/** A past of no length, where a channel's own memory begins. */
export function emptyLayout({ renditions }: LiveChannel, number: number): TimeshiftLayout {
  const byRendition = new Map(renditions.map(({ id }): [string, Segment[]] => [id, []]));
  return { firstNumber: number, endNumber: number, byRendition, isPartial: false };
}

/**
 * Lays a stretch: what the channel still has, what is stored; else the slate, where the log of runs says that it was on air;
 * else a gap.
 *
 * @param fromNumber its first segment
 * @param toNumber one behind its last
 */
export function layOutStretch(
  channel: LiveChannel,
  fromNumber: number,
  toNumber: number,
  { stored, inits }: StoredStretch,
): Map<string, Segment[]> {
  const found = new Map<string, Map<number, StoredSegment>>();
  for (const segment of stored) {
    let own = found.get(segment.rendition);
    if (own === undefined) {
      own = new Map();
      found.set(segment.rendition, own);
    }
    own.set(segment.number, segment);
  }
  const laid = new Map<string, Segment[]>();
  for (const rendition of channel.renditions) {
    const own = found.get(rendition.id);
    const segments: Segment[] = [];
    let init = rendition.segments[0]?.init ?? channel.slateInit(rendition.kind);
    for (let number = fromNumber; number < toNumber; number += 1) {
      const known = own?.get(number);
      const itsInit = known && inits.get(`${rendition.id}/${known.initHash}`);
      const segment =
        inMemory(rendition, number) ??
        (known && itsInit && recorded(channel, known, itsInit)) ??
        slate(channel, rendition.kind, number) ??
        (init && gap(channel, init, number));
      if (segment === undefined) continue;
      init = segment.init;
      segments.push(segment);
    }
    laid.set(rendition.id, segments);
  }
  return laid;
}

/** Puts what was laid in front of a past: it ends where the past begins. */
export function prependStretch(
  past: TimeshiftLayout,
  firstNumber: number,
  laid: ReadonlyMap<string, readonly Segment[]>,
): void {
  for (const [id, segments] of past.byRendition)
    past.byRendition.set(id, [...(laid.get(id) ?? []), ...segments]);
  past.firstNumber = firstNumber;
}

/** Puts what was laid behind a past: it begins where the past ends. */
export function appendStretch(
  past: TimeshiftLayout,
  endNumber: number,
  laid: ReadonlyMap<string, readonly Segment[]>,
): void {
  for (const [id, segments] of past.byRendition) {
    for (const segment of laid.get(id) ?? []) segments.push(segment);
  }
  past.endNumber = endNumber;
}

/**
 * Adds what has closed since, from the channel's own memory.
 *
 * @returns false where that does not reach back to where the past ended: the stretch between has to be laid
 */
export function extend(past: TimeshiftLayout, channel: LiveChannel): boolean {
  const { renditions } = channel;
  for (;;) {
    const next = renditions.map((rendition) => closedAt(channel, rendition, past.endNumber));
    if (!next.every((segment) => segment !== undefined)) break;
    renditions.forEach(({ id }, index) => {
      const segment = next[index];
      // Without its parts: the bytes of hours would stay.
      if (segment !== undefined) past.byRendition.get(id)?.push({ ...segment, parts: NO_PARTS });
    });
    past.endNumber += 1;
  }
  return past.endNumber >= oldestInMemory(channel);
}

/** Drops what is further back than anybody may begin; some of it stays for a while. */
export function dropBefore(past: TimeshiftLayout, number: number): void {
  if (number - past.firstNumber < DROP_SEGMENTS || number > past.endNumber) return;
  for (const [id, segments] of past.byRendition) past.byRendition.set(id, segmentsFrom(segments, number));
  past.firstNumber = number;
}

/** True where a past was laid for the renditions that the channel has. */
export function fits(past: TimeshiftLayout, { renditions }: LiveChannel): boolean {
  return renditions.every(({ id }) => past.byRendition.has(id));
}

/** How many segments a past holds, of all renditions. */
export function sizeOf({ byRendition }: TimeshiftLayout): number {
  let size = 0;
  for (const segments of byRendition.values()) size += segments.length;
  return size;
}

/** Segments from a number on; their numbers follow each other. */
export function segmentsFrom(segments: readonly Segment[], number: number): Segment[] {
  return segments.slice(Math.max(0, number - (segments[0]?.number ?? number)));
}

/**
 * The first segment that a channel still has in memory; Infinity while it has none. After a restart the uplink sends the last
 * half minute once more, its sound from the middle of a segment on: that one is a gap here, and whole in the archive. So what is
 * a gap at the front, and was on air before this process began, counts as not here.
 */
export function oldestInMemory({ renditions, settings }: LiveChannel): number {
  const startNumber = segmentNumberAt(settings.startMs, settings.gridUnits);
  let number = Math.min(...renditions.map(({ segments }) => segments[0]?.number ?? Number.POSITIVE_INFINITY));
  while (number < startNumber) {
    const all = renditions.map((rendition) => rendition.segment(number));
    // While one of them is still open, what the channel has of this number is not known.
    if (!all.some((segment) => segment?.gap === true) || !all.every((segment) => segment?.closed === true))
      break;
    number += 1;
  }
  return number;
}

/** The newest segment that is closed in every rendition that has one; null for none. */
export function newestClosed({ renditions }: LiveChannel): number | null {
  const newest = renditions.flatMap(
    ({ segments }) => segments.findLast(({ closed }) => closed)?.number ?? [],
  );
  return newest.length === 0 ? null : Math.min(...newest);
}

/** A closed segment that the channel still has and can serve, without its parts: the bytes of hours would stay. */
function inMemory(rendition: RenditionSegments, number: number): Segment | undefined {
  const segment = rendition.segment(number);
  return segment?.closed === true && !segment.gap ? { ...segment, parts: NO_PARTS } : undefined;
}

/** A closed segment from memory; a gap where the rendition came later than the others. */
function closedAt(channel: LiveChannel, rendition: RenditionSegments, number: number): Segment | undefined {
  const segment = rendition.segment(number);
  if (segment !== undefined) return segment.closed ? segment : undefined;
  const [first] = rendition.segments;
  const isLater = first !== undefined && first.number > number && number >= oldestInMemory(channel);
  return isLater ? gap(channel, first.init, number) : undefined;
}

function recorded(channel: LiveChannel, stored: StoredSegment, init: TrackInit): Segment {
  const { number, startTicks, durationTicks } = stored;
  const discontinuity = channel.runs.isDiscontinuity(number);
  return {
    ...{ number, init, startTicks, durationTicks, discontinuity },
    parts: NO_PARTS,
    closed: true,
    gap: false,
  };
}

/** What is on air when nobody is. */
function slate(channel: LiveChannel, kind: TrackInit['kind'], number: number): Segment | undefined {
  if (channel.runs.at(number)?.group !== SLATE) return undefined;
  const init = channel.slateInit(kind);
  return init && { ...gap(channel, init, number), gap: false };
}

function gap(channel: LiveChannel, init: TrackInit, number: number): Segment {
  const ticks = segmentTicks(init.timescaleHz, channel.settings.gridUnits);
  return {
    ...{ number, init, startTicks: number * ticks, durationTicks: ticks },
    parts: NO_PARTS,
    closed: true,
    gap: true,
    discontinuity: channel.runs.isDiscontinuity(number),
  };
}
