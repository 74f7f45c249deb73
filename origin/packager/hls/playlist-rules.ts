import type { ChannelView, Segment } from '../media.ts';

/**
 * The version that EXT-X-SKIP asks for (RFC 8216bis §8). Full playlists and delta updates declare the same one, so that
 * they are equal but for what is skipped.
 */
export const PLAYLIST_VERSION = 9;

/**
 * The Skip Boundary (CAN-SKIP-UNTIL): "MUST be at least six times the Target Duration" (RFC 8216bis §4.4.3.8).
 *
 * @returns seconds
 */
export function skipBoundaryS(targetDurationS: number): number {
  return 6 * targetDurationS;
}

/**
 * HOLD-BACK: "MUST be at least three times the Target Duration" (RFC 8216bis §4.4.3.8).
 *
 * @returns seconds
 */
export function holdBackS(targetDurationS: number): number {
  return 3 * targetDurationS;
}

/**
 * PART-HOLD-BACK: three part targets, as the HLS Authoring Specification asks (14.3), where RFC 8216bis §4.4.3.8 allows
 * two.
 *
 * @returns seconds
 */
export function partHoldBackS(partTargetMs: number): number {
  return (3 * partTargetMs) / 1000;
}

/**
 * How far from the end of the playlist parts are listed: "SHOULD be removed from the Playlist after they are greater
 * than three Target Durations from the end" (RFC 8216bis §6.2.2).
 *
 * @returns seconds
 */
export function partRangeS(targetDurationS: number): number {
  return 3 * targetDurationS;
}

/**
 * How many segments a delta update leaves out: those "further from the end of the last (Parent) Media Segment in the
 * Playlist than the Skip Boundary" (RFC 8216bis §6.2.5.1), counted from the end of the last whole segment and each
 * from its own end, so that nothing within the boundary is ever skipped.
 */
export function skippedSegments(targetDurationS: number, segments: readonly Segment[]): number {
  let leftMs = skipBoundaryS(targetDurationS) * 1000;
  for (let i = segments.length - 1; i >= 0; i -= 1) {
    const segment = segments[i];
    if (segment === undefined || !segment.closed) continue;
    if (leftMs < 0) return i + 1;
    leftMs -= segmentDurationMs(segment);
  }
  return 0;
}

/**
 * Parts leave a playlist a whole segment at a time: players count a segment's parts from the first that is listed.
 *
 * @returns index of the oldest segment that lies within {@link partRangeS} of the end
 */
export function firstSegmentWithParts(targetDurationS: number, segments: readonly Segment[]): number {
  let leftMs = partRangeS(targetDurationS) * 1000;
  for (let i = segments.length - 1; i >= 0; i -= 1) {
    const segment = segments[i];
    if (segment === undefined) break;
    leftMs -= segmentDurationMs(segment);
    if (leftMs < 0) return i + 1;
  }
  return 0;
}

/**
 * EXT-X-INDEPENDENT-SEGMENTS has to hold for every segment of the playlist (RFC 8216bis §4.4.2.1).
 * Passthrough cannot promise it: its source may leave out a keyframe.
 */
export function areIndependent(
  { gridUnits }: Pick<ChannelView, 'gridUnits'>,
  segments: readonly Segment[],
): boolean {
  return gridUnits === 1 && segments.every((segment) => segment.parts[0]?.independent !== false);
}

function segmentDurationMs({ durationTicks, init }: Segment): number {
  return (durationTicks * 1000) / init.timescaleHz;
}
