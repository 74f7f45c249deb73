import { isRecord, millisecondsOf } from '../channel/checked.ts';

/** Where somebody stopped watching a broadcast. */
export type Stop = {
  /** `channel/broadcast` */
  readonly key: string;
  /** Since the beginning of the replay, milliseconds. */
  readonly positionMs: number;
  /** When that was, UTC milliseconds. */
  readonly atMs: number;
};

/** This many are stored; the oldest are discarded. */
export const MOST_STOPS = 200;
/** A replay that was left this early starts from the beginning. */
const TOO_EARLY_MS = 10_000;
/** With less than this left, the replay counts as watched. */
const NEAR_END_MS = 20_000;
const NEAR_END_SHARE = 0.02;

/** Parses what was stored. */
export function parseStops(stored: string | null): Stop[] {
  try {
    const value: unknown = JSON.parse(stored ?? '[]');
    if (!Array.isArray(value)) return [];
    const entries: unknown[] = value;
    return entries
      .map(stopOf)
      .filter((stop) => stop !== null)
      .slice(0, MOST_STOPS);
  } catch {
    return [];
  }
}

/** Where to continue a broadcast, in milliseconds; 0 for its beginning. */
export function resumeAt(stops: readonly Stop[], key: string): number {
  return stops.find((stop) => stop.key === key)?.positionMs ?? 0;
}

/**
 * Adds where the viewer is. Near the beginning and near the end there is nothing to continue: then the broadcast is removed.
 *
 * @param lengthMs duration of the replay
 * @returns the newest first
 */
export function withStop(stops: readonly Stop[], stop: Stop, lengthMs: number): Stop[] {
  const others = stops.filter(({ key }) => key !== stop.key);
  const leftMs = lengthMs - stop.positionMs;
  const isWorth =
    stop.positionMs >= TOO_EARLY_MS &&
    leftMs > Math.min(NEAR_END_MS, lengthMs / 4) &&
    leftMs > lengthMs * NEAR_END_SHARE;
  return (isWorth ? [stop, ...others] : others).slice(0, MOST_STOPS);
}

function stopOf(value: unknown): Stop | null {
  if (!isRecord(value)) return null;
  const { key } = value;
  const [positionMs, atMs] = [millisecondsOf(value['positionMs']), millisecondsOf(value['atMs'])];
  if (typeof key !== 'string' || key.length > 130 || positionMs === null || atMs === null) return null;
  return { key, positionMs, atMs };
}
