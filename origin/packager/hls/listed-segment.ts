import type { Part, Segment } from '../media.ts';
import { ticksToMs } from './decimal.ts';
import { partCount } from './live-edge.ts';
import { initName, partName, segmentName } from './media-uri.ts';
import type { MediaSegment, PlaylistPart } from './playlist/media-segment.ts';

/** How a segment is to be listed, besides what it is. */
export type Listing = {
  /** Where its media lies, seen from the playlist, with the closing slash. */
  readonly folder: string;
  /** Whether EXT-X-MAP is written in front of it. */
  readonly withMap: boolean;
  /** Part target duration, milliseconds; null where no parts are listed. */
  readonly partTargetMs: number | null;
};

const NO_PARTS: readonly PlaylistPart[] = [];

const listedParts = new WeakMap<Part, PlaylistPart>();

type Cached = Listing & { readonly listed: MediaSegment };

/** A closed segment never changes, and is listed several times a second for as long as it is in the window. */
const closedSegments = new WeakMap<Segment, Cached>();

/**
 * A segment as a playlist lists it. For a closed segment the same object is returned each time, so that its text is written
 * once.
 */
export function listedSegment(segment: Segment, listing: Listing): MediaSegment {
  const cached = closedSegments.get(segment);
  if (
    cached !== undefined &&
    cached.withMap === listing.withMap &&
    cached.partTargetMs === listing.partTargetMs &&
    cached.folder === listing.folder
  )
    return cached.listed;
  const listed = makeListedSegment(segment, listing);
  if (segment.closed) closedSegments.set(segment, { ...listing, listed });
  return listed;
}

/** A segment as a playlist lists it; nothing is cached: for playlists that are written once. */
export function makeListedSegment(
  segment: Segment,
  { folder, withMap, partTargetMs }: Listing,
): MediaSegment {
  const { number, init, closed } = segment;
  return {
    discontinuity: segment.discontinuity,
    map: withMap ? { uri: folder + initName(init.hash) } : null,
    programDateTimeMs: ticksToMs(segment.startTicks, init.timescaleHz),
    parts: partTargetMs === null ? NO_PARTS : partsOf(segment, folder, partTargetMs),
    gap: closed && segment.gap,
    durationS: closed ? segment.durationTicks / init.timescaleHz : null,
    uri: closed ? folder + segmentName(number) : null,
  };
}

/**
 * Whether EXT-X-MAP is written in front of a segment: it "applies to every Media Segment that appears after it in the Playlist
 * until the next EXT-X-MAP tag or until the end of the Playlist" (RFC 8216bis §4.4.4.5). It is repeated after each
 * discontinuity.
 *
 * @param initHash hash of the init segment that applies so far; null for none
 */
export function needsMap(segment: Segment, initHash: string | null): boolean {
  return segment.discontinuity || segment.init.hash !== initHash;
}

function partsOf(segment: Segment, folder: string, partTargetMs: number): PlaylistPart[] {
  const { number, init, parts } = segment;
  if (segment.gap) return partsOfGap(segment, folder, partTargetMs);
  return parts.map((part) => {
    let listed = listedParts.get(part);
    if (listed === undefined) {
      listed = {
        durationS: part.durationTicks / init.timescaleHz,
        uri: folder + partName(number, part.index),
        independent: part.independent,
        gap: false,
      };
      listedParts.set(part, listed);
    }
    return listed;
  });
}

/** "GAP is REQUIRED for Partial Segments that are not available" (RFC 8216bis §4.4.4.9). */
function partsOfGap(segment: Segment, folder: string, partTargetMs: number): PlaylistPart[] {
  const durationMs = (segment.durationTicks * 1000) / segment.init.timescaleHz;
  return Array.from({ length: partCount(segment, partTargetMs) }, (_, index) => ({
    durationS: Math.min(partTargetMs, durationMs - index * partTargetMs) / 1000,
    uri: folder + partName(segment.number, index),
    independent: false,
    gap: true,
  }));
}
