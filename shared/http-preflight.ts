import type { IncomingMessage, ServerResponse } from 'node:http';

/** Headers that players elsewhere send: with a range, with a token, and with what they tell a CDN of themselves (CTA-5004). */
const ALLOWED = [
  ...['Range', 'Authorization', 'Content-Type', 'If-None-Match', 'If-Modified-Since', 'Cache-Control'],
  ...['CMCD-Object', 'CMCD-Request', 'CMCD-Session', 'CMCD-Status'],
  // For any other; Authorization is never meant by it (Fetch Standard, CORS-preflight). Old browsers read it as a name.
  '*',
].join(', ');

/** What a browser is told before a request from another origin. No cookie is ever allowed there, so any origin may ask. */
const PREFLIGHT_HEADERS = [
  ...['Access-Control-Allow-Origin', '*'],
  ...['Access-Control-Allow-Methods', 'GET, HEAD, OPTIONS'],
  ...['Access-Control-Allow-Headers', ALLOWED],
  ...['Access-Control-Max-Age', '86400'],
];

/** Answers an OPTIONS request for a path that can be read. */
export function answerPreflight(res: ServerResponse): void {
  res.writeHead(204, PREFLIGHT_HEADERS);
  res.end();
}

/** Whether a browser asks if a page of another origin may read a path. */
export function isReadPreflight({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  const wanted = headers['access-control-request-method'];
  return method === 'OPTIONS' && (wanted === 'GET' || wanted === 'HEAD');
}
