/** What a browser is asked to decode. */
export type DecodeStep = {
  /** Index of the highest level that may be played; `Infinity` where the machine sets no bound. */
  readonly maxLevel: number;
  /** All pictures, one of each segment, or none: the last one stands while the sound goes on. */
  readonly pictures: 'all' | 'keyframes' | 'none';
};

/** No bound: the machine keeps up. */
export const FULL_PICTURE: DecodeStep = { maxLevel: Number.POSITIVE_INFINITY, pictures: 'all' };
