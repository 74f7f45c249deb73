/** FLV tag bodies for tests: what an encoder sends, written by hand so that every byte is known. */

/** H.264 sequence header of a 320×180 picture at 25 fps, as libx264 writes it (High profile, level 1.2). */
export const AVC_CONFIG = Buffer.from(
  '17000000000164000cffe1001a6764000cacd941419f9f011000000300100000030320f142996001000668ebe3cb22c0fdf8f800',
  'hex',
);

/** AAC-LC, 48 kHz, stereo. */
export const AAC_CONFIG = Buffer.from('af001190', 'hex');

/** A picture of `sizeBytes`, all of one byte, so that it is found again in what a reader gets. */
export function picture(isKey: boolean, sizeBytes = 64, fill = 0x55, compositionOffsetMs = 0): Buffer {
  const body = Buffer.alloc(sizeBytes, fill);
  body.set([isKey ? 0x17 : 0x27, 1], 0);
  body.writeIntBE(compositionOffsetMs, 2, 3);
  return body;
}

/** One AAC frame. */
export function sound(sizeBytes = 32, fill = 0x66): Buffer {
  const body = Buffer.alloc(sizeBytes, fill);
  body.set([0xaf, 1], 0);
  return body;
}
