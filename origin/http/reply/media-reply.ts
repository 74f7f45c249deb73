import { parseRange, sliceRange } from './byte-range.ts';
import { cacheControl } from './cache-control.ts';
import type { Exchange } from './exchange.ts';
import { requestHeader } from './request-header.ts';

/** A page on another host may read media, and measure how fast it came (Resource Timing §4.5): its ABR needs that. */
const MEDIA_HEADERS = [
  ...['Access-Control-Allow-Origin', '*'],
  ...['Access-Control-Expose-Headers', 'Content-Range, Date, Age'],
  ...['Timing-Allow-Origin', '*'],
  ...['Accept-Ranges', 'bytes'],
  ...['X-Content-Type-Options', 'nosniff'],
];

/**
 * Answers with media bytes that never change; HEAD and Range included.
 *
 * @param pieces the bytes in order; sent as they are, not copied
 */
export function sendMedia(
  { req, res, privateForS }: Exchange,
  type: string,
  pieces: readonly Buffer[],
): void {
  const sizeBytes =
    pieces.length === 1 ? (pieces[0]?.length ?? 0) : pieces.reduce((sum, piece) => sum + piece.length, 0);
  // Range is for GET alone, and a server "MUST ignore" it elsewhere (RFC 9110 §14.2).
  const range = req.method === 'GET' ? parseRange(requestHeader(req, 'range'), sizeBytes) : null;
  if (range === 'unsatisfiable') {
    res.writeHead(416, [
      ...['Content-Range', `bytes */${sizeBytes}`],
      ...['Cache-Control', privateForS === null ? 'public, max-age=1' : 'no-store'],
      ...MEDIA_HEADERS,
    ]);
    res.end();
    return;
  }
  const headers = ['Content-Type', type, 'Cache-Control', cacheControl(privateForS, null), ...MEDIA_HEADERS];
  let sent = pieces;
  if (range !== null) {
    sent = sliceRange(pieces, range);
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
