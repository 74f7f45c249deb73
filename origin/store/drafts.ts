import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../shared/system-error.ts';

/** Tells this process from others that had its number before. */
const RUN = randomBytes(6).toString('hex');
/** `process number-run-count`. */
const NAME = /^(\d{1,10})-([\da-f]{12})-\d+$/;
/** No draft is written for so long, milliseconds: its process number is another one's by now. */
const OLD_MS = 3600_000;

let count = 0;

/** A name for a draft that no other process and no other put has. */
export function draftName(): string {
  count += 1;
  return `${process.pid}-${RUN}-${count}`;
}

/**
 * Deletes the drafts that a crash has left: those whose process is gone. One that is deleted by mistake, since its process
 * runs on a machine that we cannot see, is written again by its put.
 *
 * @param folder holds drafts and nothing else
 * @param progress called after each of them
 */
export async function deleteLeftDrafts(folder: string, progress: () => void): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!isBeingWritten(name) || (await isOld(path))) await rm(path, { recursive: true, force: true });
    progress();
  }
}

function isBeingWritten(name: string): boolean {
  const [, id, run] = NAME.exec(name) ?? [];
  if (id === undefined) return false;
  if (Number(id) === process.pid) return run === RUN;
  try {
    // Signal 0 asks, and does nothing.
    process.kill(Number(id), 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

async function isOld(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => null);
  return status !== null && Date.now() - status.mtimeMs > OLD_MS;
}
