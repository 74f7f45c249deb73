import type { ChannelView } from '../media.ts';
import { liveMarkDateRanges } from './mark-date-range.ts';
import type { DateRange } from './playlist/date-range.ts';
import type { RenditionReport, ServerControl } from './playlist/media-playlist.ts';
import { holdBackS, partHoldBackS, skipBoundaryS } from './playlist-rules.ts';
import { renditionReport } from './rendition-report.ts';
import { runDateRange } from './run-date-range.ts';

/** What the live playlists of all renditions of a view have in common. */
export type SharedTags = {
  readonly serverControl: ServerControl;
  readonly partInf: { readonly partTargetS: number };
  /** The view's runs, then its marks. */
  readonly dateRanges: readonly DateRange[];
  /** By rendition id; null for one that lists nothing. */
  readonly reports: ReadonlyMap<string, RenditionReport | null>;
};

const byView = new WeakMap<ChannelView, SharedTags>();

/** The tags that are the same in every rendition: made once a view, so that their text is written once as well. */
export function sharedTags(view: ChannelView): SharedTags {
  let tags = byView.get(view);
  if (tags === undefined) {
    tags = makeSharedTags(view);
    byView.set(view, tags);
  }
  return tags;
}

function makeSharedTags({ targetDurationS, partTargetMs, runs, marks, renditions }: ChannelView): SharedTags {
  return {
    serverControl: {
      canBlockReload: true,
      canSkipUntilS: skipBoundaryS(targetDurationS),
      holdBackS: holdBackS(targetDurationS),
      partHoldBackS: partHoldBackS(partTargetMs),
    },
    partInf: { partTargetS: partTargetMs / 1000 },
    dateRanges: [...runs.map(runDateRange), ...marks.flatMap(liveMarkDateRanges)],
    reports: new Map(renditions.map((rendition) => [rendition.id, renditionReport(rendition, partTargetMs)])),
  };
}
