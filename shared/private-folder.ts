import { chmod, lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsence } from './system-error.ts';

/** The rights of the group and of all others. */
const OTHERS = 0o077;
/** Those of the owner stay: a program of hers still runs. */
const OWNER = 0o700;

/**
 * Takes all rights of other accounts from a folder, and from the files and folders in it. The folder itself goes first, so that
 * nothing below it can be reached any more; a folder below it goes after what is in it, so one that is closed already is not looked
 * into again. Symbolic links are left as they are.
 *
 * @param folder one that does not exist is left alone
 * @param onFailure called for what cannot be changed: it belongs to another account, or the file system has no rights
 */
export async function makePrivate(
  folder: string,
  onFailure: (path: string, error: unknown) => void,
): Promise<void> {
  if (await closePath(folder, onFailure)) await closeBelow(folder, onFailure);
}

async function closeBelow(folder: string, onFailure: (path: string, error: unknown) => void): Promise<void> {
  try {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isFile()) await closePath(path, onFailure);
      if (!entry.isDirectory() || ((await modeOf(path)) & OTHERS) === 0) continue;
      await closeBelow(path, onFailure);
      await closePath(path, onFailure);
    }
  } catch (error) {
    // It may have been deleted since it was listed.
    if (!isAbsence(error)) onFailure(folder, error);
  }
}

/** @returns whether there is such a file or folder */
async function closePath(path: string, onFailure: (path: string, error: unknown) => void): Promise<boolean> {
  try {
    const mode = await modeOf(path);
    if ((mode & OTHERS) !== 0) await chmod(path, mode & OWNER);
    return true;
  } catch (error) {
    if (isAbsence(error)) return false;
    onFailure(path, error);
    return true;
  }
}

async function modeOf(path: string): Promise<number> {
  return (await lstat(path)).mode;
}
