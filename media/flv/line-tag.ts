import { writeFlvTag } from './flv-writer.ts';
import { readScriptFields, writeScriptFields } from './script-data.ts';

/** Request header by which a reader of a source asks for line tags. Others get none: they may take it for a stream of data. */
export const LINE_HEADER = 'lectern-line';

const NAME = 'lecternLine';

/**
 * Writes a line tag: a script tag that says what time it is at ingest behind all media that has arrived. From it a transcode worker
 * computes how late media was when it arrived from the publisher, whatever the feed between ingest and worker does.
 *
 * @param nowMs ingest's clock, UTC milliseconds
 * @param heardMs by the same clock: everything that the publisher sent before then has arrived; null when that is not known
 * @returns the whole tag; owned by the caller
 */
export function writeLineTag(nowMs: number, heardMs: number | null = null): Buffer {
  const heard = heardMs === null ? [] : ([['heardMs', heardMs]] as const);
  return writeFlvTag('script', 0, writeScriptFields(NAME, [['nowMs', nowMs], ...heard]));
}

/**
 * Reads the body of a script tag.
 *
 * @param body untrusted
 * @returns UTC milliseconds by ingest's clock: now, and when the publisher was last heard from, before which all that she sent has
 *   arrived (null where that is not known); null for any other script tag
 */
export function readLineTag(
  body: Buffer,
): { readonly nowMs: number; readonly heardMs: number | null } | null {
  const fields = readScriptFields(NAME, body);
  const [nowMs, heardMs] = [fields?.['nowMs'], fields?.['heardMs']];
  if (!isTime(nowMs)) return null;
  return { nowMs, heardMs: isTime(heardMs) ? heardMs : null };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
