import { segmentTicks } from '../../../shared/grid.ts';
import { followsOn, type GridSlot, gridSlots } from './grid-slots.ts';
import { isLate } from './late-rendition.ts';
import type { Part, Segment, TrackInit } from '../media.ts';
import type { RecordedSpan, Recording } from './recording.ts';
import { RepeatedRenditions } from './repeated-renditions.ts';
import { RecordedBits } from './recorded-bits.ts';
import { endMsOf, startMsOf, type StoredSegment } from './stored-segment.ts';

type Track = {
  readonly id: string;
  readonly segments: Segment[];
  readonly bits: RecordedBits;
  /** That of its newest segment. */
  init: TrackInit;
};
type Span = { -readonly [K in keyof RecordedSpan]: RecordedSpan[K] };

const NO_PARTS: readonly Part[] = [];
/** A last segment that only some renditions have is left out up to this length, milliseconds. */
const LONGEST_STUB_MS = 400;

/**
 * Lays out stored segments of several renditions, a stretch at a time: laying out a day at once would block a process that
 * serves live. Time without any segment is left out: where numbers jump, or an init segment changes, there is a
 * discontinuity. Where one rendition has no segment and another has one, there is a gap.
 *
 * When a connection breaks, pictures and sound end at different points. Where only one of them has just begun the next
 * segment, that remainder is left out: it would be a gap of a whole segment in the other, at which dash.js stops.
 */
export class RecordingLayout {
  readonly #tracks = new Map<string, Track>();
  readonly #spans: Span[] = [];
  /** Grid units of the slots that do not have 1, by index. */
  readonly #longSlots = new Map<number, number>();
  readonly #repeats = new RepeatedRenditions();
  #before: GridSlot | null = null;
  /** The newest slot; it is laid out when the one behind it is known. */
  #next: GridSlot | null = null;
  #nextInits: ReadonlyMap<string, TrackInit> = new Map();
  #count = 0;

  /**
   * Adds a stretch.
   *
   * @param stored in any order; all of it later than what was added before, or in the same slot
   * @param inits by `{rendition}/{hash}`; a segment whose init segment is not there is left out
   */
  add(stored: readonly StoredSegment[], inits: ReadonlyMap<string, TrackInit>): void {
    const usable = stored.filter(({ rendition, initHash }) => inits.has(`${rendition}/${initHash}`));
    for (const slot of gridSlots(usable)) {
      this.#layNext(slot);
      this.#next = slot;
      this.#nextInits = inits;
    }
  }

