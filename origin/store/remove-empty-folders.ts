import { rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAbsence } from '../../shared/system-error.ts';

/**
 * Removes a folder and those above it as long as they are empty. A file that is put into one at the same time is safe: its
 * writer creates the missing folder again, or the folder is no longer empty and stays.
 *
 * @param top is not removed
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
