import type { Segment } from '../packager/media.ts';

/**
 * The age of a rendition's newest part: now minus the end of its media.
 *
 * @param segments oldest first; gaps have no parts
 * @param nowMs UTC milliseconds
 * @returns milliseconds; null while there is no part
 */
export function renditionLagMs(segments: readonly Segment[], nowMs: number): number | null {
  const newest = segments.findLast(({ parts }) => parts.length > 0);
  const part = newest?.parts.at(-1);
  if (newest === undefined || part === undefined) return null;
  return nowMs - ((part.startTicks + part.durationTicks) * 1000) / newest.init.timescaleHz;
}
