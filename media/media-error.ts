import { AppError } from '../shared/errors.ts';

/** Bytes that are not the CMAF or FLV they should be. The message names the place, its byte offset and the value. */
export class MediaError extends AppError {}

/**
 * Makes the error for boxes that cannot be used: code `bad-cmaf`, status 400.
 *
 * @param place four-character type of the box, or what else stands there
 * @param offsetBytes where it begins, counted from the start of the stream or of the bytes that were given
 * @param why what is wrong, with the value
 */
export function badCmaf(place: string, offsetBytes: number, why: string): MediaError {
  return new MediaError(`${place} at byte ${offsetBytes}: ${why}`, { code: 'bad-cmaf', status: 400 });
}

/**
 * Makes the error for an FLV stream that cannot be used: code `bad-flv`.
 *
 * @param offsetBytes counted from the start of the stream
 * @param why what is wrong, with the value
 */
export function badFlv(offsetBytes: number, why: string): MediaError {
  return new MediaError(`flv at byte ${offsetBytes}: ${why}`, { code: 'bad-flv' });
}
