/**
 * Seconds as a playlist writes them, to the microsecond.
 *
 * @param seconds 0 or above a microsecond
 */
export function formatSeconds(seconds: number): string {
  return String(Math.round(seconds * 1e6) / 1e6);
}

/**
 * Media time as UTC in whole milliseconds, rounded to the nearest. Exact for times of this epoch, whose product with
 * 1000 no double could hold.
 *
 * @param ticks ticks since the Unix epoch
 * @param timescaleHz ticks a second
 */
export function ticksToMs(ticks: number, timescaleHz: number): number {
  const wholeSeconds = Math.floor(ticks / timescaleHz);
  return wholeSeconds * 1000 + Math.round(((ticks - wholeSeconds * timescaleHz) * 1000) / timescaleHz);
}

/**
 * A date as playlists and manifests write it (ISO 8601, UTC, milliseconds).
 *
 * @param timeMs UTC milliseconds; a fraction is cut off
 */
export function formatDate(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
