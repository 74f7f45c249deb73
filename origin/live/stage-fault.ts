import type { FeedReport } from '../../shared/feed-report.ts';
import { type Stage, worstOf } from '../../shared/stage-lags.ts';

/** The stage that makes a class late, and by how much more than its normal share, milliseconds. */
export type StageFault = { readonly stage: Stage; readonly excessMs: number };

/**
 * What each stage takes when all is well, milliseconds: a frame and the network; for encoders their delay; for the origin a part is
 * added, which must be complete before it counts.
 */
const NORMAL_MS: Readonly<Record<Stage, number>> = {
  line: 150,
  source: 100,
  queue: 100,
  rung: 300,
  sound: 300,
  uplink: 100,
  origin: 150,
};
/** Less than this beyond its share is nobody's fault, milliseconds. */
const TOLERATED_MS = 300;

/**
 * Finds the stage at fault: the one with the largest increase over the stages before it, beyond its normal share. Pure.
 *
 * @param lagMs of the worker's report
 * @param originMs age of the newest part of the latest rendition at the moment of the report; null where it is not known
 * @param partTargetMs part target duration, milliseconds
 * @returns null where every stage is within what is tolerated
 */
export function stageFault(
  lagMs: FeedReport['lagMs'],
  originMs: number | null,
  partTargetMs: number,
): StageFault | null {
  const faults = increases(lagMs, originMs).map(({ stage, ms }) => {
    const normalMs = NORMAL_MS[stage] + (stage === 'origin' ? partTargetMs : 0);
    return { stage, excessMs: Math.round(ms - normalMs) };
  });
  const worst = faults.toSorted((a, b) => b.excessMs - a.excessMs)[0];
  return worst === undefined || worst.excessMs < TOLERATED_MS ? null : worst;
}

type Increase = { readonly stage: Stage; readonly ms: number };

/** How much each stage adds. Pictures and sound go their own ways, and meet in the uplink. */
function increases(lagMs: FeedReport['lagMs'], originMs: number | null): Increase[] {
  const { line, source, queue, rungs, sound, uplink } = lagMs;
  const pictures = chain([
    ['line', line.picture],
    ['source', source.picture],
    ['queue', queue],
    ['rung', worstOf(...Object.values(rungs))],
  ]);
  const voice = chain([
    ['line', line.sound],
    ['source', source.sound],
    ['sound', sound],
  ]);
  const encodedMs = worstOf(pictures.endMs, voice.endMs);
  const ends = chain(
    [
      ['uplink', uplink],
      ['origin', originMs],
    ],
    encodedMs,
  );
  return [...pictures.increases, ...voice.increases, ...ends.increases];
}

function chain(
  stages: readonly (readonly [Stage, number | null])[],
  beforeMs: number | null = null,
): { readonly increases: readonly Increase[]; readonly endMs: number | null } {
  const found: Increase[] = [];
  let atMs = beforeMs;
  for (const [stage, ms] of stages) {
    if (ms === null) continue;
    found.push({ stage, ms: ms - Math.max(0, atMs ?? 0) });
    atMs = Math.max(atMs ?? ms, ms);
  }
  return { increases: found, endMs: atMs };
}
