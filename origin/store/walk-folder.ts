import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isKey, type ListedObject } from '../../shared/object-store.ts';
import { isAbsence } from '../../shared/system-error.ts';

/** Files of a page, whose status is read concurrently. */
const PAGE_FILES = 64;

/** Told of a folder, by the prefix of its keys, or of a file, by its key. */
type OnUnreadable = (prefix: string, error: unknown) => void;

type WalkOptions = {
  readonly root: string;
  readonly prefix: string;
  readonly after: string;
  readonly onUnreadable: OnUnreadable;
};

/** One entry of a folder. `key` is a file's key, or the prefix of all keys below a folder. */
type Entry = { readonly key: string; readonly isFolder: boolean };

/**
 * Lists the files below a folder in the bytewise order of their whole paths. Memory holds only the names in the folders on
 * the current path. Files are yielded in pages, since a promise for each of them would cost more than the disk.
 *
 * `a-b` comes before `a/b`, since '-' is less than '/': a folder is sorted by its name with the '/'.
 *
 * @param root the folder; a key is a path below it
 * @param prefix checked by the caller; '' for all
 * @param after lists only keys after this one; '' for all
 * @param onUnreadable called for what cannot be read; the walk goes on
 */
export async function* walkFolder(
  root: string,
  prefix: string,
  after: string,
  onUnreadable: OnUnreadable,
): AsyncGenerator<ListedObject[]> {
  yield* walk({ root, prefix, after, onUnreadable }, prefix.slice(0, prefix.lastIndexOf('/') + 1));
}

/** @param above prefix of the keys in this folder: '' or a path that ends with '/' */
async function* walk(options: WalkOptions, above: string): AsyncGenerator<ListedObject[]> {
  const { root, prefix, after, onUnreadable } = options;
  const entries = ((await orReport(() => readFolder(join(root, above)), above, onUnreadable)) ?? [])
    .map((entry) => ({
      key: `${above}${entry.name}${entry.isDirectory() ? '/' : ''}`,
      isFolder: entry.isDirectory(),
    }))
    .filter(({ key, isFolder }) =>
      isFolder ? mayHold(key, prefix, after) : key.startsWith(prefix) && key > after,
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  for (let at = 0; at < entries.length; ) {
    const page = filesFrom(entries, at);
    const objects = await Promise.all(
      page.map(({ key }) => orReport(() => look(root, key), key, onUnreadable)),
    );
    if (page.length > 0) yield objects.filter((object) => object !== null);
    at += page.length;
    const next = entries[at];
    if (next === undefined || !next.isFolder) continue;
    yield* walk(options, next.key);
    at += 1;
  }
}

/** The next consecutive files, at most a page of them. */
function filesFrom(entries: readonly Entry[], from: number): readonly Entry[] {
  let end = from;
  while (end < entries.length && end - from < PAGE_FILES && entries[end]?.isFolder === false) end += 1;
  return entries.slice(from, end);
}

/** Whether a folder can contain a key with the prefix that is after another key. */
function mayHold(folder: string, prefix: string, after: string): boolean {
  if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) return false;
  return folder > after || after.startsWith(folder);
}

/** Files and folders whose names can be part of a key; others are no objects. */
async function readFolder(path: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => (entry.isFile() || entry.isDirectory()) && isKey(entry.name));
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

async function look(root: string, key: string): Promise<ListedObject | null> {
  try {
    const status = await stat(join(root, key));
    if (!status.isFile()) return null;
    // Each put creates a new file, so the inode distinguishes two puts in one tick of the clock.
    return { key, sizeBytes: status.size, version: `${status.ino}-${status.mtimeMs}` };
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

async function orReport<T>(
  read: () => Promise<T>,
  prefix: string,
  onUnreadable: OnUnreadable,
): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    onUnreadable(prefix, error);
    return null;
  }
}
