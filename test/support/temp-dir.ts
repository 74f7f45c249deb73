import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of a test's own. */
export type TempDir = {
  readonly path: string;
  /** Deletes it with all it holds. */
  remove(): void;
};

/** Makes an empty folder outside the work tree. */
export function makeTempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'lectern-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
