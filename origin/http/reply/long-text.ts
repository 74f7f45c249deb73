import type { IncomingMessage } from 'node:http';
import { Semaphore } from 'async-mutex';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { backgroundTurns, type TurnKind } from '../../../shared/background-turns.ts';
import { type TextBody, textBody } from '../../cached-text/text-body.ts';
import { acceptsGzip } from './request-header.ts';

/** Texts above this size are gzipped in a thread of their own, bytes: live requests are not delayed by it. */
const LARGE_BYTES = 16 * 1024;
/** Threads that gzip at the same time: the others are for the spool and the store. */
const GZIPS_AT_ONCE = 2;

const gzipInThread = promisify(gzip);
const gzipPlaces = new Semaphore(GZIPS_AT_ONCE);
const underWay = new WeakMap<TextBody, Promise<Buffer>>();

/**
 * Renders a text that may be long, in turns.
 *
 * @param pieces rendered as they are iterated, each in a millisecond or so
 * @throws what the iteration throws
 */
export async function renderLong(kind: TurnKind, pieces: Iterable<string>): Promise<TextBody> {
  const rendered = await backgroundTurns.runSteps(kind, stepsOf(pieces));
  return rendered.length === 1 ? textBody(rendered[0] ?? '') : textBody(Buffer.concat(rendered));
}

/** Gzips a large text for a client that accepts gzip; once, however many request it. A small one is left to `sendText`. */
export async function gzipLarge(req: IncomingMessage, body: TextBody): Promise<void> {
  if (body.gzipped !== null || body.plain.length < LARGE_BYTES || !acceptsGzip(req)) return;
  let gzipped = underWay.get(body);
  if (gzipped === undefined) {
    gzipped = gzipPlaces.runExclusive(() => gzipInThread(body.plain, { level: 6 }));
    underWay.set(body, gzipped);
  }
  body.gzipped = await gzipped;
}

function* stepsOf(pieces: Iterable<string>): Generator<void, Buffer[], undefined> {
  const rendered: Buffer[] = [];
  for (const piece of pieces) {
    rendered.push(Buffer.from(piece, 'utf8'));
    yield;
  }
  return rendered;
}
