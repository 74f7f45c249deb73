/**
 * Reads the decode time of the first fragment of a part or segment, by a reader of its own. Pure.
 *
 * @param timescaleHz ticks a second of its track
 * @returns UTC milliseconds; null where there is no `tfdt`
 * @see ISO/IEC 14496-12 §8.8.12
 */
export function readMediaTimeMs(bytes: Buffer, timescaleHz: number): number | null {
  const at = bytes.indexOf('tfdt', 0, 'latin1');
  if (at < 0 || at + 16 > bytes.length) return null;
  const version = bytes[at + 4];
  const ticks = version === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : bytes.readUInt32BE(at + 8);
  return (ticks / timescaleHz) * 1000;
}
