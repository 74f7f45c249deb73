import type { ChannelView, RenditionView } from '../media.ts';
import { liveEdge } from './live-edge.ts';

/**
 * EXT-X-RENDITION-REPORT (RFC 8216bis §4.4.5.4) for every rendition but one: how far each of them is.
 *
 * "Each Media Playlist MUST contain one EXT-X-RENDITION-REPORT tag for each Media Playlist in the Multivariant
 * Playlist, except for the Media Playlist to which the tag is being added" (appendix B.1).
 *
 * @param own the rendition whose playlist is written
 * @returns a line each, with its line feed
 */
export function renderRenditionReports(view: ChannelView, own: RenditionView): string {
  let lines = '';
  for (const rendition of view.renditions) {
    if (rendition.id === own.id) continue;
    const edge = liveEdge(rendition, view.partTargetMs);
    if (edge === null) continue;
    lines += `#EXT-X-RENDITION-REPORT:URI="${rendition.id}.m3u8",LAST-MSN=${edge.number}`;
    // Zero-based: the index of the last part, not how many there are.
    lines += edge.partCount > 0 ? `,LAST-PART=${edge.partCount - 1}\n` : '\n';
  }
  return lines;
}
