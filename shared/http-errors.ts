import type { ServerResponse } from 'node:http';
import type { ErrorCode } from './error-codes.ts';
import { AppError } from './errors.ts';
import { StoreError } from './object-store.ts';

/** What a client is told of an error: the body of every answer that is one, under the key `error`. */
export type HttpProblem = {
  readonly status: number;
  /** Stable, kebab-case; listed in docs/errors.md. */
  readonly code: ErrorCode;
  readonly message: string;
  /** "The origin server MUST generate an Allow header field in a 405 response" (RFC 9110 §15.5.6). */
  readonly allow?: string;
  /** When it is worth trying again, seconds (RFC 9110 §10.2.3). */
  readonly retryAfterS?: number;
};

/** A store that is away is mostly back within this time, seconds. */
const STORE_RETRY_S = 5;

/**
 * Maps anything thrown to what a client may know of it. This is the one place where errors become HTTP.
 *
 * Errors of ours go out with code and message, since no secret ever stands in one. What Express itself refuses (a bad
 * escape in a path, a body that is too large) is the client's doing: `bad-request`. All else is ours, and its text stays in
 * the log: `internal`.
 *
 * @param thrown whatever was caught
 */
export function toHttpProblem(thrown: unknown): HttpProblem {
  if (thrown instanceof StoreError) {
    // Its message names servers and folders, which are the operator's to know.
    const { status, code } = thrown;
    const message = 'the object store cannot do this now; the log says why';
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
  return { status: 500, code: 'internal', message: 'an error of the server; its log says which' };
}

/**
 * Answers a request with an error, as JSON. Where the head of an answer has gone out already, the connection is broken
 * instead: a body that ends too early must not look whole.
 *
 * @param res the answer; ended by this
 * @param thrown whatever was caught
 * @returns what the client was told
 */
export function sendError(res: ServerResponse, thrown: unknown): HttpProblem {
  const problem = toHttpProblem(thrown);
  if (res.headersSent) {
    res.destroy();
    return problem;
  }
  const body = Buffer.from(
    `${JSON.stringify({ error: { code: problem.code, message: problem.message } })}\n`,
  );
  // Half-written headers of a success (its length, its encoding, its year in the caches) would make nonsense of this body.
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.writeHead(problem.status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
    'Access-Control-Allow-Origin': '*',
    // An answer about somebody's token is nobody else's; the rest may shield the origin for a second, and no longer.
    'Cache-Control': problem.status === 401 || problem.status === 403 ? 'no-store' : 'public, max-age=1',
    ...(problem.allow === undefined ? {} : { Allow: problem.allow }),
    ...(problem.retryAfterS === undefined ? {} : { 'Retry-After': problem.retryAfterS }),
    ...(problem.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
  });
  // A HEAD request gets the head alone: node drops the body by itself.
  res.end(body);
  return problem;
}

/** The error for a path that nothing answers to. */
export function notFound(path: string): AppError {
  return new AppError(`${JSON.stringify(path.slice(0, 200))}: nothing is here`, {
    code: 'not-found',
    status: 404,
  });
}

function isClientStatus(status: unknown): status is number {
  return typeof status === 'number' && status >= 400 && status < 500;
}
