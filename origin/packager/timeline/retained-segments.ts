/**
 * Segments that stay downloadable after they left the playlist: as long as the longest playlist that listed them, and
 * their own duration (RFC 8216bis §6.2.2), which is the window once more and one; and one in reserve.
 */
const RETIRED_SEGMENTS_RESERVE = 2;

/**
 * How many segments of a rendition or track are retained in memory, listed or not.
 *
 * @param windowSegments segments that are listed
 */
export function retainedSegmentsOf(windowSegments: number): number {
  return 2 * windowSegments + RETIRED_SEGMENTS_RESERVE;
}
