import { AppError } from '../../../shared/errors.ts';

/**
 * The error for media that is not there: `no-such-media` (404).
 *
 * @param what `segment 12`, `part 12.3`
 * @param where the places that were searched: `the live window`
 */
export function noSuchMedia(what: string, rendition: string, where = 'the live window'): AppError {
  return new AppError(`${what} of ${rendition}: not in ${where}`, { code: 'no-such-media', status: 404 });
}

/** The error for what was cut off a recording, or deleted: `cut-part` (403). */
export function cutPart(channel: string): AppError {
  return new AppError(`channel ${channel}: this part was cut off its recording, or deleted`, {
    ...{ code: 'cut-part', status: 403 },
  });
}

/** The error for a blocked request that has waited long enough: `nothing-new` (503). */
export function nothingNew(): AppError {
  return new AppError('nothing new within three target durations', { code: 'nothing-new', status: 503 });
}
