import { setTimeout as after } from 'node:timers/promises';
import type { ClipPublishers } from './clip-publishers.ts';
import { openStage, type StagedServer } from './stage.ts';

/** How far a class is behind after its encoders stood still. Milliseconds. */
export type StopResult = {
  /** The largest age of a picture rung's newest part while they stood, and in the 10 s after. */
  readonly worstMs: number;
  /** The largest age of the sound in the same time. */
  readonly soundMs: number;
  /** The largest age 10 s after they went on, over one second. */
  readonly laterMs: number;
};

const STOPPED_S = 5;
const LATER_S = 10;

/** Stops every encoder of a class for 5 s (SIGSTOP), and looks 10 s later. */
export async function stopScene(
  server: StagedServer,
  publishers: ClipPublishers,
  say: (line: string) => void,
): Promise<StopResult> {
  const stage = await openStage(server, publishers, 1, 0, say);
  const signalled = new Set<number>();
  try {
    await after(8000);
    stage.log.phase = 'stopped';
    for (const pid of server.encoders()) {
      process.kill(pid, 'SIGSTOP');
      signalled.add(pid);
    }
    await after(STOPPED_S * 1000);
    goOn(signalled);
    stage.log.phase = 'after';
    await after(LATER_S * 1000);
    stage.log.phase = 'later';
    await after(1000);
  } finally {
    goOn(signalled);
    await stage.stop();
    await publishers.end(server.nameOf(0));
  }
  const worst = (phases: readonly string[], pick: (ages: readonly number[]) => number[]): number =>
    Math.max(
      ...stage.log.looks
        .filter(({ phase }) => phases.includes(phase))
        .flatMap(({ ages }) => pick(ages[0] ?? []))
        .filter(Number.isFinite),
    );
  return {
    worstMs: worst(['stopped', 'after'], (ages) => ages.slice(0, 2)),
    soundMs: worst(['stopped', 'after'], (ages) => ages.slice(2)),
    laterMs: worst(['later'], (ages) => [...ages]),
  };
}

function goOn(pids: ReadonlySet<number>): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // Its end was decided meanwhile.
    }
  }
}
