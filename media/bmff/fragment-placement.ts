import { badCmaf } from '../media-error.ts';
import { type BoxSource, childrenOf, onlyChild, readBoxes } from './box-reader.ts';
import { FieldReader } from './field-reader.ts';
import { u32, u64 } from './box-writer.ts';

/**
 * Moves a segment to another place of a file: another track_ID, and decode times that begin elsewhere. Its size and its
 * samples stay the same.
 *
 * @param segment chunks of one track, with 64-bit decode times; borrowed, not written to
 * @param trackId from 1
 * @param startTicks new decode time of the first sample, ticks
 * @returns a copy; owned by the caller
 * @throws {MediaError} `bad-cmaf` where the bytes are not such chunks
 */
export function placeFragments(segment: Buffer, trackId: number, startTicks: number): Buffer {
  const bytes = Buffer.from(segment);
  const source: BoxSource = { bytes, originBytes: 0 };
  let movedTicks: number | null = null;
  for (const moof of readBoxes(source, 0, bytes.length)) {
    if (moof.type !== 'moof') continue;
    const traf = onlyChild(source, childrenOf(source, moof), 'traf', moof);
    const inTraf = childrenOf(source, traf);
    const tfhd = new FieldReader(source, onlyChild(source, inTraf, 'tfhd', traf));
    tfhd.skip(4); // version, flags
    u32(trackId).copy(tfhd.bytes(4)); // track_ID (ISO/IEC 14496-12 §8.8.7)
    const tfdtBox = onlyChild(source, inTraf, 'tfdt', traf);
    const tfdt = new FieldReader(source, tfdtBox);
    if (tfdt.u8() !== 1) throw tfdt.bad('want version 1, with 64 bits');
    tfdt.skip(3); // flags
    const { at } = tfdt;
    const ticks = tfdt.u64('baseMediaDecodeTime');
    movedTicks ??= ticks - startTicks;
    if (ticks < movedTicks) throw badCmaf('tfdt', tfdtBox.start, `time ${ticks} is before the first chunk's`);
    u64(ticks - movedTicks).copy(bytes, at); // baseMediaDecodeTime (§8.8.12)
  }
  return bytes;
}
