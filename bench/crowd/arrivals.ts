import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Summary } from '../measure/statistics.ts';
import { startProgram } from '../start/program.ts';

/** Viewers who all arrive at the bell. */
export type ArrivalsOptions = {
  /** URL of the multivariant playlist. */
  readonly entry: string;
  /** Media playlists that each of them follows. */
  readonly playlists: readonly string[];
  readonly count: number;
  /** They arrive within this time, milliseconds. */
  readonly withinMs: number;
};

/** How they fared. */
export type ArrivalsReport = {
  /** Viewers who watch at the end. */
  readonly inside: number;
  /** Answers that told one to come later. */
  readonly refused: number;
  /** Requests for the multivariant playlist without an answer within 10 s. */
  readonly unanswered: number;
  readonly failures: number;
  /** Viewers who were told of a part more than a second after the first one, in the measured time. */
  readonly behind: number;
  /** From the arrival to the multivariant playlist, for those who got it. */
  readonly enteredMs: Summary;
  /** From the first viewer who is told of a part to each other one, in the measured time. */
  readonly releaseMs: Summary;
  readonly cpuS: number;
};

/**
 * Lets them arrive, and measures after a while.
 *
 * @param settleS seconds before the measured time
 * @param seconds of the measured time
 * @param core where they run; null for anywhere
 */
export async function runArrivals(
  options: ArrivalsOptions,
  settleS: number,
  seconds: number,
  core: number | null,
): Promise<ArrivalsReport> {
  const program = startProgram(join(import.meta.dirname, 'arrivals-program.ts'), options, core);
  await after(settleS * 1000);
  program.send({ kind: 'begin' });
  await after(seconds * 1000);
  program.send({ kind: 'end' });
  const { kind: _kind, ...report } = await program.next<ArrivalsReport & { kind: 'done' }>('done');
  await program.stop();
  return report;
}
