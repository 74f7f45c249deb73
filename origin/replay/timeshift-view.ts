import type { LiveChannel } from '../live/live-channel.ts';
import { marksFrom } from '../packager/marks-from.ts';
import type { ChannelView, RenditionView, Segment } from '../packager/media.ts';
import { segmentsFrom, type TimeshiftLayout } from './timeshift-layout.ts';

/**
 * The view of a channel from a segment up to now: a layout of the archive, and behind it the segments in memory.
 *
 * @param layout null when all of it is in memory
 */
export function timeshiftView(
  channel: LiveChannel,
  layout: TimeshiftLayout | null,
  firstNumber: number,
): ChannelView {
  const renditions = channel.renditions.map((rendition): RenditionView => {
    const { id, kind } = rendition;
    const before = segmentsFrom(layout?.byRendition.get(id) ?? [], firstNumber);
    const after = segmentsFrom(rendition.segments, Math.max(firstNumber, layout?.endNumber ?? 0));
    const segments = before.concat(after);
    return { id, kind, segments, discontinuitySequence: discontinuitySequenceOf(channel, segments) };
  });
  return {
    ...channel.settings,
    ...{
      runs: channel.runs.since(firstNumber),
      marks: marksFrom(channel.marks, firstNumber, channel.settings.gridUnits),
      renditions,
    },
  };
}

/** Discontinuities before the first segment, counted back from the newest: the log of runs forgets the oldest runs. */
function discontinuitySequenceOf(channel: LiveChannel, segments: readonly Segment[]): number {
  const newest = segments.at(-1);
  if (newest === undefined) return 0;
  let count = channel.runs.discontinuityNumber(newest.number);
  for (const { discontinuity } of segments) if (discontinuity) count -= 1;
  return Math.max(0, count);
}
