import type { Segment } from '../media.ts';
import { formatDate, formatSeconds, formatTicks, ticksToMs } from './decimal.ts';
import { initName, partName, segmentName } from './media-uri.ts';
import { partCount } from './live-edge.ts';

/** What a playlist says of one segment, but for what depends on the segment before it. Each line ends in a line feed. */
export type SegmentLines = {
  /** EXT-X-PROGRAM-DATE-TIME; it comes before the first part (RFC 8216bis §4.4.4.9). */
  readonly date: string;
  /** EXT-X-PART, one a line; left out once the segment is far from the end. */
  readonly parts: string;
  /** EXT-X-GAP, EXTINF and the URI; '' while the segment grows. */
  readonly whole: string;
};

type Rendered = SegmentLines & { readonly folder: string; readonly partTargetMs: number };

/** A closed segment never changes, and is written several times a second for as long as it is listed. */
const closedSegments = new WeakMap<Segment, Rendered>();

/**
 * Writes a segment's own lines. What was written for a closed segment is kept with the segment object.
 *
 * @param folder where its media lies, with the closing slash
 * @param partTargetMs part target duration, milliseconds
 */
export function segmentLines(segment: Segment, folder: string, partTargetMs: number): SegmentLines {
  const kept = closedSegments.get(segment);
  if (kept !== undefined && kept.folder === folder && kept.partTargetMs === partTargetMs) return kept;
  const rendered: Rendered = { folder, partTargetMs, ...writeSegmentLines(segment, folder, partTargetMs) };
  if (segment.closed) closedSegments.set(segment, rendered);
  return rendered;
}

/** Writes a segment's own lines and keeps nothing: for playlists that are written once, see {@link segmentLines}. */
export function writeSegmentLines(segment: Segment, folder: string, partTargetMs: number): SegmentLines {
  const { timescaleHz } = segment.init;
  return {
    date: `#EXT-X-PROGRAM-DATE-TIME:${formatDate(ticksToMs(segment.startTicks, timescaleHz))}\n`,
    parts: segment.gap ? gapParts(segment, folder, partTargetMs) : mediaParts(segment, folder),
    whole: segment.closed
      ? (segment.gap ? '#EXT-X-GAP\n' : '') +
        `#EXTINF:${formatTicks(segment.durationTicks, timescaleHz)},\n${folder}${segmentName(segment.number)}\n`
      : '',
  };
}

/**
 * EXT-X-MAP (RFC 8216bis §4.4.4.5), with its line feed.
 *
 * @param folder where the rendition's media lies, with the closing slash
 */
export function renderMap(segment: Segment, folder: string): string {
  return `#EXT-X-MAP:URI="${folder}${initName(segment.init.hash)}"\n`;
}

/** EXT-X-PART (RFC 8216bis §4.4.4.9). */
function mediaParts(segment: Segment, folder: string): string {
  let lines = '';
  for (const part of segment.parts) {
    const duration = formatTicks(part.durationTicks, segment.init.timescaleHz);
    lines += `#EXT-X-PART:DURATION=${duration},URI="${folder}${partName(segment.number, part.index)}"`;
    lines += part.independent ? ',INDEPENDENT=YES\n' : '\n';
  }
  return lines;
}

/** "GAP is REQUIRED for Partial Segments that are not available" (RFC 8216bis §4.4.4.9). */
function gapParts(segment: Segment, folder: string, partTargetMs: number): string {
  let lines = '';
  let leftMs = (segment.durationTicks * 1000) / segment.init.timescaleHz;
  for (let index = 0; index < partCount(segment, partTargetMs); index += 1) {
    const duration = formatSeconds(Math.min(partTargetMs, leftMs) / 1000);
    lines += `#EXT-X-PART:DURATION=${duration},URI="${folder}${partName(segment.number, index)}",GAP=YES\n`;
    leftMs -= partTargetMs;
  }
  return lines;
}
