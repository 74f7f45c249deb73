import { segmentTicks } from '../../../shared/grid.ts';
import type { Part, Segment, TrackInit } from '../media.ts';
import { hasBegun, nextPart, type Source } from './next-part.ts';

/** Where a segment comes from, as the channel decided. */
export type Assignment = {
  readonly discontinuity: boolean;
  /** The track of the feed on air first, then those of its twins. */
  readonly sources: readonly Source[];
};

/**
 * One rendition's segments: it follows the channel's decisions and copies parts from the feed that is on air. Segments
 * are replaced, never changed, so that what was rendered from one may be cached with it.
 */
export class RenditionTimeline {
  readonly id: string;
  readonly kind: 'video' | 'audio';
  readonly #gridUnits: number;
  readonly #retainedSegments: number;
  #segments: Segment[] = [];
  #nextNumber: number;
  #init: TrackInit | null = null;
  /** Numbers of which something was lost on air. */
  #lost: number[] = [];

  /**
   * @param firstNumber where it begins
   * @param retainedSegments how many segments stay downloadable, listed or not
   */
  constructor(
    id: string,
    kind: 'video' | 'audio',
    firstNumber: number,
    gridUnits: number,
    retainedSegments: number,
  ) {
    this.id = id;
    this.kind = kind;
    this.#nextNumber = firstNumber;
    this.#gridUnits = gridUnits;
    this.#retainedSegments = retainedSegments;
  }

  /** Oldest first, consecutive numbers; borrowed. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** The segment of a number, while it is retained. */
  segment(number: number): Segment | undefined {
    const first = this.#segments[0];
    return first === undefined ? undefined : this.#segments[number - first.number];
  }

  /** Numbers of which something was lost since the last call: no source could deliver more in time. */
  takeLost(): readonly number[] {
    const lost = this.#lost;
    if (lost.length > 0) this.#lost = [];
    return lost;
  }

  /** Discards all segments and begins again: nobody watched for longer than the window. */
  restart(firstNumber: number): void {
    this.#segments = [];
    this.#nextNumber = firstNumber;
  }

  /**
   * Goes as far as the sources allow.
   *
   * @param assignmentOf what the channel decided for a segment; undefined where nothing is decided
   * @returns true when something was added or closed
   */
  advance(assignmentOf: (number: number) => Assignment | undefined): boolean {
    let changed = false;
    for (;;) {
      const open = this.#segments.at(-1)?.closed === false ? this.#segments.at(-1) : undefined;
      const number = open?.number ?? this.#nextNumber;
      const assignment = assignmentOf(number);
      if (assignment === undefined) return changed;
      const next = nextPart(assignment.sources, number, open);
      if (next.kind === 'wait') return changed;
      if (next.kind === 'part') this.#add(open, number, next.part, assignment);
      else {
        if (next.kind === 'lost') this.#lost.push(number);
        if (open === undefined) this.#openGap(number, assignment);
        else this.#replaceLast({ ...open, closed: true });
      }
      changed = true;
    }
  }

  #add(open: Segment | undefined, number: number, part: Part, assignment: Assignment): void {
    if (open !== undefined) {
      const durationTicks = open.durationTicks + part.durationTicks;
      this.#replaceLast({ ...open, parts: [...open.parts, part], durationTicks });
      return;
    }
    const init = assignment.sources
      .find(({ track }) => hasBegun(track.segment(number)))
      ?.track.segment(number)?.init;
    if (init === undefined) return;
    this.#init = init;
    this.#append({
      number,
      init,
      parts: [part],
      startTicks: part.startTicks,
      durationTicks: part.durationTicks,
      closed: false,
      gap: false,
      discontinuity: assignment.discontinuity,
    });
  }

  #openGap(number: number, assignment: Assignment): void {
    const init = assignment.sources[0]?.track.init ?? this.#init;
    if (init === null) {
      this.#nextNumber = number + 1;
      return;
    }
    const ticks = segmentTicks(init.timescaleHz, this.#gridUnits);
    this.#append({
      number,
      init,
      parts: [],
      startTicks: number * ticks,
      durationTicks: ticks,
      closed: true,
      gap: true,
      discontinuity: assignment.discontinuity,
    });
  }

  #append(segment: Segment): void {
    this.#segments.push(segment);
    this.#nextNumber = segment.number + 1;
    if (this.#segments.length > this.#retainedSegments) this.#segments.shift();
  }

  #replaceLast(segment: Segment): void {
    this.#segments[this.#segments.length - 1] = segment;
  }
}
