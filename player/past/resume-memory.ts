import { parseStops, resumeAt, withStop } from './resume-list.ts';

const KEY = 'lectern.stops';

/** Where this browser stopped watching a broadcast, in milliseconds; 0 for the beginning. */
export function recallStop(key: string): number {
  try {
    return resumeAt(parseStops(localStorage.getItem(KEY)), key);
  } catch {
    return 0;
  }
}

/** Remembers where this browser is in a broadcast, in milliseconds. */
export function rememberStop(key: string, positionMs: number, lengthMs: number): void {
  try {
    const stops = parseStops(localStorage.getItem(KEY));
    const stop = { key, positionMs: Math.round(positionMs), atMs: Date.now() };
    localStorage.setItem(KEY, JSON.stringify(withStop(stops, stop, lengthMs)));
  } catch {
    // Storage is full or refused: then it begins at the beginning.
  }
}
