import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, BenchResult } from '../bench.ts';
import { type Machine, machineLine } from './machine.ts';
import { markdown } from './table.ts';

/** Where results go, beside the other data that git does not see. */
export const RESULTS_DIR = join(process.env['LECTERN_DATA_DIR'] || 'data', 'bench');

/**
 * Keeps a result: all of it as JSON, its table as Markdown for docs/benchmarks.md.
 *
 * @param started when the run began
 * @param command the command line that gave it
 * @returns path of the JSON file
 */
export function keepResult(
  bench: Bench,
  result: BenchResult,
  run: { readonly machine: Machine; readonly started: Date; readonly command: string },
): string {
  mkdirSync(RESULTS_DIR, { recursive: true });
  const stamp = run.started.toISOString().replaceAll(/[:.]/g, '-');
  const path = join(RESULTS_DIR, `${stamp}-${bench.name}.json`);
  const file = {
    name: bench.name,
    started: run.started.toISOString(),
    command: run.command,
    machine: run.machine,
    ...result,
  };
  writeFileSync(path, `${JSON.stringify(file, null, 1)}\n`);
  const where = {
    command: run.command,
    date: run.started.toISOString().slice(0, 10),
    machine: machineLine(run.machine),
  };
  appendFileSync(
    join(RESULTS_DIR, 'results.md'),
    `${markdown(bench.title, result.rows, result.notes, where)}\n`,
  );
  return path;
}
