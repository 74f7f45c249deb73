import type { Mark, Segment } from '../media.ts';
import type { RecordedRendition, Recording } from '../recording/recording.ts';
import { makeListedSegment, needsMap } from './listed-segment.ts';
import { markDateRange } from './mark-date-range.ts';
import type { MediaPlaylist } from './playlist/media-playlist.ts';
import type { MediaSegment } from './playlist/media-segment.ts';

/** EXT-X-MAP in a playlist of whole segments wants 6, EXT-X-GAP 8 (RFC 8216bis §8). */
const REPLAY_VERSION = 8;

/**
 * Makes the playlist of a rendition of a recording; it has an end.
 *
 * @param folderOf where a rendition's media lies, seen from the playlist, with the closing slash
 * @param marks of its range, oldest first
 * @returns its segments are made one by one while they are written: there may be a day of them
 * @see RFC 8216bis §4.4.3.5 (EXT-X-PLAYLIST-TYPE), §4.4.3.4 (EXT-X-ENDLIST)
 */
export function replayPlaylist(
  recording: Recording,
  { id, segments }: RecordedRendition,
  folderOf: (rendition: string) => string,
  marks: readonly Mark[],
): MediaPlaylist {
  return {
    version: REPLAY_VERSION,
    // "The EXTINF duration … when rounded to the nearest integer, MUST be less than or equal" (§4.4.3.1).
    targetDurationS: Math.max(1, Math.round(recording.longestMs / 1000)),
    playlistType: 'VOD',
    start: null,
    serverControl: null,
    partInf: null,
    independentSegments: recording.isIndependent,
    mediaSequence: segments[0]?.number ?? 0,
    discontinuitySequence: null,
    dateRanges: marks.map(markDateRange),
    skip: null,
    segments: { [Symbol.iterator]: () => listed(id, segments, folderOf) },
    preloadHint: null,
    renditionReports: [],
    hasEnd: true,
  };
}

function* listed(
  id: string,
  segments: readonly Segment[],
  folderOf: (rendition: string) => string,
): Generator<MediaSegment> {
  let initHash: string | null = null;
  for (const segment of segments) {
    const folder = folderOf(segment.storedAs ?? id);
    yield makeListedSegment(segment, { folder, withMap: needsMap(segment, initHash), partTargetMs: null });
    initHash = segment.init.hash;
  }
}
