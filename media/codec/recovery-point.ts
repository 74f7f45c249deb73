import { BitReader } from './bit-reader.ts';
import { unescapeNal } from './nal-units.ts';

/** payloadType of a recovery point (ISO/IEC 14496-10 Annex D.1.1). */
const RECOVERY_POINT = 6;
/** A recovery point stands among the first messages; captions behind it may be long. */
const MAX_BYTES = 256;

/**
 * Reads an SEI NAL unit of H.264 for a recovery point (ISO/IEC 14496-10 §D.1.8): decoding can start at its picture.
 *
 * @param nal untrusted; not retained
 * @returns recovery_frame_cnt: so many pictures later what is shown is right; null without such a message
 */
export function readRecoveryPoint(nal: Buffer): number | null {
  const bytes = unescapeNal(nal.subarray(1, MAX_BYTES));
  let at = 0;
  const readNumber = (): number => {
    let value = 0;
    while (bytes[at] === 0xff) {
      value += 255;
      at += 1;
    }
    value += bytes[at] ?? 0;
    at += 1;
    return value;
  };
  // more_rbsp_data: what is left is at least a message's two bytes; rbsp_trailing_bits are one.
  while (at + 2 <= bytes.length) {
    const type = readNumber(); // payloadType
    const sizeBytes = readNumber(); // payloadSize
    if (type === RECOVERY_POINT) return new BitReader(bytes.subarray(at, at + sizeBytes)).ue();
    at += sizeBytes;
  }
  return null;
}
