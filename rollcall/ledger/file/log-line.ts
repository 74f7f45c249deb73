import { crc32 } from 'node:zlib';
import { isRecord } from '../../protocol/checked.ts';

/** Longest line that is read, UTF-16 code units: the class list of a city is one line. */
export const LINE_MAX = 16 * 1024 * 1024;

/** Hexadecimal digits of the checksum. */
const CHECKSUM_LENGTH = 8;

/**
 * Writes a line of the log: the CRC-32 (ISO/IEC 8802-3) of the JSON in eight hexadecimal digits, a space, the JSON, a line feed.
 *
 * @param record JSON contains no raw line feed, so each record is one line
 */
export function writeLine(record: object): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

/**
 * Reads a line of the log.
 *
 * @param line without its line feed
 * @returns null when the line is damaged
 */
export function readLine(line: string): Record<string, unknown> | null {
  if (line.length <= CHECKSUM_LENGTH + 1 || line.length > LINE_MAX || line[CHECKSUM_LENGTH] !== ' ')
    return null;
  const json = line.slice(CHECKSUM_LENGTH + 1);
  if (checksum(json) !== line.slice(0, CHECKSUM_LENGTH)) return null;
  try {
    const record: unknown = JSON.parse(json);
    return isRecord(record) ? record : null;
  } catch {
    return null;
  }
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(CHECKSUM_LENGTH, '0');
}
