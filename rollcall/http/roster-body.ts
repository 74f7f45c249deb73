import type { RosterChoice } from '../protocol/roster-choice.ts';
import { readRoster, readRosterJson, type RosterReading } from '../roster/read-roster.ts';

/** Whether a Content-Type is JSON, which express parses. */
export function isJson(contentType: string | undefined): boolean {
  return /^\s*application\/json\b/i.test(contentType ?? '');
}

/**
 * Reads a class list from the body of a request.
 *
 * @param body parsed JSON, or bytes; undefined for none
 * @param contentType names the encoding of a text: `text/csv; charset=gb18030` (RFC 9110 §8.3.2)
 * @param choice of a file's sheet, headings and columns; a list in JSON has none of them
 */
export async function readRosterBody(
  body: unknown,
  contentType: string | undefined,
  choice: RosterChoice,
): Promise<RosterReading> {
  if (isJson(contentType)) return readRosterJson(body);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  return readRoster(bytes, /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1] ?? null, choice);
}
