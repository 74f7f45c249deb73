import type { Segment } from '../packager/media.ts';

/** The segments of one channel for all timeshift viewers: each rendition has one for each number from `firstNumber` on. */
export type TimeshiftLayout = {
  firstNumber: number;
  /** The last number plus one. */
  endNumber: number;
  readonly byRendition: Map<string, Segment[]>;
  /** The store could not be read completely: segments that are gaps here may be stored. */
  isPartial: boolean;
};

/** Old segments are dropped in groups of this size, since each time the others are copied. */
export const DROP_SEGMENTS = 256;

/** A layout without segments, at a number. @param renditions their ids */
export function emptyLayout(renditions: readonly string[], number: number): TimeshiftLayout {
  const byRendition = new Map(renditions.map((id): [string, Segment[]] => [id, []]));
  return { firstNumber: number, endNumber: number, byRendition, isPartial: false };
}

/** Adds segments in front of a layout; they end where it begins. */
export function prependStretch(
  layout: TimeshiftLayout,
  firstNumber: number,
  stretch: ReadonlyMap<string, readonly Segment[]>,
): void {
  for (const [id, segments] of layout.byRendition)
    layout.byRendition.set(id, [...(stretch.get(id) ?? []), ...segments]);
  layout.firstNumber = firstNumber;
}

/** Adds segments behind a layout; they begin where it ends. */
export function appendStretch(
  layout: TimeshiftLayout,
  endNumber: number,
  stretch: ReadonlyMap<string, readonly Segment[]>,
): void {
  for (const [id, segments] of layout.byRendition) {
    for (const segment of stretch.get(id) ?? []) segments.push(segment);
  }
  layout.endNumber = endNumber;
}

/** Drops segments further back than the earliest start; up to {@link DROP_SEGMENTS} of them stay for a while. */
export function dropBefore(layout: TimeshiftLayout, number: number): void {
  if (number - layout.firstNumber < DROP_SEGMENTS || number > layout.endNumber) return;
  for (const [id, segments] of layout.byRendition) layout.byRendition.set(id, segmentsFrom(segments, number));
  layout.firstNumber = number;
}

/** Whether a layout has all renditions of a channel. @param renditions their ids */
export function hasRenditions(layout: TimeshiftLayout, renditions: readonly string[]): boolean {
  return renditions.every((id) => layout.byRendition.has(id));
}

/** How many segments a layout holds, of all renditions. */
export function segmentCount({ byRendition }: TimeshiftLayout): number {
  let count = 0;
  for (const segments of byRendition.values()) count += segments.length;
  return count;
}

/** Segments from a number on; their numbers are consecutive. */
export function segmentsFrom(segments: readonly Segment[], number: number): Segment[] {
  return segments.slice(Math.max(0, number - (segments[0]?.number ?? number)));
}
