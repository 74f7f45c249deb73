import type { ChannelView, RenditionView } from '../media.ts';
import { renderDateRange } from './date-range.ts';
import { formatSeconds } from './decimal.ts';
import { renderMark } from './mark-range.ts';
import { skippedSegments } from './media-playlist.ts';
import { mediaFolder } from './media-uri.ts';
import { PLAYLIST_VERSION, skipBoundaryS } from './playlist-header.ts';
import { segmentLines } from './segment-lines.ts';
import { renderWholeSegments } from './whole-segments.ts';

/**
 * Writes a rendition's playlist from a past segment on, still live: nothing leaves it, and whole segments are added as they
 * close. It lists no parts: who watches the past is in no hurry, and a playlist of hours is not to be written five times a
 * second; the way back to live is the live playlist.
 *
 * @param view begins where the playlist is to begin
 * @param options.skip a delta update instead of the whole playlist
 * @param options.slides its beginning moves on with the clock, since it may not be further back: then it is no EVENT
 * @returns the playlist in pieces of some milliseconds' work: it may list hours
 * @see RFC 8216bis §4.4.3.5 (EVENT: "Media Segments can only be added to the end"), §4.4.2.2 (EXT-X-START)
 */
export function renderStartOverPlaylist(
  view: ChannelView,
  rendition: RenditionView,
  { skip, slides }: { readonly skip: boolean; readonly slides: boolean },
): Iterable<string> {
  const segments = rendition.segments.filter(({ closed }) => closed);
  const folder = mediaFolder(view.id, rendition.id);
  let head =
    `#EXTM3U\n#EXT-X-VERSION:${PLAYLIST_VERSION}\n#EXT-X-TARGETDURATION:${view.targetDurationS}\n` +
    `${slides ? '' : '#EXT-X-PLAYLIST-TYPE:EVENT\n'}#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n` +
    `#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=${formatSeconds(skipBoundaryS(view.targetDurationS))}` +
    `,HOLD-BACK=${formatSeconds(3 * view.targetDurationS)}\n` +
    (view.gridUnits === 1 ? '#EXT-X-INDEPENDENT-SEGMENTS\n' : '') +
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.number ?? 0}\n` +
    `#EXT-X-DISCONTINUITY-SEQUENCE:${rendition.discontinuitySequence}\n`;
  for (const run of view.runs) head += renderDateRange(run);
  for (const mark of view.marks) head += renderMark(mark);
  const skipped = skip ? skippedSegments(view.targetDurationS, segments) : 0;
  if (skipped > 0) head += `#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}\n`;
  const hash = segments[skipped - 1]?.init.hash ?? '';
  return renderWholeSegments(segments.slice(skipped), { head, hash, foot: '' }, folder, (segment) =>
    segmentLines(segment, folder, view.partTargetMs),
  );
}
