import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The top of the work tree. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** The folders that make the product, as opposed to its tests and its tools. */
export const PRODUCT_FOLDERS = [
  'cli',
  'config',
  'ingest',
  'media',
  'origin',
  'player',
  'rollcall',
  'shared',
  'transcode',
];

/** One file of the work tree. */
export type SourceFile = {
  /** Below the top, with '/'. */
  readonly path: string;
  readonly text: string;
};

/** Paths of all files that are, or would be, committed. */
export function treePaths(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const paths = listed.split('\0').filter((path) => path !== '' && existsSync(join(ROOT, path)));
  // An empty list would make every rule hold.
  if (paths.length < 20) throw new Error(`only ${paths.length} files in the work tree`);
  return paths;
}

/** The source files whose path fits a pattern. */
export function sources(pattern: RegExp): SourceFile[] {
  return treePaths()
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** Where a text fits a pattern, as `path:line: text`; for messages that can be clicked. */
export function places(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}
