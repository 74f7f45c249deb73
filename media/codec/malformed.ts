/**
 * What a parser of codec configuration returns for bytes that it cannot read. It is a value and not an error: the caller
 * knows where the bytes stood, and whether the publisher, the push or the file is refused because of them.
 */
export type Malformed = {
  /** What is wrong, with the value: `AudioSpecificConfig 1690: samplingFrequencyIndex 13 is reserved`. */
  readonly malformed: string;
};

/** True for the result of a parser that could not read its bytes. */
export function isMalformed(result: object): result is Malformed {
  return 'malformed' in result;
}
