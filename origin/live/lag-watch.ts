import type { AirStatus } from './air-status.ts';

/** What the log has said of a class's lag. */
export type LagWatch = {
  /** The class is later than the line, and was for long enough. */
  readonly isLate: boolean;
  /** The log says that it is late: once more it says that it is back. */
  readonly isSaid: boolean;
  /** Since when it is on the other side of the line, UTC milliseconds; null while it is not. */
  readonly sinceMs: number | null;
  /** When the log last said that it is late. */
  readonly saidMs: number;
};

/** What is to be written now, if anything. */
export type LagNews = 'late' | 'back' | null;

/** A class that nothing is known of. */
export const LAG_UNKNOWN: LagWatch = {
  isLate: false,
  isSaid: false,
  sinceMs: null,
  saidMs: Number.NEGATIVE_INFINITY,
};

/** The line: a class whose newest part is older is late … */
export const LATE_MS = 1500;
/** … and one whose newest part is younger than this is back. */
const BACK_MS = 1200;
/** For how long it must be so. */
const HOLDS_MS = 2000;
/** A class that goes to and fro is logged at most once in this time. */
const EVERY_MS = 60_000;

/**
 * Follows the lag of a class. Pure.
 *
 * @param lateMs age of the newest part, milliseconds; null where there is none, which changes nothing
 * @param nowMs UTC milliseconds
 */
export function watchLag(
  watch: LagWatch,
  lateMs: number | null,
  nowMs: number,
): { readonly watch: LagWatch; readonly news: LagNews } {
  if (lateMs === null) return { watch, news: null };
  const crosses = watch.isLate ? lateMs < BACK_MS : lateMs > LATE_MS;
  const sinceMs = crosses ? Math.min(watch.sinceMs ?? nowMs, nowMs) : null;
  const turns = sinceMs !== null && nowMs - sinceMs >= HOLDS_MS;
  const isLate = watch.isLate !== turns;
  const next = { ...watch, isLate, sinceMs: turns ? null : sinceMs };
  if (isLate && !watch.isSaid && (nowMs - watch.saidMs >= EVERY_MS || nowMs < watch.saidMs)) {
    return { watch: { ...next, isSaid: true, saidMs: nowMs }, news: 'late' };
  }
  if (!isLate && watch.isSaid) return { watch: { ...next, isSaid: false }, news: 'back' };
  return { watch: next, news: null };
}

/** Who is at fault, for the operator. */
const WHERE: Readonly<Record<NonNullable<AirStatus['fault']>['stage'], string>> = {
  line: 'the line or the encoder of the publisher',
  source: 'the way from ingest to the transcode worker',
  queue: 'the transcode worker, where media waits for ffmpeg',
  rung: 'the transcode worker, which encodes pictures too slowly',
  sound: 'the transcode worker, which encodes sound too slowly',
  uplink: 'the way from the transcode worker to the origin',
  origin: 'the origin',
};

/** Writes the log line that a class is late or back: figure, stage and plan. */
export function lagLine(channel: string, news: 'late' | 'back', { lateMs, fault, plan }: AirStatus): string {
  const seconds = ((lateMs ?? 0) / 1000).toFixed(1);
  if (news === 'back') return `${channel}: on time again, ${seconds} s behind${planWords(plan)}`;
  const where =
    fault === null
      ? plan === null
        ? 'no transcode worker reports where'
        : 'no stage stands out'
      : `${(fault.excessMs / 1000).toFixed(1)} s of it at ${WHERE[fault.stage]}`;
  return `${channel}: ${seconds} s behind, ${where}${planWords(plan)}`;
}

function planWords(plan: AirStatus['plan']): string {
  if (plan === null) return '';
  const why = plan.reason === '' ? '' : ` (${plan.reason})`;
  return `; encoding plan ${plan.name}${why}`;
}
