import { readAv1Record } from './av1-config.ts';
import { AV1_OBU, splitObus } from './av1-obu.ts';
import { readAv1SequenceHeader } from './av1-sequence-header.ts';
import { readAvcConfig } from './avc-config.ts';
import { readHevcConfig } from './hevc-config.ts';
import { isMalformed } from './malformed.ts';
import type { ColourDescription } from './picture-format.ts';
import type { VideoCodec } from './video-codec.ts';

/** What of a picture's colours decides how they become those that every screen shows (BT.709). */
export type PictureColour = {
  /** Transfer characteristics: standard range, or one of the two of BT.2100. */
  readonly range: 'SDR' | 'HLG' | 'PQ';
  /** Primaries of BT.2020, which a screen of BT.709 cannot show as they are. */
  readonly isWide: boolean;
  /** Matrix from Y′CbCr to R′G′B′. */
  readonly matrix: 'bt709' | 'bt2020';
};

/** What holds where nothing is said. */
export const PLAIN_COLOUR: PictureColour = { range: 'SDR', isWide: false, matrix: 'bt709' };

/** Code points of ITU-T H.273 §8: ColourPrimaries, TransferCharacteristics, MatrixCoefficients. */
const BT709 = 1;
const BT2020_PRIMARIES = 9;
const PQ = 16;
const HLG = 18;
/** Non-constant and constant luminance; the second is rare, and near enough. */
const BT2020_MATRICES = new Set([9, 10]);

/**
 * Reads the colours of a publisher's pictures from their parameter sets or sequence header.
 *
 * @param record content of avcC, hvcC or av1C; untrusted, not retained
 * @returns {@link PLAIN_COLOUR} where they do not say, or cannot be read
 */
export function pictureColour(codec: VideoCodec, record: Buffer): PictureColour {
  return colourOf(codec === 'av1' ? av1Colour(record) : parameterSetColour(codec, record));
}

/** HDR without a word of primaries or matrix is BT.2020, for which its transfer characteristics were made. */
function colourOf(said: ColourDescription | null): PictureColour {
  if (said === null) return PLAIN_COLOUR;
  const { primaries, transfer, matrix } = said;
  const range = transfer === PQ ? 'PQ' : transfer === HLG ? 'HLG' : 'SDR';
  const isMatrix2020 = BT2020_MATRICES.has(matrix) || (range !== 'SDR' && matrix !== BT709);
  const isWide =
    primaries === BT2020_PRIMARIES ||
    (primaries !== BT709 && (range !== 'SDR' || BT2020_MATRICES.has(matrix)));
  return { range, isWide, matrix: isMatrix2020 ? 'bt2020' : 'bt709' };
}

function parameterSetColour(codec: 'h264' | 'hevc', record: Buffer): ColourDescription | null {
  const read = codec === 'h264' ? readAvcConfig(record) : readHevcConfig(record);
  return isMalformed(read) ? null : read.pictures[0].colour;
}

function av1Colour(record: Buffer): ColourDescription | null {
  const read = readAv1Record(record);
  if (isMalformed(read)) return null;
  const obu = splitObus(read.obus).find(({ type }) => type === AV1_OBU.sequenceHeader);
  const header = obu === undefined ? null : readAv1SequenceHeader(obu.payload);
  return header === null || isMalformed(header) ? null : header.colour;
}
