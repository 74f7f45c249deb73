import { AppError } from '../../../../shared/errors.ts';

/** A text that is not the playlist it should be. The message names the line or attribute and its value. */
export class PlaylistError extends AppError {}

/**
 * Makes the error for a playlist that cannot be read: code `bad-playlist`, status 400.
 *
 * @param place tag or attribute: `EXT-X-PART`, `DURATION`
 * @param why what is wrong with it, with the value
 */
export function badPlaylist(place: string, why: string): PlaylistError {
  return new PlaylistError(`playlist: ${place}: ${why}`, { code: 'bad-playlist', status: 400 });
}

/**
 * Quotes a value for an error message.
 *
 * @returns at most 40 characters of it
 */
export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
