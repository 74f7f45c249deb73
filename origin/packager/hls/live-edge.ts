import type { RenditionView, Segment } from '../media.ts';

/** The newest thing that a rendition's playlist lists. */
export type LiveEdge = {
  /** Media sequence number of the last segment that is whole, or has at least one part. */
  readonly number: number;
  /** Parts of it that are listed. */
  readonly partCount: number;
  /** No part will be added to it any more. */
  readonly closed: boolean;
};

/**
 * Finds the end of a rendition's playlist, which rendition reports name and blocking reloads are compared with.
 *
 * @param partTargetMs part target duration, milliseconds
 * @returns null while nothing is listed
 */
export function liveEdge(rendition: RenditionView, partTargetMs: number): LiveEdge | null {
  for (let i = rendition.segments.length - 1; i >= 0; i -= 1) {
    const segment = rendition.segments[i];
    if (segment === undefined || !isListed(segment)) continue;
    return { number: segment.number, partCount: partCount(segment, partTargetMs), closed: segment.closed };
  }
  return null;
}

/** Tells whether a playlist has a line for a segment: when it is whole, or at least one of its parts is there. */
export function isListed(segment: Segment): boolean {
  return segment.closed || segment.gap || segment.parts.length > 0;
}

/**
 * How many parts a playlist lists for a segment. A gap has as many as media would have had, so that players which wait
 * for one of them are answered (EXT-X-PART with GAP=YES, RFC 8216bis §4.4.4.9).
 *
 * @param partTargetMs part target duration, milliseconds
 */
export function partCount(segment: Segment, partTargetMs: number): number {
  if (!segment.gap) return segment.parts.length;
  const durationMs = (segment.durationTicks * 1000) / segment.init.timescaleHz;
  return Math.max(1, Math.ceil(durationMs / partTargetMs - 1e-6));
}
