import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { AppError } from '../../../shared/errors.ts';

/** A body that is sent to many: made once, gzipped once. */
export type TextBody = {
  readonly plain: Buffer;
  /** Made at the first request that takes it. */
  gzipped: Buffer | null;
};

/** Media types of what the origin serves (RFC 8216bis §4, RFC 8216bis §10; DASH: RFC 4337 and ISO/IEC 23009-1 §C). */
export const MEDIA_TYPES = {
  playlist: 'application/vnd.apple.mpegurl',
  manifest: 'application/dash+xml',
  video: 'video/mp4',
  audio: 'audio/mp4',
} as const;

/** Parts, segments and init segments never change. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** A body from text, or from its bytes in UTF-8, which are not copied. */
export function textBody(text: string | Buffer): TextBody {
  return { plain: typeof text === 'string' ? Buffer.from(text, 'utf8') : text, gzipped: null };
}

/**
 * Answers with a text that many get: gzipped where the client takes it (Apple HLS Authoring §10.1).
 *
 * @param cacheControl value of Cache-Control
 */
export function sendText(
  req: IncomingMessage,
  res: ServerResponse,
  type: string,
  cacheControl: string,
  body: TextBody,
): void {
  let bytes = body.plain;
  // Flat name, value pairs: node writes them as they are, which is the cheapest of its forms.
  const headers = ['Content-Type', type, 'Cache-Control', cacheControl, ...TEXT_HEADERS];
  if (takesGzip(req)) {
    body.gzipped ??= gzipSync(body.plain, { level: 6 });
    bytes = body.gzipped;
    headers.push('Content-Encoding', 'gzip');
  }
  headers.push('Content-Length', String(bytes.length));
  res.writeHead(200, headers);
  if (req.method === 'HEAD') res.end();
  else res.end(bytes);
}

/** A page on another host may read media, and measure how fast they came (Resource Timing §4.5): its ABR lives on that. */
const MEDIA_HEADERS = [
  'Access-Control-Allow-Origin',
  '*',
  'Timing-Allow-Origin',
  '*',
  'Accept-Ranges',
  'bytes',
];
const TEXT_HEADERS = ['Vary', 'Accept-Encoding', 'Access-Control-Allow-Origin', '*'];

/**
 * Reads one header of a request without having node make an object of them all, which costs more than all else here.
 *
 * @param name in lower case
 * @returns the first of that name; undefined where there is none
 */
export function requestHeader(req: IncomingMessage, name: string): string | undefined {
  const raw = req.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) {
    const candidate = raw[i];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) return raw[i + 1];
  }
  return undefined;
}

/** Whether gzip is taken: named, and not with a weight of 0, "which means 'not acceptable'" (RFC 9110 §12.4.2). */
export function takesGzip(req: IncomingMessage): boolean {
  const accepts = requestHeader(req, 'accept-encoding');
  return accepts?.includes('gzip') === true && !/gzip\s*;\s*q=0(\.0*)?\s*(,|$)/i.test(accepts);
}

/** The bytes that a Range header asks for, both ends inclusive. */
export type ByteRange = { readonly from: number; readonly to: number };

/**
 * Reads a Range header (RFC 9110 §14.1.2). Several ranges, other units and nonsense are passed over, as §14.2 allows.
 *
 * @param sizeBytes size of what is asked for
 * @returns null when the whole is to be sent; 'unsatisfiable' for 416
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'unsatisfiable' | null {
  if (header === undefined) return null;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header);
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return null;
  if (first === '') {
    const count = Math.min(Number(last), sizeBytes);
    return count === 0 ? 'unsatisfiable' : { from: sizeBytes - count, to: sizeBytes - 1 };
  }
  const from = Number(first);
  const to = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < from) return null;
  return from >= sizeBytes ? 'unsatisfiable' : { from, to };
}

/**
 * Answers with media bytes that never change; HEAD and Range included.
 *
 * @param pieces the bytes in order; sent as they are, not copied
 */
export function sendMedia(
  req: IncomingMessage,
  res: ServerResponse,
  type: string,
  pieces: readonly Buffer[],
): void {
  const sizeBytes =
    pieces.length === 1 ? (pieces[0]?.length ?? 0) : pieces.reduce((sum, piece) => sum + piece.length, 0);
  // Range is for GET alone, and a server "MUST ignore" it elsewhere (RFC 9110 §14.2).
  const range = req.method === 'GET' ? parseRange(requestHeader(req, 'range'), sizeBytes) : null;
  if (range === 'unsatisfiable') {
    res.writeHead(416, [
      'Content-Range',
      `bytes */${sizeBytes}`,
      'Cache-Control',
      'max-age=1',
      'Access-Control-Allow-Origin',
      '*',
    ]);
    res.end();
    return;
  }
  const headers = ['Content-Type', type, 'Cache-Control', IMMUTABLE, ...MEDIA_HEADERS];
  let sent = pieces;
  if (range !== null) {
    sent = slice(pieces, range);
    headers.push('Content-Range', `bytes ${range.from}-${range.to}/${sizeBytes}`);
  }
  headers.push('Content-Length', String(range === null ? sizeBytes : range.to - range.from + 1));
  res.writeHead(range === null ? 200 : 206, headers);
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  const last = sent.length - 1;
  if (last > 0) {
    // Corked, so that all pieces leave in one system call.
    res.cork();
    for (const piece of sent.slice(0, last)) res.write(piece);
    res.end(sent[last]);
    res.uncork();
  } else {
    res.end(sent[0]);
  }
}

function slice(pieces: readonly Buffer[], range: ByteRange): Buffer[] {
  const taken: Buffer[] = [];
  let start = 0;
  for (const piece of pieces) {
    const from = Math.max(range.from - start, 0);
    const to = Math.min(range.to + 1 - start, piece.length);
    if (from < to) taken.push(piece.subarray(from, to));
    start += piece.length;
  }
  return taken;
}

/** Answers what a browser asks before a request from another origin (Fetch Standard, CORS-preflight). */
function preflight(res: ServerResponse): void {
  res.writeHead(204, [
    'Access-Control-Allow-Origin',
    '*',
    'Access-Control-Allow-Methods',
    'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers',
    'Range, Authorization',
    'Access-Control-Max-Age',
    '86400',
  ]);
  res.end();
}

/**
 * Sees to what is asked of a path that is only read: OPTIONS is answered here.
 *
 * @returns false when the request is answered
 * @throws {AppError} `method-not-allowed` (405)
 */
export function isRead(req: IncomingMessage, res: ServerResponse, path: string): boolean {
  if (req.method === 'GET' || req.method === 'HEAD') return true;
  if (req.method !== 'OPTIONS') {
    throw new AppError(`${req.method ?? ''} ${path}: want GET or HEAD`, {
      code: 'method-not-allowed',
      status: 405,
      allow: 'GET, HEAD, OPTIONS',
    });
  }
  preflight(res);
  return false;
}
