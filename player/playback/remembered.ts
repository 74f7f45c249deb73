import { memorize, recalled } from '../ui/browser-memory.ts';

/** What a browser remembers about its viewer from one visit to the next. All of it may be missing. */
export type Remembered = {
  readonly volume: number;
  readonly muted: boolean;
  /** Height in pixels of the quality that the viewer chose; null for automatic. */
  readonly qualityPx: number | null;
  readonly audioOnly: boolean;
  /** Last measured bit rate of the network, bits a second, and when (UTC milliseconds). */
  readonly bps: number | null;
  readonly bpsAtMs: number;
};

const KEY = 'lectern.player';
const NOTHING: Remembered = {
  volume: 1,
  muted: false,
  qualityPx: null,
  audioOnly: false,
  bps: null,
  bpsAtMs: 0,
};
const BPS_MEMORY_MS = 24 * 3_600_000;

/** Reads what was remembered; defaults where nothing, or nothing valid, is stored. */
export function recall(): Remembered {
  try {
    return parseRemembered(JSON.parse(recalled(KEY) ?? '{}'));
  } catch {
    return NOTHING;
  }
}

/** Changes some of it. */
export function remember(change: Partial<Remembered>): void {
  memorize(KEY, JSON.stringify({ ...recall(), ...change }));
}

/** Parses what was stored. */
export function parseRemembered(value: unknown): Remembered {
  if (typeof value !== 'object' || value === null) return NOTHING;
  const stored: Record<string, unknown> = { ...value };
  const { volume, muted, qualityPx, audioOnly, bps, bpsAtMs } = stored;
  return {
    volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : NOTHING.volume,
    muted: muted === true,
    qualityPx: typeof qualityPx === 'number' ? qualityPx : null,
    audioOnly: audioOnly === true,
    bps: typeof bps === 'number' && bps > 0 ? bps : null,
    bpsAtMs: typeof bpsAtMs === 'number' ? bpsAtMs : 0,
  };
}

/** The remembered bit rate, or null when it is from another day. */
export function recentBps({ bps, bpsAtMs }: Remembered, nowMs: number): number | null {
  return nowMs - bpsAtMs < BPS_MEMORY_MS ? bps : null;
}
