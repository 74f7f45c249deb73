import type { BroadcastInfo } from '../channel/broadcast-info.ts';

/** What of a broadcast decides its length before anything is cut off. */
export type Recorded = Pick<BroadcastInfo, 'startMs' | 'endMs' | 'gaps'>;

/** What is to be cut off, UTC milliseconds; null where nothing is. */
export type Trim = { readonly trimStartMs: number | null; readonly trimEndMs: number | null };

/** Why a trim cannot be: the time at the start or at the end is none, or they leave nothing between them. */
export type TrimFault = 'bad-start' | 'bad-end' | 'nothing-left';

/** A cut that leaves less than this is a slip, in milliseconds. */
const LEAST_LEFT_MS = 1000;

/** What the whole of it lasts, without its interruptions, in milliseconds; 0 while it is on air. */
export function wholeMs(recorded: Recorded): number {
  return recorded.endMs === null ? 0 : offsetAt(recorded, recorded.endMs);
}

/**
 * How far into the recording a time is: interruptions take no time in it.
 *
 * @param utcMs UTC milliseconds
 * @returns milliseconds since the beginning, within the recording
 */
export function offsetAt({ startMs, endMs, gaps }: Recorded, utcMs: number): number {
  const atMs = Math.max(startMs, Math.min(utcMs, endMs ?? utcMs));
  let offsetMs = atMs - startMs;
  for (const gap of gaps) offsetMs -= Math.max(0, Math.min(gap.endMs, atMs) - Math.max(gap.startMs, startMs));
  return Math.max(0, offsetMs);
}

/**
 * The time that is so far into the recording; the inverse of {@link offsetAt}.
 *
 * @param offsetMs since the beginning, milliseconds
 * @returns UTC milliseconds, within the recording
 */
export function utcAt({ startMs, endMs, gaps }: Recorded, offsetMs: number): number {
  let utcMs = startMs + Math.max(0, offsetMs);
  for (const gap of gaps) {
    if (gap.endMs <= startMs || Math.max(gap.startMs, startMs) >= utcMs) continue;
    utcMs += gap.endMs - Math.max(gap.startMs, startMs);
  }
  return Math.min(utcMs, endMs ?? utcMs);
}

/**
 * Reads a time as people write it: `1:04:05`, `4:05`, `4：05`, or seconds.
 *
 * @returns milliseconds; null for what is none
 */
export function readOffset(text: string): number | null {
  const match = /^(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5})$/.exec(text.trim().replaceAll('：', ':'));
  if (match === null) return null;
  const [h = 0, m = 0, s = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return match[2] !== undefined && s > 59 ? null : ((h * 60 + m) * 60 + s) * 1000;
}

/**
 * Works out a trim from what somebody wrote.
 *
 * @param startText and `endText`: since the beginning of the whole recording; '' for its beginning and its end
 */
export function trimOf(recorded: Recorded, startText: string, endText: string): Trim | TrimFault {
  const lengthMs = wholeMs(recorded);
  const startMs = startText.trim() === '' ? 0 : readOffset(startText);
  const endMs = endText.trim() === '' ? lengthMs : readOffset(endText);
  if (startMs === null || startMs > lengthMs) return 'bad-start';
  if (endMs === null) return 'bad-end';
  if (Math.min(endMs, lengthMs) - startMs < LEAST_LEFT_MS) return 'nothing-left';
  return {
    trimStartMs: startMs === 0 ? null : utcAt(recorded, startMs),
    // A whole second may be written that lies just behind the last picture.
    trimEndMs: endMs > lengthMs - LEAST_LEFT_MS ? null : utcAt(recorded, endMs),
  };
}
