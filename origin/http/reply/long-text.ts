import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type TextBody, textBody, takesGzip } from './replies.ts';

/** Texts above this size are zipped beside the thread that live is served from, bytes. */
const LARGE_BYTES = 64 * 1024;

const gzipBeside = promisify(gzip);
const zipping = new WeakMap<TextBody, Promise<Buffer>>();

/**
 * Writes a text that may be long: what is on air has its turn after each piece.
 *
 * @param pieces written as they are asked for, each in a millisecond or so
 */
export async function writeLong(pieces: Iterable<string>): Promise<TextBody> {
  const written: Buffer[] = [];
  for (const piece of pieces) {
    if (written.length > 0) await setImmediate();
    written.push(Buffer.from(piece, 'utf8'));
  }
  return written.length === 1 ? textBody(written[0] ?? '') : textBody(Buffer.concat(written));
}

/** Zips a large text for a request that takes it so; once, however many ask. A small one is left to whoever sends it. */
export async function zipLarge(req: IncomingMessage, body: TextBody): Promise<void> {
  if (body.gzipped !== null || body.plain.length < LARGE_BYTES || !takesGzip(req)) return;
  let zipped = zipping.get(body);
  if (zipped === undefined) {
    zipped = gzipBeside(body.plain, { level: 6 });
    zipping.set(body, zipped);
  }
  body.gzipped = await zipped;
}
