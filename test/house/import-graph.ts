import { posix } from 'node:path';
import type { SourceFile } from './source-files.ts';

/** The relative paths that a file names in an import, an export from, an import() or the type of one. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^'\n]+)'/g;

/** Which files a file imports, by path; of types and of what is loaded later as well. */
export function importGraph(files: readonly SourceFile[]): ReadonlyMap<string, readonly string[]> {
  const known = new Set(files.map(({ path }) => path));
  return new Map(
    files.map(({ path, text }) => [
      path,
      [...text.matchAll(IMPORT)]
        .map(([, to = '']) => posix.join(posix.dirname(path), to))
        .filter((to) => known.has(to)),
    ]),
  );
}

/**
 * Finds circles of files: sets of files each of which reaches all others by imports.
 *
 * @returns the paths of each circle, in order, and the circles in the order of their first path
 * @see Tarjan, "Depth-first search and linear graph algorithms" (1972)
 */
export function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const indexes = new Map<string, number>();
  const lows = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (path: string): number => {
    const index = indexes.size;
    indexes.set(path, index);
    let low = index;
    stack.push(path);
    for (const to of graph.get(path) ?? []) {
      if (!indexes.has(to)) low = Math.min(low, visit(to));
      else if (stack.includes(to)) low = Math.min(low, lows.get(to) ?? indexes.get(to) ?? low);
    }
    lows.set(path, low);
    if (low === index) {
      const circle = stack.splice(stack.indexOf(path));
      if (circle.length > 1 || graph.get(path)?.includes(path) === true) circles.push(circle.toSorted());
    }
    return low;
  };
  for (const path of graph.keys()) if (!indexes.has(path)) visit(path);
  return circles.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
}
