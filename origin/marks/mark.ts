import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { plainText } from '../../shared/plain-text.ts';
import { askedUntilMs } from '../packager/marks-from.ts';

/** A mark is rejected. */
export class MarkError extends AppError {}

/** Most marks of one channel, and of one broadcast. */
export const MARKS_MOST = 500;

const timeMs = z.number().min(0).max(8.64e15);
const fields = {
  kind: z.enum(['presence', 'choice', 'number', 'text', 'hand']),
  atMs: timeMs,
  endMs: timeMs.nullable(),
  /** The teacher's question, for the library. */
  label: z.string().max(500),
};

/** Most ends that the window of one mark may have; further ones are not told in the playlists. */
const CHANGES_MOST = 50;
const askFields = {
  /** What a page needs to ask; see docs/rollcall.md. It stands in playlists as it is. */
  text: z.string().regex(/^[A-Za-z0-9_-]{1,6000}$/, "want 1 to 6000 of A-Z, a-z, 0-9, '-' and '_'"),
  windowEndMs: timeMs,
};
const storedAsk = z.strictObject({
  ...askFields,
  changes: z.array(z.strictObject({ endMs: timeMs, reopens: z.boolean() })).max(CHANGES_MOST),
});

/** Id of a mark. */
export const markId = z.string().regex(/^[a-z0-9-]{1,64}$/, "want 1 to 64 of a-z, 0-9 and '-'");
/** A mark as the API accepts it. */
export const markInput = z.strictObject({
  ...fields,
  label: fields.label.overwrite(plainText),
  /** For the live streams; left out where viewers are not asked. */
  ask: z.strictObject(askFields).optional(),
});
/** A mark in its stored form. */
export const storedMark = z.strictObject({ id: markId, ...fields });
/** See {@link storedMark}. */
export type StoredMark = z.output<typeof storedMark>;
/** A mark of a channel in its stored form. */
export const channelMark = z.strictObject({ id: markId, ...fields, ask: storedAsk.optional() });
/** See {@link channelMark}. */
export type ChannelMark = z.output<typeof channelMark>;
/** A mark as it is put. */
export type PutMark = { readonly id: string } & z.output<typeof markInput>;

/** A mark is accepted up to this long after its time, milliseconds: a roll call that was disconnected sends it late. */
const LATE_MS = 12 * 3_600_000;
/** A mark is accepted up to this long before its time, milliseconds. */
const EARLY_MS = 60_000;

/**
 * Adds a mark, or changes a known one: its label, and its end if it had none. Attributes that playlists have listed do not
 * change (RFC 8216bis §4.4.5.1: attributes of one ID have the same values): what it asks stays as it was, and another end of its
 * window is added to that.
 *
 * @param marks oldest first
 * @param nowMs UTC milliseconds
 * @returns oldest first; the oldest are removed when there are too many
 * @throws {MarkError} `bad-input` (400) for a time that is too far from now, or an end before it
 */
export function withMark(
  marks: readonly ChannelMark[],
  mark: PutMark,
  nowMs: number,
): readonly ChannelMark[] {
  const known = marks.find(({ id }) => id === mark.id);
  const atMs = known?.atMs ?? mark.atMs;
  if (known === undefined && (atMs < nowMs - LATE_MS || atMs > nowMs + EARLY_MS)) {
    throw badMark(`atMs: ${atMs}: want a time of the last 12 hours`);
  }
  if (mark.endMs !== null && (mark.endMs < atMs || mark.endMs > atMs + LATE_MS)) {
    throw badMark(`endMs: ${mark.endMs}: want a time after atMs`);
  }
  const { ask: _given, ...rest } = mark;
  const ask = askAfter(known, mark);
  const changed = { ...rest, atMs, endMs: known?.endMs ?? mark.endMs, ...(ask === undefined ? {} : { ask }) };
  return [...marks.filter(({ id }) => id !== mark.id), changed]
    .toSorted((a, b) => a.atMs - b.atMs)
    .slice(-MARKS_MOST);
}

/** What a mark asks after a change. A mark that playlists list already without it does not get it any more. */
function askAfter(known: ChannelMark | undefined, { ask: given, endMs }: PutMark): ChannelMark['ask'] {
  if (known === undefined) return given === undefined ? undefined : { ...given, changes: [] };
  const { ask } = known;
  if (ask === undefined || given === undefined) return ask;
  // The first end is the mark's own.
  if (known.endMs === null && endMs !== null) return ask;
  const toMs = endMs ?? given.windowEndMs;
  if (askedUntilMs(known) === toMs || ask.changes.length >= CHANGES_MOST) return ask;
  return { ...ask, changes: [...ask.changes, { endMs: toMs, reopens: known.endMs !== null }] };
}

function badMark(message: string): MarkError {
  return new MarkError(message, { code: 'bad-input', status: 400 });
}
