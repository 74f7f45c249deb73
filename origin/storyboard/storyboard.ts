import { z } from 'zod';
import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { type BroadcastRecord, replayRange } from '../broadcasts/broadcast-record.ts';
import { commonInitHash, gridStartMsOf, type StoredSegment } from '../packager/recording/stored-segment.ts';

/** Pictures in a sheet: columns and rows. */
export const SHEET = { columns: 10, rows: 10 };
/** Size of one picture, pixels; other shapes than 16:9 get bars. */
export const PICTURE = { widthPx: 160, heightPx: 90 };
/** Pictures of a broadcast at most: two sheets. */
const MAX_PICTURES = 2 * SHEET.columns * SHEET.rows;
/** Segments between two pictures at least: some five seconds. */
const MIN_STEP = 3;

/** The stored description of a storyboard. */
export const storyboardSchema = z.strictObject({
  /** When each picture was on air, UTC milliseconds, in the order of the sheets. */
  timesMs: z.array(z.int().min(0)).min(1).max(MAX_PICTURES),
  sheets: z.int().min(1).max(100),
});
/** See {@link storyboardSchema}. */
export type Storyboard = z.output<typeof storyboardSchema>;

/**
 * Chooses the segments that a storyboard shows: evenly spread, from the smallest picture, and of one init segment, so that
 * one decoder can read all of them.
 *
 * @param segments of all renditions
 * @param heights of video renditions, by id; audio renditions are left out
 */
export function choosePictures(
  segments: readonly StoredSegment[],
  heights: ReadonlyMap<string, number>,
): StoredSegment[] {
  const ids = [...new Set(segments.map(({ rendition }) => rendition))];
  const [smallest] = ids
    .filter((id) => heights.has(id))
    .toSorted((a, b) => (heights.get(a) ?? 0) - (heights.get(b) ?? 0));
  const own = segments.filter(({ rendition }) => rendition === smallest);
  const common = commonInitHash(own);
  const usable = own
    .filter(({ initHash }) => initHash === common)
    .toSorted((a, b) => gridStartMsOf(a) - gridStartMsOf(b));
  const step = Math.max(MIN_STEP, Math.ceil(usable.length / MAX_PICTURES));
  return usable.filter((_, index) => index % step === 0);
}

/**
 * Converts a time on air to a time in a broadcast's replay, milliseconds; null when it is trimmed or in a gap.
 *
 * @param timeMs UTC milliseconds
 */
export function positionInReplay(broadcast: BroadcastRecord, timeMs: number): number | null {
  const range = replayRange(broadcast);
  if (range === null || timeMs < range.fromMs || timeMs >= range.toMs) return null;
  let positionMs = timeMs - range.fromMs;
  for (const { startMs, endMs } of broadcast.gaps) {
    if (timeMs >= startMs && timeMs < endMs) return null;
    positionMs -= Math.max(0, Math.min(endMs, timeMs) - Math.max(startMs, range.fromMs));
  }
  return positionMs;
}

/** Whether a storyboard was drawn before a part of its broadcast was cut off, and so shows it. */
export function showsCutPart({ timesMs }: Storyboard, broadcast: BroadcastRecord): boolean {
  const range = replayRange(broadcast);
  if (range === null) return false;
  // A picture is the first of its segment, which may begin a segment before the part that is shown.
  return timesMs.some((timeMs) => timeMs <= range.fromMs - SEGMENT_DURATION_MS || timeMs >= range.toMs);
}

/**
 * Writes a storyboard as WebVTT: a cue for each picture, from its time to the next one's, with the place of the picture in
 * its sheet (Media Fragments URI §4.2.2, `#xywh=`).
 *
 * @param durationMs of the replay
 * @param sheetName name of a sheet, relative to the text's own address
 */
export function renderStoryboard(
  storyboard: Storyboard,
  broadcast: BroadcastRecord,
  durationMs: number,
  sheetName: (sheet: number) => string,
): string {
  const cues: { readonly atMs: number; readonly index: number }[] = [];
  storyboard.timesMs.forEach((timeMs, index) => {
    const atMs = positionInReplay(broadcast, timeMs);
    if (atMs !== null) cues.push({ atMs, index });
  });
  const perSheet = SHEET.columns * SHEET.rows;
  let text = 'WEBVTT\n';
  cues.forEach(({ atMs, index }, i) => {
    // The first cue begins at 0, so that the time before its picture is covered.
    const fromMs = i === 0 ? 0 : atMs;
    const toMs = Math.max(fromMs + 1, cues[i + 1]?.atMs ?? durationMs);
    const place = index % perSheet;
    const x = (place % SHEET.columns) * PICTURE.widthPx;
    const y = Math.floor(place / SHEET.columns) * PICTURE.heightPx;
    const name = sheetName(Math.floor(index / perSheet));
    text += `\n${formatTime(fromMs)} --> ${formatTime(toMs)}\n${name}#xywh=${x},${y},${PICTURE.widthPx},${PICTURE.heightPx}\n`;
  });
  return text;
}

/** A timestamp of WebVTT (§4.1): `00:01:02.345`. */
function formatTime(timeMs: number): string {
  const whole = Math.round(timeMs);
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor(whole / 60_000) % 60;
  const seconds = Math.floor(whole / 1000) % 60;
  return `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}.${pad(whole % 1000, 3)}`;
}
