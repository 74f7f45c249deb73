import { liveMarks } from '../marks-from.ts';
import type { ChannelView, Mark, RenditionView } from '../media.ts';
import type { RenditionTimeline } from './rendition-timeline.ts';
import type { RunLog } from './run-log.ts';

/** What a view is made from: a channel's timeline, as far as it is listed. */
export type ListedTimeline = {
  readonly options: Pick<
    ChannelView,
    'id' | 'title' | 'language' | 'partTargetMs' | 'gridUnits' | 'targetDurationS'
  > & { readonly windowSegments: number };
  readonly renditions: readonly RenditionTimeline[];
  readonly log: RunLog;
};

/**
 * Makes the view of a channel: what is listed now.
 *
 * @param next number of the segment that is decided next
 * @param marks oldest first
 */
export function viewOf(
  { options, renditions: all, log }: ListedTimeline,
  next: number,
  marks: readonly Mark[],
): ChannelView {
  const { id, title, language, partTargetMs, gridUnits, targetDurationS, windowSegments } = options;
  const renditions = all.map((rendition): RenditionView => {
    const segments = rendition.segments.filter((segment) => segment.number >= next - windowSegments);
    const first = segments[0];
    const count = first === undefined ? 0 : log.discontinuityNumber(first.number);
    // The discontinuity in front of the first listed segment is still in the playlist, so it is not counted as gone.
    const discontinuitySequence = first?.discontinuity === true ? count - 1 : count;
    return { id: rendition.id, kind: rendition.kind, segments, discontinuitySequence };
  });
  const oldest = Math.min(...renditions.map((view) => view.segments[0]?.number ?? next));
  return {
    ...{ id, title, language, partTargetMs, gridUnits, targetDurationS },
    ...{ runs: log.since(oldest), marks: liveMarks(marks, oldest, gridUnits), renditions },
  };
}
