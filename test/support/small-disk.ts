import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../house/source-files.ts';
import { type Started, start } from './process.ts';
import { makeTempDir } from './temp-dir.ts';

/** What a shell ends with that may not mount. */
const NO_MOUNT = 77;
const MOUNT = `mount -t tmpfs -o size=2m none "$0" 2>/dev/null || exit ${NO_MOUNT}; exec "$@" "$0"`;
/** A memory disk that is larger is not ours to fill. */
const SHM_AT_MOST_BYTES = 256 * 1024 * 1024;

/**
 * Runs a TypeScript program with the path of a folder on a disk that is soon full, as its argument, and waits for its end.
 *
 * The disk is a memory disk of 2 MB, mounted where nobody else sees it: in a mount namespace of root's, or of a user's own.
 * A container that allows neither has a small memory disk at /dev/shm as a rule, which serves as well.
 *
 * @param program below the top of the work tree
 * @returns what it printed
 * @throws {Error} when the program fails, or when no small disk can be had here
 */
export async function runOnSmallDisk(program: string): Promise<string> {
  const command = [process.execPath, '--import', 'tsx', join(ROOT, program)];
  const directory = makeTempDir();
  try {
    for (const namespace of [['--mount'], ['--user', '--map-root-user', '--mount']]) {
      const started = start('unshare', [...namespace, 'sh', '-c', MOUNT, directory.path, ...command], {
        cwd: ROOT,
      });
      const status = await started.exited(60_000);
      if (status === 0) return started.stdout();
      if (!couldNotMount(started, status))
        throw new Error(`${program} ended with ${status}:\n${started.stderr()}`);
    }
  } finally {
    directory.remove();
  }
  const { bsize, blocks } = statfsSync('/dev/shm');
  if (bsize * blocks > SHM_AT_MOST_BYTES)
    throw new Error('no small disk can be mounted here, with unshare and mount');
  const folder = mkdtempSync('/dev/shm/lectern-test-');
  try {
    const started = start(command[0] ?? '', [...command.slice(1), folder], { cwd: ROOT });
    const status = await started.exited(60_000);
    if (status !== 0) throw new Error(`${program} ended with ${status}:\n${started.stderr()}`);
    return started.stdout();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function couldNotMount(started: Started, status: number | string): boolean {
  return status === NO_MOUNT || /^unshare: |ENOENT/m.test(started.stderr());
}
