import { open } from 'node:fs/promises';
import { isAbsence } from '../../shared/system-error.ts';

/** How much is read before progress is reported, in bytes. */
const STEP_BYTES = 1024 * 1024;

/**
 * Reads some bytes of a file.
 *
 * @param choose returns the range for a file's size: the first byte, and the one behind the last
 * @param progress called as bytes are read
 * @returns bytes that the caller owns; null when there is no file of that name
 * @throws {Error} what `choose` throws, or the system's own
 */
export async function readBytes(
  path: string,
  choose: (sizeBytes: number) => readonly [fromByte: number, endByte: number],
  progress: () => void,
): Promise<Buffer | null> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (isAbsence(error)) return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const status = await file.stat();
    if (!status.isFile()) return null;
    const [from, end] = choose(status.size);
    const bytes = Buffer.allocUnsafe(end - from);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(STEP_BYTES, bytes.length - at), from + at);
      if (bytesRead === 0) throw new Error(`${path} ends at byte ${from + at} of ${status.size}`);
      at += bytesRead;
      progress();
    }
    return bytes;
  } finally {
    await file.close();
  }
}
