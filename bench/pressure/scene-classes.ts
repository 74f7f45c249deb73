import { setTimeout as after } from 'node:timers/promises';
import { summarize, type Summary } from '../measure/statistics.ts';
import type { ClipPublishers } from './clip-publishers.ts';
import { fullAgainAfterMs, planSummary } from './figures.ts';
import type { Second } from './second-log.ts';
import { openStage, type StagedServer } from './stage.ts';

/** What several classes at once went through. */
export type ClassesResult = {
  /** Age of the newest part, over all renditions, by class. Milliseconds. */
  readonly ages: readonly Summary[];
  /** The same for sound alone. */
  readonly soundAges: readonly Summary[];
  /** Plans of each class while all were on air. */
  readonly plans: readonly string[];
  /** How long after the others' end the last class's full ladder was back, milliseconds; null for never or not said. */
  readonly fullAfterMs: number | null;
  readonly missing: number;
  readonly seconds: readonly Second[];
};

/** Time that classes get to find their plans, before the figures. */
const SETTLE_S = 15;

/**
 * Puts classes on air at once, and ends all but the first after a time.
 *
 * @param seconds how long all of them are measured
 * @param afterS how long the first one is watched alone
 */
export async function classesScene(
  server: StagedServer,
  publishers: ClipPublishers,
  classes: number,
  seconds: number,
  afterS: number,
  say: (line: string) => void,
): Promise<ClassesResult> {
  const stage = await openStage(server, publishers, classes, 0, say);
  const open = new Set(Array.from({ length: classes }, (_, at) => at));
  try {
    await after(SETTLE_S * 1000);
    stage.log.phase = 'all';
    await after(seconds * 1000);
    stage.log.phase = 'alone';
    const aloneMs = Date.now();
    for (let at = 1; at < classes; at += 1) {
      await publishers.end(server.nameOf(at));
      open.delete(at);
    }
    await after(afterS * 1000);
    const all = stage.log.looks.filter(({ phase }) => phase === 'all');
    const by = (pick: (ages: readonly number[]) => readonly number[]): Summary[] =>
      Array.from({ length: classes }, (_, at) =>
        summarize(all.flatMap(({ ages }) => pick(ages[at] ?? [])).filter(Number.isFinite)),
      );
    const measured = stage.log.seconds.filter(({ phase }) => phase === 'all');
    return {
      ages: by((ages) => ages),
      soundAges: by((ages) => ages.slice(2)),
      plans: Array.from({ length: classes }, (_, at) => planSummary(measured, at)),
      fullAfterMs: fullAgainAfterMs(stage.log.seconds, aloneMs),
      missing: stage.viewers[0]?.reduce((sum, { missing }) => sum + missing, 0) ?? 0,
      seconds: stage.log.seconds,
    };
  } finally {
    await stage.stop();
    for (const at of open) await publishers.end(server.nameOf(at));
  }
}
