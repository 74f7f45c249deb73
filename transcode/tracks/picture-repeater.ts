import {
  type PicturePosition,
  positionAfter,
  type RepeatableAvc,
  repeatPicture,
  withRepeatPps,
} from '../../media/codec/avc-repeat.ts';
import { type AvcSliceHeader, readAvcSliceHeader } from '../../media/codec/avc-slice-header.ts';
import { isMalformed } from '../../media/codec/malformed.ts';

/**
 * Makes pictures that repeat the one before them in a stream of H.264. It follows the stream picture by picture, because a repeat
 * has to continue its counting.
 */
export class PictureRepeater {
  #stream: RepeatableAvc | null = null;
  /** The last picture of the stream, repeats included; null before the first, and when it could not be read. */
  #last: (PicturePosition & Pick<AvcSliceHeader, 'isReference'>) | null = null;

  /**
   * Sets the configuration of the pictures that follow.
   *
   * @param config AVCDecoderConfigurationRecord
   * @returns the configuration for the track, which repeats need as well; `config` itself where the stream cannot be repeated
   */
  configure(config: Buffer): Buffer {
    const stream = withRepeatPps(config);
    this.#last = null;
    this.#stream = isMalformed(stream) ? null : stream;
    return this.#stream?.decoderConfig ?? config;
  }

  /** Reports the next picture of the stream, in decode order. */
  follow(data: Buffer): void {
    if (this.#stream === null) return;
    const header = readAvcSliceHeader(data, this.#stream.sps, this.#stream.lengthSize);
    // Pictures that are shown in another order than they are decoded leave no place for one more between them.
    this.#last = isMalformed(header) || header.isBidirectional ? null : header;
  }

  /**
   * Makes the repeat of the last picture, which counts as the stream's next one.
   *
   * @param isReference false for one that stands alone between two pictures of the encoder
   * @returns null where the stream cannot be repeated
   */
  repeat(isReference: boolean): Buffer | null {
    if (this.#stream === null || this.#last === null) return null;
    const position = positionAfter(this.#last, this.#stream.sps);
    // What follows a repeat that nothing refers to counts as if it were not there.
    if (isReference || this.#last.isReference) {
      const made = repeatPicture(this.#stream, position, isReference);
      if (isReference) this.#last = { ...position, isReference };
      return made;
    }
    return null;
  }
}
