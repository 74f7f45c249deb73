import { AppError } from '../../../shared/errors.ts';

/** Bytes that are not the CMAF they should be. The message names the box, its byte offset and the value. */
export class CmafError extends AppError {}

/**
 * Makes the one error for bytes that cannot be used: code `bad-cmaf`, status 400.
 *
 * @param box four-character type of the box, or what else stands at that place
 * @param offsetBytes where it begins, counted from the start of the stream or of the bytes that were given
 * @param why what is wrong, with the value
 */
export function badCmaf(box: string, offsetBytes: number, why: string): CmafError {
  return new CmafError(`${box} at byte ${offsetBytes}: ${why}`, { code: 'bad-cmaf', status: 400 });
}
