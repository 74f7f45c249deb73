import type { ChannelView, RenditionView, Segment } from '../media.ts';
import { formatSeconds } from './decimal.ts';

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
 * How far from the end of the playlist parts are listed: "SHOULD be removed from the Playlist after they are greater
 * than three Target Durations from the end" (RFC 8216bis §6.2.2).
 *
 * @returns seconds
 */
export function partRangeS(targetDurationS: number): number {
  return 3 * targetDurationS;
}

/**
 * Writes the tags that stand before the first segment. All but the two sequence numbers are a function of the channel
 * alone: they never change, and are the same in every rendition.
 */
export function renderHeader(view: ChannelView, rendition: RenditionView): string {
  const first = rendition.segments[0]?.number ?? 0;
  return (
    `#EXTM3U\n#EXT-X-VERSION:${PLAYLIST_VERSION}\n` +
    `#EXT-X-TARGETDURATION:${view.targetDurationS}\n` +
    `${renderServerControl(view)}\n` +
    `#EXT-X-PART-INF:PART-TARGET=${formatSeconds(view.partTargetMs / 1000)}\n` +
    (allIndependent(view, rendition.segments) ? '#EXT-X-INDEPENDENT-SEGMENTS\n' : '') +
    `#EXT-X-MEDIA-SEQUENCE:${first}\n` +
    `#EXT-X-DISCONTINUITY-SEQUENCE:${rendition.discontinuitySequence}\n`
  );
}

/**
 * EXT-X-SERVER-CONTROL (RFC 8216bis §4.4.3.8). PART-HOLD-BACK is 3 × the part target, as the HLS Authoring
 * Specification asks (14.3), not the 2 × that the draft would allow.
 */
function renderServerControl(view: ChannelView): string {
  const partHoldBack = formatSeconds((3 * view.partTargetMs) / 1000);
  return (
    '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES' +
    `,CAN-SKIP-UNTIL=${formatSeconds(skipBoundaryS(view.targetDurationS))}` +
    `,HOLD-BACK=${formatSeconds(3 * view.targetDurationS)},PART-HOLD-BACK=${partHoldBack}`
  );
}

/**
 * EXT-X-INDEPENDENT-SEGMENTS holds for every segment of the playlist or must not stand there (RFC 8216bis §4.4.2.1).
 * Passthrough cannot promise it: its source may leave out a keyframe.
 */
function allIndependent(view: ChannelView, segments: readonly Segment[]): boolean {
  return view.gridUnits === 1 && segments.every((segment) => segment.parts[0]?.independent !== false);
}
