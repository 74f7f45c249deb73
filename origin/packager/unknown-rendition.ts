import { AppError } from '../../shared/errors.ts';

/**
 * The error for a rendition that does not exist: `unknown-rendition` (404).
 *
 * @param place what lacks it: `channel hall-7`
 * @param rendition the requested id, of any length
 */
export function unknownRendition(place: string, rendition: string): AppError {
  return new AppError(`${place}: no rendition ${JSON.stringify(rendition.slice(0, 40))}`, {
    code: 'unknown-rendition',
    status: 404,
  });
}
