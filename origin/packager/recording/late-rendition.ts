import type { StoredSegment } from './stored-segment.ts';

/**
 * Marks the id of a rendition under which late media is stored: what came when its time on air had passed. Its segments have URLs of
 * their own, since under the number alone caches hold what was on air instead.
 */
const LATE = '--late';
/** Longest id of a rendition in the archive. */
const MAX_ID = 64;

/** The id under which late media of a rendition is stored. */
export function lateRendition(id: string): string {
  return `${id.slice(0, MAX_ID - LATE.length)}${LATE}`;
}

/** The rendition that stored media belongs to, whether it came late or not. */
export function renditionOfStored({ rendition }: Pick<StoredSegment, 'rendition'>): string {
  return rendition.endsWith(LATE) ? rendition.slice(0, -LATE.length) : rendition;
}

/** Whether media came when its time on air had passed. */
export function isLate({ rendition }: Pick<StoredSegment, 'rendition'>): boolean {
  return rendition.endsWith(LATE);
}

/** Of what is stored of one number of a rendition, the one that has more of it: a segment that was cut short on air may be whole late. */
export function fuller(known: StoredSegment | undefined, other: StoredSegment): StoredSegment {
  return known === undefined || other.frames > known.frames ? other : known;
}
