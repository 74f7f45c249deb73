import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from './wait-for.ts';

/** A program that a test started. */
export type Started = {
  readonly child: ChildProcess;
  /** What it has written so far on standard output and standard error. */
  stdout(): string;
  stderr(): string;
  /** Resolves when a text or pattern has been written on either; throws when the program ends before that. */
  waitForOutput(wanted: string | RegExp, withinMs?: number): Promise<void>;
  /** Resolves with its exit status, or the name of the signal that ended it. */
  exited(withinMs?: number): Promise<number | string>;
  /** Ends it: SIGTERM (or another signal), then SIGKILL after 5 s. Resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

const KILL_AFTER_MS = 5000;
const KEEP_CHARACTERS = 200_000;
const running = new Set<ChildProcess>();

// A test that fails before its `after` hook must not leave programs behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program with a clean end: it is killed with the test run at the latest. */
export function start(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string | undefined> } = {},
): Started {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env === undefined ? process.env : { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  let end: number | string | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-KEEP_CHARACTERS);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEEP_CHARACTERS);
  });
  child.once('error', (error) => {
    stderr += error.message;
    end ??= error.message;
    running.delete(child);
  });
  child.once('close', (status, signal) => {
    end ??= signal ?? status ?? 'gone';
    running.delete(child);
  });
  const said = (wanted: string | RegExp): boolean =>
    [stdout, stderr].some((text) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)));

  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    waitForOutput: async (wanted, withinMs) => {
      const outcome = await waitFor(
        `${command} writes ${String(wanted)}`,
        () => (said(wanted) ? 'said' : end !== null && 'ended'),
        withinMs,
      );
      if (outcome === 'ended') {
        throw new Error(
          `${command} ended with ${end} before it wrote ${String(wanted)}:\n${stdout}${stderr}`,
        );
      }
    },
    exited: (withinMs) =>
      waitFor(`${command} ends`, () => (end === null ? null : { end }), withinMs).then((seen) => seen.end),
    stop: async (signal = 'SIGTERM') => {
      if (end !== null) return;
      const closed = once(child, 'close');
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      await closed;
      clearTimeout(late);
    },
  };
}
