import type { ChannelView, RenditionView, Segment } from '../media.ts';
import { listedSegment, needsMap } from './listed-segment.ts';
import { markDateRange } from './mark-date-range.ts';
import { mediaFolder } from './media-uri.ts';
import type { MediaPlaylist } from './playlist/media-playlist.ts';
import type { MediaSegment } from './playlist/media-segment.ts';
import { holdBackS, PLAYLIST_VERSION, skipBoundaryS, skippedSegments } from './playlist-rules.ts';
import { runDateRange } from './run-date-range.ts';

/**
 * Makes a rendition's playlist from a past segment on, still live: no segment leaves it, and whole segments are added as they
 * close. It lists no parts: a playlist of hours would be rendered five times a second, and a viewer of the past does not
 * need them. A player returns to live through the live playlist.
 *
 * @param view begins where the playlist is to begin
 * @param options.skip a delta update instead of the whole playlist
 * @param options.slides its beginning moves on with the clock, since it may not be further back: then it is no EVENT
 * @returns its URIs are relative to `/live/{channel}/{rendition}.m3u8`; its segments are made one by one while they are written
 * @see RFC 8216bis §4.4.3.5 (EVENT: "Media Segments can only be added to the end"), §4.4.2.2 (EXT-X-START)
 */
export function startOverPlaylist(
  view: ChannelView,
  rendition: RenditionView,
  { skip, slides }: { readonly skip: boolean; readonly slides: boolean },
): MediaPlaylist {
  const segments = rendition.segments.filter(({ closed }) => closed);
  const { targetDurationS } = view;
  const skipped = skip ? skippedSegments(targetDurationS, segments) : 0;
  return {
    version: PLAYLIST_VERSION,
    targetDurationS,
    playlistType: slides ? null : 'EVENT',
    start: { timeOffsetS: 0, precise: true },
    serverControl: {
      canBlockReload: false,
      canSkipUntilS: skipBoundaryS(targetDurationS),
      holdBackS: holdBackS(targetDurationS),
      partHoldBackS: null,
    },
    partInf: null,
    // Stored segments have no parts here that would tell.
    independentSegments: view.gridUnits === 1,
    mediaSequence: segments[0]?.number ?? 0,
    discontinuitySequence: rendition.discontinuitySequence,
    dateRanges: [...view.runs.map(runDateRange), ...view.marks.map(markDateRange)],
    skip: skipped > 0 ? { skippedSegments: skipped } : null,
    segments: { [Symbol.iterator]: () => listedFrom(segments, skipped, mediaFolder(view.id, rendition.id)) },
    preloadHint: null,
    renditionReports: [],
    hasEnd: false,
  };
}

/** @param from index of the first segment that is not skipped */
function* listedFrom(segments: readonly Segment[], from: number, folder: string): Generator<MediaSegment> {
  let initHash = segments[from - 1]?.init.hash ?? null;
  for (let i = from; i < segments.length; i += 1) {
    const segment = segments[i];
    if (segment === undefined) continue;
    yield listedSegment(segment, { folder, withMap: needsMap(segment, initHash), partTargetMs: null });
    initHash = segment.init.hash;
  }
}
