import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { plainText } from '../../shared/plain-text.ts';

/** A mark is rejected. */
export class MarkError extends AppError {}

/** Most marks of one channel, and of one broadcast. */
export const MARKS_MOST = 500;

const timeMs = z.number().min(0).max(8.64e15);
const fields = {
  kind: z.enum(['presence', 'choice', 'number', 'text', 'hand']),
  atMs: timeMs,
  endMs: timeMs.nullable(),
  /** The teacher's question; not in the streams. */
  label: z.string().max(500),
};

/** Id of a mark. */
export const markId = z.string().regex(/^[a-z0-9-]{1,64}$/, "want 1 to 64 of a-z, 0-9 and '-'");
/** A mark as the API accepts it. */
export const markInput = z.strictObject({ ...fields, label: fields.label.overwrite(plainText) });
/** A mark in its stored form. */
export const storedMark = z.strictObject({ id: markId, ...fields });
/** See {@link storedMark}. */
export type StoredMark = z.output<typeof storedMark>;

/** A mark is accepted up to this long after its time, milliseconds: a roll call that was disconnected sends it late. */
const LATE_MS = 12 * 3_600_000;
/** A mark is accepted up to this long before its time, milliseconds. */
const EARLY_MS = 60_000;

/**
 * Adds a mark, or changes a known one: its label, and its end if it had none. Attributes that playlists have listed do not
 * change (RFC 8216bis §4.4.5.1: attributes of one ID have the same values).
 *
 * @param marks oldest first
 * @param nowMs UTC milliseconds
 * @returns oldest first; the oldest are removed when there are too many
 * @throws {MarkError} `bad-input` (400) for a time that is too far from now, or an end before it
 */
export function withMark(
  marks: readonly StoredMark[],
  mark: StoredMark,
  nowMs: number,
): readonly StoredMark[] {
  const known = marks.find(({ id }) => id === mark.id);
  const atMs = known?.atMs ?? mark.atMs;
  if (known === undefined && (atMs < nowMs - LATE_MS || atMs > nowMs + EARLY_MS)) {
    throw badMark(`atMs: ${atMs}: want a time of the last 12 hours`);
  }
  if (mark.endMs !== null && (mark.endMs < atMs || mark.endMs > atMs + LATE_MS)) {
    throw badMark(`endMs: ${mark.endMs}: want a time after atMs`);
  }
  return [...marks.filter(({ id }) => id !== mark.id), { ...mark, atMs, endMs: known?.endMs ?? mark.endMs }]
    .toSorted((a, b) => a.atMs - b.atMs)
    .slice(-MARKS_MOST);
}

function badMark(message: string): MarkError {
  return new MarkError(message, { code: 'bad-input', status: 400 });
}
