import type { Mark } from '../media.ts';
import type { Recording, RecordedRendition } from '../recording/recording.ts';
import { renderMark } from './mark-range.ts';
import { writeSegmentLines } from './segment-lines.ts';
import { renderWholeSegments } from './whole-segments.ts';

/** EXT-X-MAP in a playlist of whole segments wants 6, EXT-X-GAP 8 (RFC 8216bis §8). */
const VOD_VERSION = 8;
/** A recording lists no parts, so that a gap has one part of its whole length, which nobody reads. */
const NO_PARTS_MS = Number.POSITIVE_INFINITY;

/**
 * Writes a rendition of a recording as a playlist with an end.
 *
 * @returns the playlist in pieces of some milliseconds' work: it may list a day
 * @param marks of its range, oldest first
 * @param folder where the rendition's media lies, seen from the playlist, with the closing slash
 * @see RFC 8216bis §4.4.3.5 (EXT-X-PLAYLIST-TYPE), §4.4.3.4 (EXT-X-ENDLIST)
 */
export function renderVodPlaylist(
  recording: Recording,
  { segments }: RecordedRendition,
  folder: string,
  marks: readonly Mark[],
): Iterable<string> {
  // "The EXTINF duration … when rounded to the nearest integer, MUST be less than or equal" (§4.4.3.1).
  const targetDurationS = Math.max(1, Math.round(recording.longestMs / 1000));
  const head =
    `#EXTM3U\n#EXT-X-VERSION:${VOD_VERSION}\n#EXT-X-TARGETDURATION:${targetDurationS}\n` +
    `#EXT-X-PLAYLIST-TYPE:VOD\n${recording.isIndependent ? '#EXT-X-INDEPENDENT-SEGMENTS\n' : ''}` +
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.number ?? 0}\n${marks.map(renderMark).join('')}`;
  return renderWholeSegments(segments, { head, hash: '', foot: '#EXT-X-ENDLIST\n' }, folder, (segment) =>
    writeSegmentLines(segment, folder, NO_PARTS_MS),
  );
}
