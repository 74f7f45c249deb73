import { segmentTicks } from '../../shared/grid.ts';
import type { LiveChannel } from '../live/live-channel.ts';
import { SLATE } from '../packager/feed/slate-feed.ts';
import type { Part, Segment, TrackInit } from '../packager/media.ts';
import type { StoredSegment } from '../packager/recording/stored-segment.ts';

/** Archived segments are listed without parts, whose bytes would stay in memory for hours. */
export const NO_PARTS: readonly Part[] = [];

/** A stored segment in its form for playlists. */
export function archivedSegment(channel: LiveChannel, stored: StoredSegment, init: TrackInit): Segment {
  const { number, startTicks, durationTicks } = stored;
  const discontinuity = channel.runs.isDiscontinuity(number);
  return {
    ...{ number, init, startTicks, durationTicks, discontinuity },
    parts: NO_PARTS,
    closed: true,
    gap: false,
  };
}

/** The slate's segment of a number; undefined when the slate was not on air then. */
export function slateSegment(
  channel: LiveChannel,
  kind: TrackInit['kind'],
  number: number,
): Segment | undefined {
  if (channel.runs.at(number)?.group !== SLATE) return undefined;
  const init = channel.slateInit(kind);
  return init && { ...gapSegment(channel, init, number), gap: false };
}

/** A gap at a number, exactly on the grid. */
export function gapSegment(channel: LiveChannel, init: TrackInit, number: number): Segment {
  const ticks = segmentTicks(init.timescaleHz, channel.settings.gridUnits);
  return {
    ...{ number, init, startTicks: number * ticks, durationTicks: ticks },
    parts: NO_PARTS,
    closed: true,
    gap: true,
    discontinuity: channel.runs.isDiscontinuity(number),
  };
}
