import type { HevcSps } from './hevc-sps.ts';

/** pic_struct of fields (ISO/IEC 23008-2 Table D.2): its half of the frame, and its place where that is said. */
const FIELDS = new Map<number | null, { readonly half: 'top' | 'bottom'; readonly isSecond?: boolean }>([
  [1, { half: 'top' }],
  [2, { half: 'bottom' }],
  [9, { half: 'top', isSecond: true }],
  [10, { half: 'bottom', isSecond: true }],
  [11, { half: 'top', isSecond: false }],
  [12, { half: 'bottom', isSecond: false }],
]);

/**
 * Tells which samples of H.265 are the second field of a frame. In a sequence of fields each of them is a picture with a sample of its own,
 * and B pictures put those of other frames between the two: the half with which the keyframe began is the first one.
 */
export class HevcFields {
  /** The set in use; undefined before one was looked at. */
  #sps: Pick<HevcSps, 'isFieldSequence' | 'hasFieldInfo'> | undefined;
  #first: 'top' | 'bottom' | null = null;
  #before: {
    readonly half: 'top' | 'bottom' | null;
    readonly isKey: boolean;
    readonly isSecond: boolean;
  } | null = null;

  /** Parameter sets have changed. */
  forget(): void {
    this.#sps = undefined;
    this.#first = null;
    this.#before = null;
  }

  /**
   * Takes the next sample.
   *
   * @param picStruct what its picture timing message says; null without one
   * @param isKey whether decoding can start at it, were it a picture of its own
   * @param spsInUse gives the set that it refers to; asked for again only after {@link forget}
   */
  isSecond(picStruct: number | null, isKey: boolean, spsInUse: () => HevcSps | null): boolean {
    // A set that has not come yet may still.
    this.#sps ??= spsInUse() ?? undefined;
    if (this.#sps?.isFieldSequence !== true) return false;
    const field = this.#sps.hasFieldInfo ? (FIELDS.get(picStruct) ?? null) : null;
    const isSecond = field?.isSecond ?? this.#isOtherHalf(field?.half ?? null, isKey);
    if (field !== null && !isSecond && (isKey || this.#first === null)) this.#first = field.half;
    this.#before = { half: field?.half ?? null, isKey, isSecond };
    return isSecond;
  }

  #isOtherHalf(half: 'top' | 'bottom' | null, isKey: boolean): boolean {
    const before = this.#before;
    const isAfterFirst = before !== null && !before.isSecond;
    // Both fields of a keyframe may be pictures that decoding can start at.
    if (isKey) return isAfterFirst && before.isKey && (half === null || half !== before.half);
    // Without a word of its half the second follows the first.
    return half === null || this.#first === null ? isAfterFirst : half !== this.#first;
  }
}
