import { AppError } from '../../../shared/errors.ts';
import type { ChannelView, RenditionView, Segment } from '../media.ts';
import { renderDateRange } from './date-range.ts';
import { renderMark } from './mark-range.ts';
import { isListed } from './live-edge.ts';
import { mediaFolder } from './media-uri.ts';
import { partRangeS, renderHeader, skipBoundaryS } from './playlist-header.ts';
import { renderPreloadHint } from './preload-hint.ts';
import { renderRenditionReports } from './rendition-report.ts';
import { renderMap, segmentLines } from './segment-lines.ts';

/** How a media playlist is to be written. */
export type MediaPlaylistOptions = {
  /** A delta update (`_HLS_skip`) instead of the whole playlist. */
  readonly skip: boolean;
};

/** A playlist was asked for that the channel does not have. */
export class RenditionError extends AppError {}

/**
 * Writes a rendition's media playlist. It is the same for all viewers, and a function of the view alone.
 *
 * A delta update is the full playlist with the lines of its oldest segments replaced by one EXT-X-SKIP; date ranges are
 * never skipped. While no segment lies beyond the Skip Boundary it is the full playlist.
 *
 * @returns text whose URIs are relative to `/live/{channel}/{rendition}.m3u8`
 * @throws {RenditionError} `unknown-rendition` (404)
 * @see RFC 8216bis §4.4, §6.2.5.1
 */
export function renderMediaPlaylist(
  view: ChannelView,
  renditionId: string,
  options: MediaPlaylistOptions,
): string {
  const rendition = view.renditions.find((candidate) => candidate.id === renditionId);
  if (rendition === undefined) {
    throw new RenditionError(`channel ${view.id}: no rendition ${JSON.stringify(renditionId.slice(0, 40))}`, {
      code: 'unknown-rendition',
      status: 404,
    });
  }
  const folder = mediaFolder(view.id, renditionId);
  let text = renderHeader(view, rendition);
  for (const run of view.runs) text += renderDateRange(run);
  for (const mark of view.marks) text += renderMark(mark);
  const skipped = options.skip ? skippedSegments(view.targetDurationS, rendition.segments) : 0;
  if (skipped > 0) text += `#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}\n`;
  text += renderSegments(view, rendition, folder, skipped);
  return text + renderPreloadHint(view, rendition, folder) + renderRenditionReports(view, rendition);
}

function renderSegments(
  view: ChannelView,
  { segments }: RenditionView,
  folder: string,
  from: number,
): string {
  const firstWithParts = firstSegmentWithParts(view, segments);
  let before = segments[from - 1];
  let text = '';
  for (let i = from; i < segments.length; i += 1) {
    const segment = segments[i];
    if (segment === undefined || !isListed(segment)) continue;
    const lines = segmentLines(segment, folder, view.partTargetMs);
    if (segment.discontinuity) text += '#EXT-X-DISCONTINUITY\n';
    if (before === undefined || segment.discontinuity || segment.init.hash !== before.init.hash) {
      text += renderMap(segment, folder);
    }
    text += i >= firstWithParts ? lines.date + lines.parts + lines.whole : lines.date + lines.whole;
    before = segment;
  }
  return text;
}

/**
 * Parts leave a playlist a whole segment at a time: players count a segment's parts from the first that is listed.
 *
 * @returns index of the oldest segment that lies within three target durations of the end
 */
function firstSegmentWithParts(view: ChannelView, segments: readonly Segment[]): number {
  let leftMs = partRangeS(view.targetDurationS) * 1000;
  for (let i = segments.length - 1; i >= 0; i -= 1) {
    const segment = segments[i];
    if (segment === undefined) break;
    leftMs -= durationMs(segment);
    if (leftMs < 0) return i + 1;
  }
  return 0;
}

/**
 * How many segments a delta update leaves out: those "further from the end of the last (Parent) Media Segment in the
 * Playlist than the Skip Boundary" (RFC 8216bis §6.2.5.1), counted from the end of the last whole segment and each
 * from its own end, so that nothing within the boundary is ever skipped.
 */
export function skippedSegments(targetDurationS: number, segments: readonly Segment[]): number {
  let leftMs = skipBoundaryS(targetDurationS) * 1000;
  for (let i = segments.length - 1; i >= 0; i -= 1) {
    const segment = segments[i];
    if (segment === undefined || !segment.closed) continue;
    if (leftMs < 0) return i + 1;
    leftMs -= durationMs(segment);
  }
  return 0;
}

function durationMs(segment: Segment): number {
  return (segment.durationTicks * 1000) / segment.init.timescaleHz;
}
