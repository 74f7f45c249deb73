import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Summary } from '../measure/statistics.ts';
import { startProgram } from '../start/program.ts';

/** Which viewers. */
export type ViewersOptions = {
  /** Media playlists that each of them follows: picture and sound. */
  readonly playlists: readonly string[];
  readonly count: number;
  /** They run before everything else on their core, where others load the server from there; false when left out. */
  readonly runsFirst?: boolean;
};

/** How viewers fared. */
export type ViewersReport = {
  /** From the moment at which the first viewer was told of a part to the moment at which each was. */
  readonly releaseMs: Summary;
  /** From asking for a part to its last byte. */
  readonly fetchMs: Summary;
  /** Viewers who were told of a part more than a second after the first one, at least once. */
  readonly behind: number;
  /** Answers other than 200, and connections that were lost. */
  readonly failures: number;
  readonly ended: number;
  /** CPU time of the simulation itself, seconds: near the length of the run it is the limit, and not the server. */
  readonly cpuS: number;
  /** How many announcements were counted. */
  readonly announced: number;
  /** By `path number.part`: when the first and the last viewer were told, UTC milliseconds. */
  readonly parts: readonly { readonly key: string; readonly firstMs: number; readonly lastMs: number }[];
};

/** Lets viewers watch: all join, and then count for a time. @param core where they run; null for anywhere */
export async function runViewers(
  options: ViewersOptions,
  seconds: number,
  core: number | null,
): Promise<ViewersReport> {
  const program = startProgram(join(import.meta.dirname, 'viewers-program.ts'), options, core);
  await program.next('joined');
  await after(2000);
  program.send({ kind: 'begin' });
  await after(seconds * 1000);
  program.send({ kind: 'end' });
  const { kind: _kind, ...report } = await program.next<ViewersReport & { kind: 'done' }>('done');
  await program.stop();
  return report;
}
