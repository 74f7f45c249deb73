/**
 * Files that survive a kill and a loss of power: written as a draft, flushed, renamed, and the folder flushed. No
 * other code in Lectern renames a draft.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './system-error.ts';

/** Permissions of every file in the data folder, and of its folders: other accounts of the machine have no business there. */
export const FILE_MODE = 0o600;
/** See {@link FILE_MODE}. */
export const FOLDER_MODE = 0o700;

/** How much is written before progress is reported, in bytes. */
const STEP_BYTES = 1024 * 1024;

/** How {@link replaceFile} writes. */
export type ReplaceOptions = {
  /** Path of the draft, on the same disk; `<path>.draft` when left out. Concurrent writers need different drafts. */
  readonly draft?: string;
  /** False leaves flushing to the system: the file survives a kill, but not a loss of power. */
  readonly flush?: boolean;
  /** True makes the file's folder, and those above it, when they do not exist. */
  readonly makeFolder?: boolean;
  /** Called as bytes are written. */
  readonly progress?: () => void;
  /** When it is aborted, the write fails and the old file stays. */
  readonly signal?: AbortSignal;
};

/**
 * Writes a file in place of an older one, or a new one. A reader, also after a crash, finds either the
 * complete old file or the complete new one. When this resolves, the new file is on the disk.
 *
 * @param path in a folder that exists, unless `makeFolder` is set
 * @throws {Error} the system's own, such as `ENOSPC`, or the signal's reason; the old file is unchanged and the draft removed
 */
export async function replaceFile(
  path: string,
  body: Buffer | string,
  options: ReplaceOptions = {},
): Promise<void> {
  const { draft = `${path}.draft`, flush = true, progress = () => {}, signal } = options;
  try {
    await writeNew(draft, typeof body === 'string' ? Buffer.from(body) : body, flush, progress);
    if (options.makeFolder === true) await makeFolder(dirname(path));
    signal?.throwIfAborted();
    await rename(draft, path);
    if (flush) await syncFolder(dirname(path));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Writes a file unless one exists. When several processes do so at the same time, one of them writes the content, and all
 * find the complete file afterwards. Synchronous, for the start of a process.
 *
 * @throws {Error} the system's own
 */
export function createFileSync(path: string, body: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, body, { mode: FILE_MODE, flag: 'wx', flush: true });
    // A link, unlike a rename, never replaces what exists.
    linkSync(draft, path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } catch (error) {
    if (!cannotSyncFolders(error)) throw error;
  } finally {
    closeSync(folder);
  }
}

/** Makes the names in a folder durable: those that were added, and those that were removed. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!cannotSyncFolders(error)) throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder and those above it, durably, for this account alone. Not with the recursive `mkdir`: it mistakes a folder that is being removed
 * for a file, and never returns below `/proc`.
 *
 * @throws {Error} the system's own: `EEXIST` or `ENOTDIR` when there is a file in its place or above, `ENOENT` when a folder
 *   was removed meanwhile
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await makeOne(folder)) return;
  await makeFolder(dirname(folder));
  if (await makeOne(folder)) return;
  throw Object.assign(new Error(`${folder} cannot be made, or was removed meanwhile`), { code: 'ENOENT' });
}

/** Makes one folder. @returns whether it exists now; false when the folder above it does not */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: FOLDER_MODE });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return true;
    if (code === 'ENOENT' && dirname(folder) !== folder) return false;
    throw error;
  }
  await syncFolder(dirname(folder));
  return true;
}

async function writeNew(path: string, body: Buffer, flush: boolean, progress: () => void): Promise<void> {
  const file = await openNew(path);
  try {
    for (let at = 0; at < body.length; ) {
      const { bytesWritten } = await file.write(body, at, Math.min(STEP_BYTES, body.length - at));
      at += bytesWritten;
      progress();
    }
    if (flush) await file.sync();
    progress();
  } finally {
    await file.close();
  }
}

/** Opens a file that is new: one that a killed process left has the rights that it was made with. */
async function openNew(path: string): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(path, 'wx', FILE_MODE);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      await rm(path, { force: true });
    }
  }
}

/** Some network file systems cannot sync a folder; nothing more can be done for the names there. */
function cannotSyncFolders(error: unknown): boolean {
  return systemCode(error) === 'EINVAL';
}
