import { gzipSync } from 'node:zlib';
import type { TextBody } from '../../cached-text/text-body.ts';
import { cacheControl } from './cache-control.ts';
import type { Exchange } from './exchange.ts';
import { acceptsGzip } from './request-header.ts';

const TEXT_HEADERS = [
  ...['Vary', 'Accept-Encoding'],
  ...['Access-Control-Allow-Origin', '*'],
  ...['Access-Control-Expose-Headers', 'Date, Age'],
  ...['X-Content-Type-Options', 'nosniff'],
];

/**
 * Answers with a text that many clients request: gzipped where the client accepts it (Apple HLS Authoring §10.1).
 *
 * @param maxAgeS how long the text is right, in seconds
 */
export function sendText(
  { req, res, privateForS }: Exchange,
  type: string,
  maxAgeS: number,
  body: TextBody,
): void {
  let bytes = body.plain;
  // Flat name, value pairs: node writes them as they are, which is the cheapest of its forms.
  const headers = [
    'Content-Type',
    type,
    'Cache-Control',
    cacheControl(privateForS, maxAgeS),
    ...TEXT_HEADERS,
  ];
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
