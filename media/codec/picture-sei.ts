import { BitReader } from './bit-reader.ts';
import { unescapeNal } from './nal-units.ts';
import { splitSeiMessages } from './sei-messages.ts';

/** payloadType (ISO/IEC 14496-10 Annex D.1.1; the same in ISO/IEC 23008-2 Annex D.2.1). */
const PICTURE_TIMING = 1;
const RECOVERY_POINT = 6;
/** These messages are short and stand among the first; captions behind them may be long. */
export const PICTURE_SEI_BYTES = 256;

/** What the SEI messages in front of a picture say of it; null where they do not. */
export type PictureSei = {
  /** recovery_frame_cnt, recovery_poc_cnt: decoding can start here, and so many pictures later what is shown is right. */
  readonly recovery: number | null;
  /** pic_struct of H.265, where its parameter set says that it is there (ISO/IEC 23008-2 Table D.2). */
  readonly picStruct: number | null;
};

/**
 * Reads SEI messages of a picture.
 *
 * @param units SEI NAL units; untrusted, not retained
 * @param headerBytes size of a NAL unit's header: 1 in H.264, 2 in H.265
 */
export function readPictureSei(units: readonly Buffer[], headerBytes: 1 | 2): PictureSei {
  let recovery: number | null = null;
  let picStruct: number | null = null;
  for (const unit of units) {
    const bytes = unescapeNal(unit.subarray(headerBytes, PICTURE_SEI_BYTES));
    for (const { type, payload } of splitSeiMessages(bytes)) {
      if (type === RECOVERY_POINT) recovery ??= new BitReader(payload).ue();
      else if (type === PICTURE_TIMING) picStruct ??= (payload[0] ?? 0) >> 4;
    }
  }
  return { recovery, picStruct };
}
