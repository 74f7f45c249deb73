import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode } from './error-codes.ts';
import { ERROR_PAGE_POLICY, errorPage } from './error-page.ts';
import { AppError } from './errors.ts';
import { StoreError } from './object-store.ts';

/** An error as clients see it: the value of `error` in the body of every error response. */
export type HttpProblem = {
  readonly status: number;
  /** Stable, kebab-case; listed in docs/errors.md. */
  readonly code: ErrorCode;
  readonly message: string;
  /** "The origin server MUST generate an Allow header field in a 405 response" (RFC 9110 §15.5.6). */
  readonly allow?: string;
  /** Retry-After, seconds (RFC 9110 §10.2.3). */
  readonly retryAfterS?: number;
};

/** Retry-After while the store is unavailable, seconds. */
const STORE_RETRY_S = 5;

/**
 * Maps anything thrown to what a client may know of it. Only this file maps errors to HTTP.
 *
 * An {@link AppError} is sent with code and message, which never contain secrets. Requests that Express itself rejects (a bad
 * escape in a path, a body that is too large) are the client's fault: `bad-request`. Anything else is a fault of the server:
 * `internal`, and its text is only logged.
 *
 * @param thrown whatever was caught
 */
export function toHttpProblem(thrown: unknown): HttpProblem {
  if (thrown instanceof StoreError) {
    // Its message names servers and folders, which only the operator should see.
    const { status, code } = thrown;
    const message = 'the object store is not available now; the log has the reason';
    return { status, code, message, ...(status === 503 ? { retryAfterS: STORE_RETRY_S } : {}) };
  }
  if (thrown instanceof AppError) {
    const { status, code, message, allow, retryAfterS } = thrown;
    return {
      ...{ status, code, message },
      ...(allow === undefined ? {} : { allow }),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    };
  }
  if (thrown instanceof Error && 'status' in thrown && isClientStatus(thrown.status)) {
    return { status: thrown.status, code: 'bad-request', message: thrown.message };
  }
  return { status: 500, code: 'internal', message: 'internal error of the server; see its log' };
}

const privateAnswers = new WeakSet<ServerResponse>();

/** Marks an answer as one client's: an error in its place is not stored by any cache either. */
export function answerIsPrivate(res: ServerResponse): void {
  privateAnswers.add(res);
}

/**
 * Answers a request with an error: as JSON, or as a page to a browser that asks for one. If the head of a response has already been sent, the connection is closed
 * instead: a truncated body must not look complete.
 *
 * @param res the answer; ended by this
 * @param thrown whatever was caught
 * @returns the error that was sent
 */
export function sendError(res: ServerResponse, thrown: unknown): HttpProblem {
  const problem = toHttpProblem(thrown);
  if (res.headersSent) {
    res.destroy();
    return problem;
  }
  const isPage = wantsPage(res.req);
  const body = Buffer.from(
    isPage
      ? errorPage(problem)
      : `${JSON.stringify({ error: { code: problem.code, message: problem.message } })}\n`,
  );
  // Headers that were set for a success (Content-Length, Content-Encoding, Cache-Control) do not fit this body.
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.writeHead(problem.status, {
    'Content-Type': `${isPage ? 'text/html' : 'application/json'}; charset=utf-8`,
    'Content-Length': body.length,
    ...(isPage ? { 'Content-Security-Policy': ERROR_PAGE_POLICY, 'Referrer-Policy': 'no-referrer' } : {}),
    'Access-Control-Allow-Origin': '*',
    // Errors about a token must not be cached for others; the rest may be cached for a second, which shields the origin.
    // A full origin refuses one viewer: cached, that would refuse all viewers behind the cache.
    'Cache-Control':
      isForOneClient(problem) || isPage || privateAnswers.has(res) ? 'no-store' : 'public, max-age=1',
    'X-Content-Type-Options': 'nosniff',
    ...(problem.allow === undefined ? {} : { Allow: problem.allow }),
    // A page on another host reads Retry-After only where it is exposed (Fetch §3.3.6).
    ...(problem.retryAfterS === undefined
      ? {}
      : { 'Retry-After': problem.retryAfterS, 'Access-Control-Expose-Headers': 'Retry-After' }),
    ...(problem.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
  });
  // For a HEAD request, Node drops the body by itself.
  res.end(body);
  return problem;
}

/**
 * The path of a request as logs and messages may have it: without its query, and without a token.
 *
 * @param url as it stands in the request, `/t/{token}/live/…?…`
 */
export function shownPath(url: string): string {
  const path = url.split('?', 1)[0] ?? '';
  return path.replace(/(^|\/)t\/+[^/]*/i, '$1t/(redacted)').slice(0, 200);
}

/** The error for a path that no route matches. */
export function notFound(url: string): AppError {
  return new AppError(`${JSON.stringify(shownPath(url))}: nothing is here`, {
    code: 'not-found',
    status: 404,
  });
}

/** A person opened this address: a script, a player or a cache asks for anything at all. */
function wantsPage(req: IncomingMessage | undefined): boolean {
  if (req === undefined || (req.method !== 'GET' && req.method !== 'HEAD')) return false;
  return req.headers.accept?.includes('text/html') === true;
}

function isClientStatus(status: unknown): status is number {
  return typeof status === 'number' && status >= 400 && status < 500;
}

function isForOneClient({ status, code }: HttpProblem): boolean {
  return status === 401 || status === 403 || code === 'origin-full';
}
