import { type AvcSliceHeader, readAvcSlice } from './avc-slice-header.ts';
import type { AvcSps } from './avc-sps.ts';
import { isMalformed } from './malformed.ts';

/** A field whose other half has not come. */
type OpenField = Pick<AvcSliceHeader, 'field' | 'frameNum'>;

/**
 * Tells which samples of H.264 are the second field of a picture: encoders that code fields may send each by itself (ISO/IEC 14496-10
 * §7.4.1.2.4: another bottom_field_flag begins another access unit), and two of them are one picture.
 */
export class AvcFields {
  /** The one in use; null where its pictures are whole frames, undefined before it was looked at. */
  #sps: AvcSps | null | undefined;
  #open: OpenField | null = null;

  /** Parameter sets have changed. */
  forget(): void {
    this.#sps = undefined;
    this.#open = null;
  }

  /**
   * Takes the next sample.
   *
   * @param slices its NAL units with slice headers; untrusted, borrowed
   * @param spsInUse gives the set that they refer to; asked for again only after {@link forget}
   */
  isSecond(slices: readonly Buffer[], spsInUse: () => AvcSps | null): boolean {
    if (this.#sps === undefined) {
      const sps = spsInUse();
      // One that has not come yet may still.
      if (sps !== null) this.#sps = sps.framesOnly ? null : sps;
    }
    const sps = this.#sps ?? null;
    if (sps === null) return false;
    const [first, ...others] = slices.map((slice) => readAvcSlice(slice, sps));
    if (first === undefined || isMalformed(first)) return false;
    const before = this.#open;
    const isSecond =
      before !== null &&
      first.field !== null &&
      first.field !== before.field &&
      first.frameNum === before.frameNum;
    // Most encoders send both fields in one sample.
    const isWhole = others.some((other) => !isMalformed(other) && other.field !== first.field);
    this.#open = first.field === null || isSecond || isWhole ? null : first;
    return isSecond;
  }
}
