import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { summarize, type Summary } from '../measure/statistics.ts';
import { type BurnerKind, startBurner } from './burner.ts';
import type { ClipPublishers } from './clip-publishers.ts';
import { planChanges, planSummary } from './figures.ts';
import { openStage, type StagedServer } from './stage.ts';

/** What one class went through under a load that changes. */
export type SoakResult = {
  /** Age of the newest part of the pictures' rungs, and of the sound; milliseconds. */
  readonly pictures: Summary;
  readonly sound: Summary;
  readonly planChanges: number;
  readonly plans: string;
  readonly missing: number;
  /** Resident memory of the server's own process, MiB: at a fifth of the time, and at the end. */
  readonly residentMiB: readonly [early: number, late: number];
};

const LOADS = [0, 0, 0.5, 1, 1.5] as const;
const LEAST_S = 20;
const MOST_S = 90;

/**
 * Runs one class while a burner takes now this and now that much of the machine.
 *
 * @param random gives 0 ≤ n < 1
 */
export async function soakScene(
  server: StagedServer,
  publishers: ClipPublishers,
  minutes: number,
  kind: BurnerKind,
  random: () => number,
  say: (line: string) => void,
): Promise<SoakResult> {
  const stage = await openStage(server, publishers, 1, 0, say);
  try {
    await after(8000);
    stage.log.phase = 'soak';
    const startMs = Date.now();
    const endMs = startMs + minutes * 60_000;
    let early = Number.NaN;
    while (Date.now() < endMs) {
      const cores = LOADS[Math.floor(random() * LOADS.length)] ?? 0;
      const burner = cores === 0 ? null : await startBurner(cores, kind);
      stage.log.phase = `${cores}`;
      await after(Math.min(endMs - Date.now(), (LEAST_S + random() * (MOST_S - LEAST_S)) * 1000));
      await burner?.stop();
      if (Number.isNaN(early) && Date.now() - startMs > minutes * 12_000) early = residentMiB(server.pid);
    }
    const looks = stage.log.looks.filter(({ atMs }) => atMs >= startMs);
    const of = (pick: (ages: readonly number[]) => readonly number[]): Summary =>
      summarize(looks.flatMap(({ ages }) => pick(ages[0] ?? [])).filter(Number.isFinite));
    return {
      pictures: of((ages) => ages.slice(0, 2)),
      sound: of((ages) => ages.slice(2)),
      planChanges: planChanges(stage.log.seconds),
      plans: planSummary(stage.log.seconds),
      missing: stage.viewers[0]?.reduce((sum, { missing }) => sum + missing, 0) ?? 0,
      residentMiB: [early, residentMiB(server.pid)],
    };
  } finally {
    await stage.stop();
    await publishers.end(server.nameOf(0));
  }
}

function residentMiB(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}
