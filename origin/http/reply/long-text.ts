import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type TextBody, textBody } from '../../cached-text/text-body.ts';
import { acceptsGzip } from './request-header.ts';

/** Texts above this size are gzipped in a thread of their own, bytes: live requests are not delayed by it. */
const LARGE_BYTES = 64 * 1024;

const gzipInThread = promisify(gzip);
const underWay = new WeakMap<TextBody, Promise<Buffer>>();

/**
 * Renders a text that may be long. Other requests are served between two pieces.
 *
 * @param pieces rendered as they are iterated, each in a millisecond or so
 */
export async function renderLong(pieces: Iterable<string>): Promise<TextBody> {
  const rendered: Buffer[] = [];
  for (const piece of pieces) {
    if (rendered.length > 0) await setImmediate();
    rendered.push(Buffer.from(piece, 'utf8'));
  }
  return rendered.length === 1 ? textBody(rendered[0] ?? '') : textBody(Buffer.concat(rendered));
}

/** Gzips a large text for a client that accepts gzip; once, however many request it. A small one is left to `sendText`. */
export async function gzipLarge(req: IncomingMessage, body: TextBody): Promise<void> {
  if (body.gzipped !== null || body.plain.length < LARGE_BYTES || !acceptsGzip(req)) return;
  let gzipped = underWay.get(body);
  if (gzipped === undefined) {
    gzipped = gzipInThread(body.plain, { level: 6 });
    underWay.set(body, gzipped);
  }
  body.gzipped = await gzipped;
}
