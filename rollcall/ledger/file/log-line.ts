import { crc32 } from 'node:zlib';
import { isRecord } from '../../protocol/checked.ts';

/** Longest line that is read, characters: a roster of a whole town is one. */
export const LINE_MAX = 16 * 1024 * 1024;

const HEX = 8;

/**
 * Writes a line of the log: CRC-32 (ISO/IEC 8802-3) of the JSON in eight hexadecimal digits, a space, the JSON, a line feed.
 *
 * @param record JSON has no raw line feed in it, so a line is a record
 */
export function writeLine(record: object): string {
  const json = JSON.stringify(record);
  return `${crc32(json).toString(16).padStart(HEX, '0')} ${json}\n`;
}

/**
 * Reads a line of the log.
 *
 * @param line without its line feed
 * @returns null for a line that is damaged
 */
export function readLine(line: string): Record<string, unknown> | null {
  if (line.length <= HEX + 1 || line.length > LINE_MAX || line[HEX] !== ' ') return null;
  const json = line.slice(HEX + 1);
  if (crc32(json).toString(16).padStart(HEX, '0') !== line.slice(0, HEX)) return null;
  try {
    const record: unknown = JSON.parse(json);
    return isRecord(record) ? record : null;
  } catch {
    return null;
  }
}
