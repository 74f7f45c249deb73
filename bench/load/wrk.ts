import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isOnPath } from '../report/machine.ts';
import { LOAD_CORE, pinned } from '../start/cores.ts';
import { startProgram } from '../start/program.ts';

/** What a load generator counted. */
export type LoadResult = { readonly requestsPerS: number; readonly failed: number };

/** What is asked for, and how. */
export type LoadOptions = {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly headers: Readonly<Record<string, string>>;
};

/** Says which generator {@link load} uses here, where that matters for the figures; null for wrk. */
export const LOADER_NOTE = isOnPath('wrk')
  ? null
  : 'wrk is not on the PATH: a loader on Node.js asks instead, which may itself be the limit';

/** Asks for one address over and over, on the load's core. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  if (!isOnPath('wrk')) {
    const program = startProgram(join(import.meta.dirname, 'node-loader-program.ts'), options, LOAD_CORE);
    const { requestsPerS, failed } = await program.next<LoadResult & { kind: 'done' }>('done');
    await program.stop();
    return { requestsPerS, failed };
  }
  const { url, seconds, connections, headers } = options;
  const [command = '', ...args] = pinned(LOAD_CORE, [
    ...['wrk', '-t', '1', '-c', String(connections), '-d', `${Math.max(1, Math.round(seconds))}s`],
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    url,
  ]);
  const { stdout } = await promisify(execFile)(command, args);
  return readWrk(stdout);
}

/**
 * Reads what wrk prints. Pure.
 *
 * @throws {Error} where there is no rate in it
 */
export function readWrk(text: string): LoadResult {
  const rate = /^Requests\/sec:\s*([\d.]+)/m.exec(text)?.[1];
  if (rate === undefined) throw new Error(`wrk gave no rate: ${text.slice(0, 300)}`);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  const broken =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  return { requestsPerS: Number(rate), failed: broken.reduce((sum, count) => sum + Number(count), refused) };
}
