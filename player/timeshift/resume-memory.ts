import { memorize, recalled } from '../ui/browser-memory.ts';
import { parseStops, resumeAt, withStop } from './resume-list.ts';

const KEY = 'lectern.stops';

/** Where this browser stopped watching a broadcast, in milliseconds; 0 for the beginning. */
export function recallStop(key: string): number {
  return resumeAt(parseStops(recalled(KEY)), key);
}

/** Remembers where this browser is in a broadcast, in milliseconds. */
export function rememberStop(key: string, positionMs: number, lengthMs: number): void {
  const stop = { key, positionMs: Math.round(positionMs), atMs: Date.now() };
  memorize(KEY, JSON.stringify(withStop(parseStops(recalled(KEY)), stop, lengthMs)));
}
