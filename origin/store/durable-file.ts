import { mkdir, open, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How much is written or read before progress is said, in bytes. */
const STEP_BYTES = 1024 * 1024;

/** The code of a system error, such as `ENOENT`; '' for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * Writes a new file, and resolves when its bytes are on disk. The name in its folder is made durable by {@link syncFolder}.
 *
 * @param progress called as the bytes go out
 * @throws {Error} the system's own; `EEXIST` when there is such a file
 */
export async function writeDurably(path: string, body: Buffer, progress: () => void): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (let at = 0; at < body.length; ) {
      const { bytesWritten } = await file.write(body, at, Math.min(STEP_BYTES, body.length - at));
      at += bytesWritten;
      progress();
    }
    await file.sync();
    progress();
  } finally {
    await file.close();
  }
}

/**
 * Reads some bytes of a file.
 *
 * @param choose says which bytes, by the file's size: from the first up to, and without, the second
 * @param progress called as the bytes come in
 * @returns bytes of the caller's own; null where there is no file of that name
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

/** Tells whether an error says that there is no file of that name. */
export function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(error));
}

/** Makes the names in a folder durable: those that were added, and those that were taken away. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems know no such thing; what they promise they promise without it.
    if (systemCode(error) !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder and those above it, durably. Not by the recursive `mkdir`: that one takes a folder that is being removed for
 * a file, and never comes back from `/proc`.
 *
 * @throws {Error} the system's own: `EEXIST` or `ENOTDIR` when there is a file in its place or above, `ENOENT` when a folder
 *   was removed meanwhile
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await madeOrThere(folder)) return;
  await makeFolder(dirname(folder));
  if (await madeOrThere(folder)) return;
  throw Object.assign(new Error(`${folder} cannot be made, or was removed meanwhile`), { code: 'ENOENT' });
}

/** @returns whether it is there now; false when there is none above it */
async function madeOrThere(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return true;
    if (code === 'ENOENT' && dirname(folder) !== folder) return false;
    throw error;
  }
  await syncFolder(dirname(folder));
  return true;
}

/**
 * Removes a folder and those above it as long as they are empty. A file that is put into one at the same moment is safe: its
 * writer finds no folder and makes it again, or the folder is not empty any more.
 *
 * @param top stays, empty or not
 */
export async function removeEmptyFolders(folder: string, top: string): Promise<void> {
  for (let at = folder; at.length > top.length; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch (error) {
      if (!isAbsence(error)) return;
    }
  }
}
