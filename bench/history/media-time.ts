import { readFirstDecodeTicks } from '../../media/bmff/fragment-reader.ts';
import { MediaError } from '../../media/media-error.ts';

/**
 * Reads the decode time of the first fragment of a part or segment. Pure.
 *
 * @param timescaleHz ticks a second of its track
 * @returns UTC milliseconds; null where the bytes are not a part or a segment
 */
export function readMediaTimeMs(bytes: Buffer, timescaleHz: number): number | null {
  try {
    return (readFirstDecodeTicks(bytes) / timescaleHz) * 1000;
  } catch (error) {
    if (error instanceof MediaError) return null;
    throw error;
  }
}