  /** @param follows null at the end */
  #layNext(follows: GridSlot | null): void {
    const slot = this.#next;
    this.#next = null;
    if (slot === null) return;
    const isLast = follows === null || !followsOn(slot, follows);
    if (!isLast || !isStub(slot, this.#before)) this.#addSlot(slot, this.#nextInits);
  }

  /** The recording of all that was added; null when that is nothing. To be called once, at the end. */
  finish(): Recording | null {
    this.#layNext(null);
    if (this.#count === 0) return null;
    const repeated = this.#repeats.ids;
    const renditions = [...this.#tracks.values()]
      .filter(({ id }) => !repeated.has(id))
      .map(({ id, init, segments, bits }) => ({ id, kind: init.kind, segments, info: bits.info(id, init) }))
      .toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
    return {
      renditions,
      spans: this.#spans,
      longestMs: Math.max(...[...this.#tracks.values()].map(({ bits }) => bits.longestMs)),
      isIndependent: this.#longSlots.size === 0,
    };
  }

  #addSlot(slot: GridSlot, inits: ReadonlyMap<string, TrackInit>): void {
    const { number, gridUnits, byRendition } = slot;
    const before = this.#before;
    let discontinuity = before !== null && !followsOn(before, slot);
    for (const [id, { initHash }] of byRendition) {
      const known = this.#tracks.get(id);
      if (known !== undefined && known.init.hash !== initHash) discontinuity = true;
    }
    this.#repeats.add(slot);
    for (const [id, { rendition, initHash }] of byRendition) {
      const init = inits.get(`${rendition}/${initHash}`);
      if (init === undefined) continue;
      const track = this.#tracks.get(id);
      if (track === undefined) this.#tracks.set(id, this.#begin(id, init));
      else track.init = init;
    }
    if (gridUnits !== 1) this.#longSlots.set(this.#count, gridUnits);
    for (const { id, init, segments, bits } of this.#tracks.values()) {
      const stored = byRendition.get(id);
      segments.push(segmentOf(stored, number, init, gridUnits, discontinuity));
      if (stored === undefined) bits.addGap(segmentTicks(init.timescaleHz, gridUnits) / init.timescaleHz);
      else bits.add(stored);
    }
    this.#addToSpan(slot, discontinuity);
    this.#before = slot;
    this.#count += 1;
  }

  /** A rendition that begins later than others gets gaps until then, so that it has as many segments as they have. */
  #begin(id: string, init: TrackInit): Track {
    const track: Track = { id, init, segments: [], bits: new RecordedBits() };
    const [other] = this.#tracks.values();
    for (const [index, { number, discontinuity }] of (other?.segments ?? []).entries()) {
      const gridUnits = this.#longSlots.get(index) ?? 1;
      track.segments.push(segmentOf(undefined, number, init, gridUnits, discontinuity));
      track.bits.addGap(segmentTicks(init.timescaleHz, gridUnits) / init.timescaleHz);
    }
    return track;
  }

  #addToSpan(slot: GridSlot, discontinuity: boolean): void {
    let startMs = Number.POSITIVE_INFINITY;
    let endMs = Number.NEGATIVE_INFINITY;
    for (const segment of slot.byRendition.values()) {
      startMs = Math.min(startMs, startMsOf(segment));
      endMs = Math.max(endMs, endMsOf(segment));
    }
    const before = this.#before;
    const span = this.#spans.at(-1);
    const goesOn = before !== null && !discontinuity && areSame(before, slot);
    if (span === undefined || !goesOn) {
      this.#spans.push({ from: this.#count, to: this.#count + 1, startMs, endMs });
    } else {
      span.to = this.#count + 1;
      span.endMs = Math.max(span.endMs, endMs);
    }
  }
}

function isStub(slot: GridSlot, before: GridSlot | null): boolean {
  if (before === null || !followsOn(before, slot)) return false;
  const isWhole = [...before.byRendition.keys()].every((id) => slot.byRendition.has(id));
  return (
    !isWhole &&
    [...slot.byRendition.values()].every((segment) => endMsOf(segment) - startMsOf(segment) < LONGEST_STUB_MS)
  );
}

function segmentOf(
  stored: StoredSegment | undefined,
  number: number,
  init: TrackInit,
  gridUnits: number,
  discontinuity: boolean,
): Segment {
  const ticks = segmentTicks(init.timescaleHz, gridUnits);
  // No object spread: there may be hundreds of thousands, and spreading costs ten times as much.
  const gap = stored === undefined;
  const startTicks = stored?.startTicks ?? number * ticks;
  const durationTicks = stored?.durationTicks ?? ticks;
  const segment = {
    number,
    init,
    parts: NO_PARTS,
    startTicks,
    durationTicks,
    closed: true,
    gap,
    discontinuity,
  };
  return stored !== undefined && isLate(stored) ? { ...segment, storedAs: stored.rendition } : segment;
}

function rank({ kind, info }: Recording['renditions'][number]): number {
  return kind === 'audio' ? 1 : -info.heightPx;
}

/** Whether two slots have the same renditions, each stored under the same name: media URLs of a Period differ by number alone. */
function areSame(a: GridSlot, b: GridSlot): boolean {
  if (a.byRendition.size !== b.byRendition.size) return false;
  for (const [id, { rendition }] of a.byRendition)
    if (b.byRendition.get(id)?.rendition !== rendition) return false;
  return true;
}
