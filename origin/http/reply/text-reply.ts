import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { TextBody } from '../../cached-text/text-body.ts';
import { acceptsGzip } from './request-header.ts';

const TEXT_HEADERS = ['Vary', 'Accept-Encoding', 'Access-Control-Allow-Origin', '*'];

/**
 * Answers with a text that many clients request: gzipped where the client accepts it (Apple HLS Authoring §10.1).
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
  if (acceptsGzip(req)) {
    body.gzipped ??= gzipSync(body.plain, { level: 6 });
    bytes = body.gzipped;
    headers.push('Content-Encoding', 'gzip');
  }
  headers.push('Content-Length', String(bytes.length));
  res.writeHead(200, headers);
  if (req.method === 'HEAD') res.end();
  else res.end(bytes);
}
