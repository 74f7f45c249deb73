import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../../shared/errors.ts';
import { answerPreflight } from '../../../shared/http-preflight.ts';

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
  answerPreflight(res);
  return false;
}
