import { SEGMENT_DURATION_MS, segmentTicks } from '../../shared/grid.ts';
import type { Part, RenditionInfo, Segment, TrackInit } from './media.ts';
import { followsOn, type GridSlot, gridSlots } from './grid-slots.ts';
import { endMsOf, startMsOf, type StoredSegment } from './stored-segment.ts';

/** One rendition of a recording. Its segments stand side by side with those of the others: same count, same numbers. */
export type RecordedRendition = {
  readonly id: string;
  readonly kind: 'video' | 'audio';
  /** Oldest first; `gap` where this rendition has nothing. `parts` is empty: the bytes are in the store. */
  readonly segments: readonly Segment[];
  readonly info: RenditionInfo;
};

/** A stretch in which the same renditions go on with the same init segments: a DASH Period. */
export type RecordedSpan = {
  /** Indices into each rendition's segments: the first, and one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Earliest beginning and latest end of its media, UTC milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
};

/** What was on air in a range of time, ready to be written as a playlist or manifest that has an end. */
export type Recording = {
  /** Video best first, then audio; at least one. */
  readonly renditions: readonly RecordedRendition[];
  readonly spans: readonly RecordedSpan[];
  /** The longest segment, milliseconds. */
  readonly longestMs: number;
  /** True where every segment begins with a picture that decoding can start at: not on passthrough channels. */
  readonly isIndependent: boolean;
};

type Slot = GridSlot & { readonly discontinuity: boolean };

const NO_PARTS: readonly Part[] = [];

/**
 * Lays stored segments side by side. What was not on air takes no time: where numbers jump, or an init segment changes,
 * there is a discontinuity. Where one rendition has nothing and another has, there is a gap.
 *
 * @param stored in any order
 * @param inits by `{rendition}/{hash}`; a segment whose init segment is not there is left out
 * @returns null when nothing is left
 */
export function layRecording(
  stored: readonly StoredSegment[],
  inits: ReadonlyMap<string, TrackInit>,
): Recording | null {
  const usable = stored.filter(({ rendition, initHash }) => inits.has(`${rendition}/${initHash}`));
  const slots = withDiscontinuities(gridSlots(usable));
  if (slots.length === 0) return null;
  const renditions = distinctRenditions(usable, slots)
    .map((id) => layRendition(id, slots, inits))
    .toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
  return {
    renditions,
    spans: spansOf(slots),
    longestMs: longestOf(renditions),
    isIndependent: slots.every(({ gridUnits }) => gridUnits === 1),
  };
}

/** For a small source, rungs repeat each other segment by segment: one of them is enough to choose from. */
function distinctRenditions(segments: readonly StoredSegment[], slots: readonly GridSlot[]): string[] {
  const totals = new Map<string, { count: number; bytes: number }>();
  for (const { rendition, sizeBytes } of segments) {
    const total = totals.get(rendition);
    if (total === undefined) totals.set(rendition, { count: 1, bytes: sizeBytes });
    else {
      total.count += 1;
      total.bytes += sizeBytes;
    }
  }
  const distinct: string[] = [];
  for (const id of [...totals.keys()].toSorted()) {
    const own = totals.get(id);
    const repeats = (other: string): boolean => {
      const known = totals.get(other);
      return known?.count === own?.count && known?.bytes === own?.bytes && slots.every(isSameIn(id, other));
    };
    if (!distinct.some(repeats)) distinct.push(id);
  }
  return distinct;
}

function isSameIn(id: string, other: string): (slot: GridSlot) => boolean {
  return ({ byRendition }) => {
    const [a, b] = [byRendition.get(id), byRendition.get(other)];
    return a?.initHash === b?.initHash && a?.sizeBytes === b?.sizeBytes;
  };
}

function longestOf(renditions: readonly RecordedRendition[]): number {
  let longestMs = 0;
  for (const { segments } of renditions) {
    for (const { durationTicks, init } of segments) {
      longestMs = Math.max(longestMs, (durationTicks * 1000) / init.timescaleHz);
    }
  }
  return longestMs;
}

function withDiscontinuities(slots: readonly GridSlot[]): Slot[] {
  const hashes = new Map<string, string>();
  return slots.map((slot, index) => {
    const before = slots[index - 1];
    let discontinuity = before !== undefined && !followsOn(before, slot);
    for (const [rendition, { initHash }] of slot.byRendition) {
      const known = hashes.get(rendition);
      if (known !== undefined && known !== initHash) discontinuity = true;
      hashes.set(rendition, initHash);
    }
    const { number, gridUnits, gridStartMs, byRendition } = slot;
    return { number, gridUnits, gridStartMs, byRendition, discontinuity };
  });
}

function layRendition(
  id: string,
  slots: readonly Slot[],
  inits: ReadonlyMap<string, TrackInit>,
): RecordedRendition {
  const own: StoredSegment[] = [];
  for (const { byRendition } of slots) {
    const segment = byRendition.get(id);
    if (segment !== undefined) own.push(segment);
  }
  const initOf = (segment: StoredSegment | undefined): TrackInit | undefined =>
    segment && inits.get(`${id}/${segment.initHash}`);
  const last = own.at(-1);
  let init = initOf(own[0]);
  const info = initOf(last);
  if (init === undefined || info === undefined) throw new RangeError(`rendition ${id} has no segment`);
  const segments: Segment[] = [];
  for (const { number, gridUnits, byRendition, discontinuity } of slots) {
    const segment = byRendition.get(id);
    init = initOf(segment) ?? init;
    const ticks = segmentTicks(init.timescaleHz, gridUnits);
    const startTicks = segment?.startTicks ?? number * ticks;
    const durationTicks = segment?.durationTicks ?? ticks;
    const gap = segment === undefined;
    // Written out, since there may be hundreds of thousands: spreading costs ten times as much.
    segments.push({
      number,
      init,
      discontinuity,
      parts: NO_PARTS,
      startTicks,
      durationTicks,
      closed: true,
      gap,
    });
  }
  return { id, kind: info.kind, segments, info: describe(id, info, own) };
}

function describe(id: string, init: TrackInit, segments: readonly StoredSegment[]): RenditionInfo {
  const { kind, codec, widthPx, heightPx, sampleRateHz, channels } = init;
  const measured = measure(segments);
  const frameRate = kind === 'video' ? measured.framesPerS : 0;
  const { peakBps, averageBps } = measured;
  return { id, kind, codec, widthPx, heightPx, frameRate, sampleRateHz, channels, peakBps, averageBps };
}

/** Bit rates over whole segments (RFC 8216bis §4.4.6.2), and frames a second. */
function measure(segments: readonly StoredSegment[]): {
  readonly framesPerS: number;
  readonly peakBps: number;
  readonly averageBps: number;
} {
  let peakBps = 0;
  let bits = 0;
  let seconds = 0;
  let frames = 0;
  for (const { durationTicks, timescaleHz, sizeBytes, frames: count } of segments) {
    const lastsS = durationTicks / timescaleHz;
    if (lastsS <= 0) continue;
    // What ended in mid-segment is no measure of the peak.
    if (lastsS >= SEGMENT_DURATION_MS / 2000) peakBps = Math.max(peakBps, (sizeBytes * 8) / lastsS);
    bits += sizeBytes * 8;
    seconds += lastsS;
    frames += count;
  }
  const averageBps = seconds === 0 ? 0 : Math.ceil(bits / seconds);
  return {
    framesPerS: seconds === 0 ? 0 : Math.round((frames / seconds) * 100) / 100,
    peakBps: Math.max(Math.ceil(peakBps), averageBps, 1),
    averageBps,
  };
}

function rank({ kind, info }: RecordedRendition): number {
  return kind === 'audio' ? 1 : -info.heightPx;
}

function spansOf(slots: readonly Slot[]): RecordedSpan[] {
  const spans: { from: number; to: number; startMs: number; endMs: number }[] = [];
  slots.forEach((slot, index) => {
    const startMs = Math.min(...[...slot.byRendition.values()].map(startMsOf));
    const endMs = Math.max(...[...slot.byRendition.values()].map(endMsOf));
    const before = slots[index - 1];
    const span = spans.at(-1);
    const goesOn = before !== undefined && !slot.discontinuity && sameRenditions(before, slot);
    if (span === undefined || !goesOn) spans.push({ from: index, to: index + 1, startMs, endMs });
    else {
      span.to = index + 1;
      span.endMs = Math.max(span.endMs, endMs);
    }
  });
  return spans;
}

function sameRenditions(a: Slot, b: Slot): boolean {
  return (
    a.byRendition.size === b.byRendition.size &&
    [...a.byRendition.keys()].every((id) => b.byRendition.has(id))
  );
}
