import type { IncomingMessage } from 'node:http';
import { isTrackId } from '../../../shared/names.ts';
import type { TrackEnding } from '../../packager/feed/feed-liveness.ts';
import { PushError } from './push-error.ts';

/** Request header in which a sender names all tracks that it is going to open, separated by commas. */
export const TRACKS_HEADER = 'lectern-tracks';
/** Trailer that says how a track ended: `over` or `interrupted` with its feed, or `away` alone. A body that ends cleanly without it is over. */
export const ENDING_TRAILER = 'lectern-ending';
const MAX_TRACKS_ANNOUNCED = 12;

/**
 * The tracks that a sender announces.
 *
 * @returns empty when it does not say
 * @throws {PushError} `bad-track` (400)
 */
export function announcedTracks({ headers }: Pick<IncomingMessage, 'headers'>): string[] {
  const header = headers[TRACKS_HEADER];
  if (header === undefined) return [];
  const names = String(header)
    .split(',')
    .map((name) => name.trim());
  if (names.length > MAX_TRACKS_ANNOUNCED || !names.every(isTrackId)) {
    throw new PushError(`header ${TRACKS_HEADER}: want up to ${MAX_TRACKS_ANNOUNCED} track names`, {
      code: 'bad-track',
      status: 400,
    });
  }
  return names;
}

/** How a push whose body has ended cleanly ends its track. */
export function endingOf({ trailers }: Pick<IncomingMessage, 'trailers'>): TrackEnding {
  const ending = trailers[ENDING_TRAILER];
  return ending === 'interrupted' || ending === 'away' ? ending : 'over';
}
