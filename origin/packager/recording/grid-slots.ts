import { segmentStartMs } from '../../../shared/grid.ts';
import { fuller, renditionOfStored } from './late-rendition.ts';
import { gridUnitsOf, type StoredSegment } from './stored-segment.ts';

/** One number of one grid, and what each rendition has in it, be it stored under its own name or as late media. */
export type GridSlot = {
  readonly number: number;
  readonly gridUnits: number;
  /** UTC milliseconds. */
  readonly gridStartMs: number;
  readonly byRendition: ReadonlyMap<string, StoredSegment>;
};

/**
 * Groups segments by their place on the grid.
 *
 * @param segments of any renditions, in any order
 * @returns oldest first; a number that no rendition has is not there
 */
export function gridSlots(segments: readonly StoredSegment[]): GridSlot[] {
  const slots = new Map<number, GridSlot & { readonly byRendition: Map<string, StoredSegment> }>();
  for (const segment of segments) {
    const { number } = segment;
    const gridUnits = gridUnitsOf(segment);
    const gridStartMs = segmentStartMs(number, gridUnits);
    // One of a kind while there are no more than a thousand grids.
    const key = gridStartMs * 1024 + gridUnits;
    let slot = slots.get(key);
    if (slot === undefined) {
      slot = { number, gridUnits, gridStartMs, byRendition: new Map() };
      slots.set(key, slot);
    }
    const rendition = renditionOfStored(segment);
    slot.byRendition.set(rendition, fuller(slot.byRendition.get(rendition), segment));
  }
  return [...slots.values()].toSorted((a, b) => a.gridStartMs - b.gridStartMs);
}

/** Tells whether a slot continues where another one ends. */
export function followsOn(before: GridSlot, slot: GridSlot): boolean {
  return slot.gridUnits === before.gridUnits && slot.number === before.number + 1;
}
