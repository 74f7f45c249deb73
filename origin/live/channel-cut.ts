import { type ChannelConfig, PART_TARGET_MS } from '../../config/schema.ts';
import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { KEYFRAME_GRACE } from '../packager/feed/feed-track.ts';
import type { ChannelTimelineOptions } from '../packager/timeline/channel-timeline.ts';

/** How a channel's media is cut into parts and segments. */
export type ChannelCut = Pick<
  ChannelTimelineOptions,
  'partTargetMs' | 'gridUnits' | 'targetDurationS' | 'videoCut'
>;

/** Passthrough segments last two D: long enough for a keyframe every two seconds, which is what publishers send. */
const PASSTHROUGH_GRID_UNITS = 2;
/**
 * Passthrough parts are a quarter longer: at the frame rates of cameras and phones, 24 and 29.97 among them, whole frames
 * then fill at least 85 % of a part (RFC 8216bis §4.4.4.9). 1.004 holds six frames of 23.976 fps.
 */
const PASSTHROUGH_PART_FACTOR = 1.25 * 1.004;

/** Decides how a channel's media is cut; it follows from the configuration alone. */
export function channelCut({ latency, ladder }: Pick<ChannelConfig, 'latency' | 'ladder'>): ChannelCut {
  const isPassthrough = ladder.mode === 'passthrough';
  const gridUnits = isPassthrough ? PASSTHROUGH_GRID_UNITS : 1;
  // A passthrough segment may end late, at the next keyframe.
  const longestMs = SEGMENT_DURATION_MS * gridUnits * (isPassthrough ? 1 + KEYFRAME_GRACE : 1);
  return {
    // Whole milliseconds: playlists, manifests and the API say the same number, and none of them a fraction.
    partTargetMs: Math.round(PART_TARGET_MS[latency] * (isPassthrough ? PASSTHROUGH_PART_FACTOR : 1)),
    gridUnits,
    // "The EXTINF duration … when rounded to the nearest integer, MUST be less than or equal" (RFC 8216bis §4.4.3.1).
    targetDurationS: Math.round(longestMs / 1000),
    videoCut: isPassthrough ? 'keyframes' : 'grid',
  };
}
