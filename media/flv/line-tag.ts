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
 * Reads when a publisher was heard from, out of the body of a line tag: everything that she sent before has arrived in front of it.
 *
 * @param body untrusted
 * @returns ingest's clock, UTC milliseconds; null for any other script tag, and where it is not known
 */
export function readHeardTag(body: Buffer): number | null {
  const heardMs = readScriptFields(NAME, body)?.['heardMs'];
  return typeof heardMs === 'number' && Number.isFinite(heardMs) ? heardMs : null;
}

/**
 * Reads the body of a script tag.
 *
 * @param body untrusted
 * @returns ingest's clock, UTC milliseconds; null for any other script tag
 */
export function readLineTag(body: Buffer): number | null {
  const nowMs = readScriptFields(NAME, body)?.['nowMs'];
  return typeof nowMs === 'number' && Number.isFinite(nowMs) ? nowMs : null;
}
