import type { ChannelView, RenditionView } from '../media.ts';
import { unknownRendition } from '../unknown-rendition.ts';
import { listedSegment, needsMap } from './listed-segment.ts';
import { isListed } from './live-edge.ts';
import { mediaFolder } from './media-uri.ts';
import type { MediaPlaylist, RenditionReport } from './playlist/media-playlist.ts';
import type { MediaSegment } from './playlist/media-segment.ts';
import {
  areIndependent,
  firstSegmentWithParts,
  PLAYLIST_VERSION,
  skippedSegments,
} from './playlist-rules.ts';
import { preloadHint } from './preload-hint.ts';
import { type SharedTags, sharedTags } from './shared-tags.ts';

/** How a media playlist is to be made. */
export type LivePlaylistOptions = {
  /** A delta update (`_HLS_skip`) instead of the whole playlist. */
  readonly skip: boolean;
};

/**
 * A rendition of a view, by its id.
 *
 * @throws {AppError} `unknown-rendition` (404)
 */
export function renditionOf(view: ChannelView, id: string): RenditionView {
  const rendition = view.renditions.find((candidate) => candidate.id === id);
  if (rendition !== undefined) return rendition;
  throw unknownRendition(`channel ${view.id}`, id);
}

/**
 * Makes a rendition's live media playlist. It is the same for all viewers, and a function of the view alone.
 *
 * A delta update is the full playlist with its oldest segments replaced by one EXT-X-SKIP; date ranges are never skipped.
 * While no segment lies beyond the Skip Boundary it is the full playlist. All tags of the head but the two sequence
 * numbers are a function of the channel alone: they never change, and are the same in every rendition.
 *
 * @returns its URIs are relative to `/live/{channel}/{rendition}.m3u8`
 * @throws {AppError} `unknown-rendition` (404)
 * @see RFC 8216bis §4.4, §6.2.5.1
 */
export function livePlaylist(
  view: ChannelView,
  renditionId: string,
  { skip }: LivePlaylistOptions,
): MediaPlaylist {
  const rendition = renditionOf(view, renditionId);
  const { segments } = rendition;
  const { targetDurationS } = view;
  const shared = sharedTags(view);
  const folder = mediaFolder(view.id, renditionId);
  const skipped = skip ? skippedSegments(targetDurationS, segments) : 0;
  return {
    version: PLAYLIST_VERSION,
    targetDurationS,
    playlistType: null,
    start: null,
    serverControl: shared.serverControl,
    partInf: shared.partInf,
    independentSegments: areIndependent(view, segments),
    mediaSequence: segments[0]?.number ?? 0,
    discontinuitySequence: rendition.discontinuitySequence,
    dateRanges: shared.dateRanges,
    skip: skipped > 0 ? { skippedSegments: skipped } : null,
    segments: listedSegments(view, rendition, folder, skipped),
    preloadHint: preloadHint(view, rendition, folder),
    renditionReports: reportsOfOthers(shared, renditionId),
    hasEnd: false,
  };
}

/**
 * "Each Media Playlist MUST contain one EXT-X-RENDITION-REPORT tag for each Media Playlist in the Multivariant
 * Playlist, except for the Media Playlist to which the tag is being added" (RFC 8216bis appendix B.1).
 */
function reportsOfOthers({ reports }: SharedTags, own: string): RenditionReport[] {
  const others: RenditionReport[] = [];
  for (const [id, report] of reports) if (id !== own && report !== null) others.push(report);
  return others;
}

/** @param from index of the first segment that is not skipped */
function listedSegments(
  { targetDurationS, partTargetMs }: ChannelView,
  { segments }: RenditionView,
  folder: string,
  from: number,
): MediaSegment[] {
  const firstWithParts = firstSegmentWithParts(targetDurationS, segments);
  let initHash = segments[from - 1]?.init.hash ?? null;
  const listed: MediaSegment[] = [];
  for (let i = from; i < segments.length; i += 1) {
    const segment = segments[i];
    if (segment === undefined || !isListed(segment)) continue;
    const withMap = needsMap(segment, initHash);
    listed.push(
      listedSegment(segment, { folder, withMap, partTargetMs: i >= firstWithParts ? partTargetMs : null }),
    );
    initHash = segment.init.hash;
  }
  return listed;
}
