import type { BroadcastInfo } from '../channel/broadcast-info.ts';

/** The fields of a broadcast that give its length before it is trimmed. */
export type Recorded = Pick<BroadcastInfo, 'startMs' | 'endMs' | 'gaps'>;

/** Start and end of a trim, UTC milliseconds; null where nothing is trimmed. */
export type Trim = { readonly trimStartMs: number | null; readonly trimEndMs: number | null };

/** Why a trim is rejected: the start or the end is no valid time, or nothing is left between them. */
export type TrimFault = 'bad-start' | 'bad-end' | 'nothing-left';

/** A trim that leaves less than this is rejected, in milliseconds. */
const LEAST_LEFT_MS = 1000;

/** Duration without trim and without interruptions, in milliseconds; 0 while it is on air. */
export function wholeMs(recorded: Recorded): number {
  return recorded.endMs === null ? 0 : offsetAt(recorded, recorded.endMs);
}

/**
 * The position of a time in the recording, in which interruptions take no time.
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
 * The time at a position in the recording; the inverse of {@link offsetAt}.
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
 * Parses a time: `1:04:05`, `4:05`, `4：05`, or seconds.
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
 * Calculates a trim from the texts of the form.
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
    // The last whole second may be just after the last picture.
    trimEndMs: endMs > lengthMs - LEAST_LEFT_MS ? null : utcAt(recorded, endMs),
  };
}
