import type { Level } from '../abr/levels.ts';

/** A level as viewers know it: `720p`, `720p50` above 30 frames a second. */
export function levelName(level: Level): string {
  const fast = level.frameRate > 31 ? String(Math.round(level.frameRate)) : '';
  return level.heightPx > 0 ? `${level.heightPx}p${fast}` : `${Math.round(level.bitrateBps / 1000)} kbit/s`;
}
