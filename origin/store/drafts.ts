import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../shared/system-error.ts';

/** Distinguishes this process from earlier ones with the same process id. */
const RUN = randomBytes(6).toString('hex');
/** `{process id}-{run}-{count}`. */
const NAME = /^(\d{1,10})-([\da-f]{12})-\d+$/;
/** A draft older than this is not being written any more: its process id may belong to another process by now. Milliseconds. */
const OLD_MS = 3600_000;

let count = 0;

/** A name for a draft that is unique among processes and puts. */
export function draftName(): string {
  count += 1;
  return `${process.pid}-${RUN}-${count}`;
}

/**
 * Deletes the drafts that a crash has left: those whose process no longer runs. A draft of a process on another machine may be
 * deleted by mistake; its put then writes it again.
 *
 * @param folder contains drafts only
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
    // Signal 0 only checks whether the process exists.
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
