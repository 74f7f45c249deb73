import { readAvcRecord } from '../../../media/codec/avc-config.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';
import { splitNalUnits } from '../../../media/codec/nal-units.ts';

const START_CODE = Buffer.of(0, 0, 0, 1);

/** The NAL units of a sample with lengths of four bytes. */
export function readNalUnitsOf(sample: Buffer): readonly Buffer[] {
  return [...splitNalUnits(sample, 4)];
}

/** Samples with start codes instead of lengths; the sets of an H.264 record in front of the first. */
export function withStartCodes(record: Buffer | null, samples: readonly Buffer[]): readonly Buffer[] {
  const read = record === null ? null : readAvcRecord(record);
  const sets = read === null || isMalformed(read) ? [] : [...read.sps, ...read.pps];
  return samples.map((sample, i) =>
    Buffer.concat(
      [...(i === 0 ? sets : []), ...readNalUnitsOf(sample)].flatMap((unit) => [START_CODE, unit]),
    ),
  );
}
