import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { isChannelId } from '../../shared/names.ts';
import { plainText } from '../../shared/plain-text.ts';
import { joinRanges } from './recovered.ts';
import { storedMark, MARKS_MOST } from '../marks/mark.ts';

/** A broadcast does not exist, or the requested change is not possible. */
export class BroadcastError extends AppError {}

/** The error while the library is not read from the store yet: `library-loading` (503). */
export function libraryLoading(): BroadcastError {
  return new BroadcastError('the library is being read from the store; try again in a moment', {
    code: 'library-loading',
    status: 503,
  });
}

/** A broadcast that ended earlier than this and is not in the library is not added from the log of runs. Milliseconds. */
export const FORGET_AFTER_MS = 30 * 86_400_000;

const timeMs = z.int().min(0).max(8.64e15);
const id = z.string().regex(/^[a-z0-9-]{1,64}$/);
const text = (max: number) => z.string().trim().max(max);
/** A text that pages show, without characters that hide or turn others. */
const shownText = (max: number) =>
  z
    .string()
    .max(4 * max)
    .overwrite(plainText)
    .max(max);

/** The fields of a broadcast that a teacher or operator may change; null removes a trim. Unknown keys are rejected. */
export const broadcastChange = z.strictObject({
  title: shownText(200).min(1).optional(),
  teacher: shownText(100).optional(),
  subject: shownText(100).optional(),
  grade: z.int().min(1).max(12).optional(),
  /** Start and end of its replay, UTC milliseconds. */
  trimStartMs: timeMs.nullable().optional(),
  trimEndMs: timeMs.nullable().optional(),
  /** Protected: retention does not delete it. */
  keep: z.boolean().optional(),
});
/** See {@link broadcastChange}. */
export type BroadcastChange = z.output<typeof broadcastChange>;

/** A broadcast in its stored form. */
export const broadcastSchema = z.strictObject({
  /** Id of its first publish. */
  id,
  channel: z.string().refine(isChannelId),
  title: text(200),
  grade: z.int().min(1).max(12).optional(),
  subject: text(100).optional(),
  teacher: text(100).optional(),
  /** BCP 47. */
  language: text(40),
  /** UTC milliseconds, on the grid. */
  startMs: timeMs,
  /** null while it is on air. */
  endMs: timeMs.nullable(),
  /** Times in which its teacher was disconnected and only the slate was on air; oldest first. */
  gaps: z.array(z.strictObject({ startMs: timeMs, endMs: timeMs })).max(10_000),
  /** Times in which the slate was on air, and whose media came later and is recorded: no gaps; oldest first. */
  recovered: z
    .array(z.strictObject({ startMs: timeMs, endMs: timeMs }))
    .max(10_000)
    .optional(),
  trimStartMs: timeMs.optional(),
  trimEndMs: timeMs.optional(),
  /** Its roll calls, oldest first. */
  marks: z.array(storedMark).max(MARKS_MOST).optional(),
  keep: z.boolean(),
  /** It has a storyboard and a poster. */
  hasStoryboard: z.boolean().optional(),
  /** When it was deleted, UTC milliseconds. The record stays, so that no process adds the broadcast again. */
  deletedMs: timeMs.optional(),
  /** With `deletedMs`: its media is erased too. */
  isErased: z.boolean().optional(),
});

/** One class, from its publisher's start to its end, reconnects included. */
export type BroadcastRecord = z.output<typeof broadcastSchema>;

/** The range of its replay, UTC milliseconds; null while it is on air. */
export function replayRange(
  broadcast: BroadcastRecord,
): { readonly fromMs: number; readonly toMs: number } | null {
  if (broadcast.endMs === null) return null;
  const fromMs = broadcast.trimStartMs ?? broadcast.startMs;
  const toMs = broadcast.trimEndMs ?? broadcast.endMs;
  return { fromMs, toMs };
}

/**
 * Duration of its replay, milliseconds: without trimmed time and gaps.
 *
 * @param nowMs taken as the end of one that is on air
 */
export function durationMs(broadcast: BroadcastRecord, nowMs: number): number {
  const { fromMs, toMs } = replayRange(broadcast) ?? { fromMs: broadcast.startMs, toMs: nowMs };
  let lastsMs = Math.max(0, toMs - fromMs);
  for (const gap of broadcast.gaps) {
    lastsMs -= Math.max(0, Math.min(gap.endMs, toMs) - Math.max(gap.startMs, fromMs));
  }
  return Math.max(0, lastsMs);
}

/**
 * Applies a change.
 *
 * @throws {BroadcastError} `bad-trim` (400) when a trim leaves nothing, or is outside of the broadcast
 */
export function changeBroadcast(broadcast: BroadcastRecord, change: BroadcastChange): BroadcastRecord {
  const { trimStartMs, trimEndMs, ...rest } = change;
  const changed: BroadcastRecord = { ...broadcast };
  for (const [key, value] of Object.entries(rest))
    if (value !== undefined) Object.assign(changed, { [key]: value });
  if (trimStartMs === null) delete changed.trimStartMs;
  else if (trimStartMs !== undefined) changed.trimStartMs = trimStartMs;
  if (trimEndMs === null) delete changed.trimEndMs;
  else if (trimEndMs !== undefined) changed.trimEndMs = trimEndMs;
  const endMs = changed.endMs ?? Number.POSITIVE_INFINITY;
  const fromMs = changed.trimStartMs ?? changed.startMs;
  const toMs = changed.trimEndMs ?? endMs;
  if (fromMs < changed.startMs || toMs > endMs || toMs <= fromMs) {
    throw new BroadcastError(
      `trim ${fromMs} to ${toMs}: want the end after the start, within ${changed.startMs} to ${changed.endMs ?? 'now'}`,
      { code: 'bad-trim', status: 400 },
    );
  }
  return changed;
}

/**
 * Marks a broadcast as deleted. The record stays, so that no process adds the broadcast again.
 *
 * @param nowMs UTC milliseconds
 * @throws {BroadcastError} `broadcast-on-air` (409)
 */
export function deleteBroadcast(broadcast: BroadcastRecord, nowMs: number): BroadcastRecord {
  if (broadcast.endMs !== null) return { ...broadcast, deletedMs: nowMs };
  throw new BroadcastError(`broadcast ${broadcast.id} is on air`, { code: 'broadcast-on-air', status: 409 });
}

/**
 * Updates the stored record of a broadcast with what was on air here. Fields that users change are taken from the store, and a
 * deleted broadcast stays deleted.
 *
 * @param stored undefined when there is none
 * @param aired the record as this process knows it
 */
export function mergeAired(stored: BroadcastRecord | undefined, aired: BroadcastRecord): BroadcastRecord {
  if (stored === undefined) return aired;
  if (stored.deletedMs !== undefined) return stored;
  const hasStoryboard = aired.hasStoryboard === true || stored.hasStoryboard === true;
  const recovered = joinRanges([...(stored.recovered ?? []), ...(aired.recovered ?? [])]);
  const merged = {
    ...stored,
    ...(hasStoryboard ? { hasStoryboard } : {}),
    ...(recovered.length > 0 ? { recovered } : {}),
  };
  // Another origin may have seen more of it; for one where it is on air, it has not ended.
  const isBehind = aired.endMs !== null && stored.endMs !== null && stored.endMs > aired.endMs;
  return isBehind ? merged : { ...merged, endMs: aired.endMs, gaps: aired.gaps };
}
