import { segmentNumberAt } from '../../shared/grid.ts';
import type { LiveChannel, RenditionSegments } from '../live/live-channel.ts';
import type { Segment } from '../packager/media.ts';
import { gapSegment, NO_PARTS } from './archived-segments.ts';

/**
 * The first segment that a channel has in memory; Infinity while it has none.
 *
 * After a restart the uplink sends the last half minute again, its sound from the middle of a segment on: that segment is a
 * gap in memory, and whole in the archive. So gaps at the front that were on air before this process began do not count.
 */
export function oldestInMemory({ renditions, settings }: LiveChannel): number {
  const startNumber = segmentNumberAt(settings.startMs, settings.gridUnits);
  let number = Math.min(...renditions.map(({ segments }) => segments[0]?.number ?? Number.POSITIVE_INFINITY));
  while (number < startNumber) {
    const all = renditions.map((rendition) => rendition.segment(number));
    // While one of them is open, it is not known yet which segments of this number will have media.
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

/** A closed segment with media, without its parts. */
export function mediaInMemory(rendition: RenditionSegments, number: number): Segment | undefined {
  const segment = rendition.segment(number);
  return segment?.closed === true && !segment.gap ? { ...segment, parts: NO_PARTS } : undefined;
}

/**
 * The segments of a number, one for each rendition, without their parts; a gap for a rendition that began later.
 *
 * @returns undefined while one of them is open, or no longer in memory
 */
export function closedInMemory(channel: LiveChannel, number: number): Map<string, Segment> | undefined {
  const found = new Map<string, Segment>();
  for (const rendition of channel.renditions) {
    const segment = closedAt(channel, rendition, number);
    if (segment === undefined) return undefined;
    found.set(rendition.id, { ...segment, parts: NO_PARTS });
  }
  return found;
}

function closedAt(channel: LiveChannel, rendition: RenditionSegments, number: number): Segment | undefined {
  const segment = rendition.segment(number);
  if (segment !== undefined) return segment.closed ? segment : undefined;
  const [first] = rendition.segments;
  const isLater = first !== undefined && first.number > number && number >= oldestInMemory(channel);
  return isLater ? gapSegment(channel, first.init, number) : undefined;
}
