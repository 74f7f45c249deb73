import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../../shared/errors.ts';

/** What a browser is told before a request from another origin (Fetch Standard, CORS-preflight). */
const PREFLIGHT_HEADERS = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Allow-Methods',
  'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers',
  'Range, Authorization',
  'Access-Control-Max-Age',
  '86400',
];

/**
 * Checks the method of a request for a path that can only be read. OPTIONS is answered here.
 *
 * @returns true for GET and HEAD, which the caller answers; false when the request is answered
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
  res.writeHead(204, PREFLIGHT_HEADERS);
  res.end();
  return false;
}
