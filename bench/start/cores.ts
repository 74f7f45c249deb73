import { cpus } from 'node:os';
import { isOnPath } from '../report/machine.ts';

/** Puts a command on one core, where the machine has two and `taskset` is there; else leaves it as it is. */
export function pinned(core: number | null, command: readonly string[]): string[] {
  return core === null || !canPin() ? [...command] : ['taskset', '-c', String(core), ...command];
}

/** Tells whether a server and its load can each have a core of their own. */
export function canPin(): boolean {
  return cpus().length >= 2 && isOnPath('taskset');
}

/** What to put before a command, so that it runs in a session of its own; nothing where `setsid` is missing. */
export function inOwnSession(): string[] {
  return isOnPath('setsid') ? ['setsid'] : [];
}

/** The core of the server that is measured. */
export const SERVER_CORE = 0;
/** The core of what asks it. */
export const LOAD_CORE = 1;
