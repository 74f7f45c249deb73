import { segmentNumberAt } from '../../../shared/grid.ts';
import type { ChannelView, RenditionView } from '../media.ts';
import type { Directives } from './directives.ts';
import { liveEdge } from './live-edge.ts';

/** How far a rendition's playlist is. */
export type ReloadWindow = {
  /** Media sequence number of the oldest segment. */
  readonly firstNumber: number;
  /** The newest segment that is whole, or has at least one part. */
  readonly lastNumber: number;
  /** Parts of it that are listed; those of a gap among them. */
  readonly partsInLast: number;
  /** No part will be added to it any more. */
  readonly lastClosed: boolean;
  /** Part target duration, milliseconds: gives the Advance Part Limit. */
  readonly partTargetMs: number;
};

/** What to do with a request: answer it, hold it until the next change, or refuse it (400). */
export type ReloadDecision = 'ready' | 'wait' | 'reject';

/**
 * Takes from a view what {@link decideReload} needs.
 *
 * @param nowMs UTC milliseconds; used as the end of the playlist while nothing is listed
 */
export function reloadWindow(
  { partTargetMs, gridUnits }: Pick<ChannelView, 'partTargetMs' | 'gridUnits'>,
  rendition: RenditionView,
  nowMs: number,
): ReloadWindow {
  const edge = liveEdge(rendition, partTargetMs);
  const lastNumber = edge?.number ?? segmentNumberAt(nowMs, gridUnits) - 1;
  return {
    firstNumber: rendition.segments[0]?.number ?? lastNumber,
    lastNumber,
    partsInLast: edge?.partCount ?? 0,
    lastClosed: edge?.closed ?? true,
    partTargetMs,
  };
}

/**
 * Decides how to answer a blocking reload. The caller limits the wait: 503 after three target durations.
 *
 * - `_HLS_msn` alone means the whole segment; its first part does not answer it.
 * - A part past the last of its segment means the first of the next segment.
 * - A request for what is listed already, or has left the playlist, is answered at once with the full playlist.
 *
 * @param window what is on air now
 * @param wanted number ≥ 0, or null for no waiting; part ≥ 0, or null for the whole segment
 * @returns 'reject' for a number > last + 2, or a part beyond the Advance Part Limit
 * @see RFC 8216bis §6.2.5.2
 */
export function decideReload(
  window: ReloadWindow,
  { number, part }: Pick<Directives, 'number' | 'part'>,
): ReloadDecision {
  if (number === null) return 'ready';
  const { lastNumber, partsInLast, lastClosed } = window;
  if (number > lastNumber + 2) return 'reject';
  if (part !== null && number >= lastNumber && partsAhead(window, number, part) > advancePartLimit(window)) {
    return 'reject';
  }
  if (number < lastNumber) return 'ready';
  if (number > lastNumber) return 'wait';
  if (part === null) return lastClosed ? 'ready' : 'wait';
  return part < partsInLast ? 'ready' : 'wait';
}

/** How many parts lie between the newest one and the wanted one, at the least. */
function partsAhead({ lastNumber, partsInLast }: ReloadWindow, number: number, part: number): number {
  return number === lastNumber ? part - (partsInLast - 1) : part + 1;
}

/** "three divided by the Part Target Duration if the Part Target Duration is less than one second, or three otherwise" */
function advancePartLimit({ partTargetMs }: ReloadWindow): number {
  return partTargetMs < 1000 ? Math.ceil(3000 / partTargetMs) : 3;
}
