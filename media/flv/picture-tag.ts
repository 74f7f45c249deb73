import { writeFlvTag } from './flv-writer.ts';
import { readScriptFields, writeScriptFields } from './script-data.ts';

/** What a source says of the pictures whose configuration follows. */
export type PictureDescription = {
  /** Pixels, after cropping. */
  readonly width: number;
  readonly height: number;
  /** Frames a second as measured or declared; 0 when unknown. */
  readonly frameRate: number;
};

const NAME = 'lecternPicture';

/**
 * Writes a picture tag: a script tag in front of each video configuration of a source. What a worker cannot read from the
 * configuration itself, such as the measured frame rate, stands here.
 *
 * @param timestampMs of the configuration
 * @returns the whole tag; owned by the caller
 */
export function writePictureTag(
  timestampMs: number,
  { width, height, frameRate }: PictureDescription,
): Buffer {
  const fields = [
    ['width', width],
    ['height', height],
    ['frameRate', frameRate],
  ] as const;
  return writeFlvTag('script', timestampMs, writeScriptFields(NAME, fields));
}

/**
 * Reads the body of a script tag.
 *
 * @param body untrusted
 * @returns null for any other script tag, and for values out of range
 */
export function readPictureTag(body: Buffer): PictureDescription | null {
  const fields = readScriptFields(NAME, body);
  if (fields === null) return null;
  const [width, height, frameRate] = [fields['width'], fields['height'], fields['frameRate']];
  if (!isWithin(width, 1, 8192) || !isWithin(height, 1, 8192) || !isWithin(frameRate, 0, 240)) return null;
  return { width, height, frameRate };
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max;
}
