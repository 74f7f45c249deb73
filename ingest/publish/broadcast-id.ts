import { randomBytes } from 'node:crypto';

/**
 * Names a broadcast: nine base-36 digits of the time and four random ones, so that names sort by time.
 *
 * @param nowMs UTC milliseconds
 * @returns [a-z0-9-]{14}
 */
export function newBroadcastId(nowMs: number): string {
  const suffix = randomBytes(4).readUInt32BE(0) % 36 ** 4;
  return `${Math.floor(nowMs).toString(36).padStart(9, '0')}-${suffix.toString(36).padStart(4, '0')}`;
}
