import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseRange, sliceRange } from './byte-range.ts';
import { requestHeader } from './request-header.ts';

/** Cache-Control of parts, segments and init segments, which never change. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** A page on another host may read media, and measure how fast it came (Resource Timing §4.5): its ABR needs that. */
const MEDIA_HEADERS = [
  'Access-Control-Allow-Origin',
  '*',
  'Timing-Allow-Origin',
  '*',
  'Accept-Ranges',
  'bytes',
];

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
