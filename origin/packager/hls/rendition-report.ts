import type { RenditionView } from '../media.ts';
import { liveEdge } from './live-edge.ts';
import type { RenditionReport } from './playlist/media-playlist.ts';

/**
 * How far a rendition is, for the playlists of the others (RFC 8216bis §4.4.5.4).
 *
 * @param partTargetMs part target duration, milliseconds
 * @returns null while it lists nothing
 */
export function renditionReport(rendition: RenditionView, partTargetMs: number): RenditionReport | null {
  const edge = liveEdge(rendition, partTargetMs);
  if (edge === null) return null;
  // LAST-PART is an index, zero-based, not a count.
  const lastPart = edge.partCount > 0 ? edge.partCount - 1 : null;
  return { uri: `${rendition.id}.m3u8`, lastNumber: edge.number, lastPart };
}
