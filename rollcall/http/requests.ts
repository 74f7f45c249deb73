import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { RollCallMetrics } from '../gateway/roll-call-metrics.ts';
import type { Identity } from '../gateway/peer.ts';
import { type Checked, isRecord } from '../protocol/checked.ts';
import { RollCallError } from '../roll-call-error.ts';
import { identifyRequest } from './identify.ts';

/** What tells who asks. */
export type AuthDeps = {
  readonly secret: string;
  readonly nowMs: () => number;
  hasChannel(channel: string): boolean;
};

/**
 * Makes a handler of work that takes a while; what it throws goes to the next error handler.
 *
 * @param work ends the answer
 */
export function route<P>(work: (req: Request<P>, res: Response) => Promise<void>): RequestHandler<P> {
  return (req, res, fail) => {
    work(req, res).catch(fail);
  };
}

/**
 * Sees that there is such a channel.
 *
 * @throws {RollCallError} `unknown-channel` (404)
 */
export function checkChannel({ hasChannel }: Pick<AuthDeps, 'hasChannel'>, channel: string): void {
  if (hasChannel(channel)) return;
  throw new RollCallError(`no channel ${JSON.stringify(channel.slice(0, 64))}`, {
    ...{ code: 'unknown-channel', status: 404 },
  });
}

/**
 * Tells who asks something of a channel.
 *
 * @param wants as {@link identifyRequest}
 * @throws {RollCallError} `unknown-channel` (404)
 * @throws {TokenError} 401, 403
 */
export function requireIdentity(
  deps: AuthDeps,
  { params, headers }: Request<{ channel: string }>,
  wants: 'teacher' | 'student' | 'any',
): Identity {
  checkChannel(deps, params.channel);
  return identifyRequest(deps.secret, params.channel, headers.authorization, wants, deps.nowMs());
}

/** The error for a request that is not as it should be; its message names the place. */
export function badInput(reason: string): RollCallError {
  return new RollCallError(reason, { code: 'bad-input', status: 400 });
}

/**
 * Gives what was checked.
 *
 * @throws {RollCallError} `bad-input` (400)
 */
export function must<T>(checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw badInput(checked.reason);
}

/**
 * Gives a body that is an object.
 *
 * @throws {RollCallError} `bad-input` (400)
 */
export function recordOf(body: unknown): Record<string, unknown> {
  if (isRecord(body)) return body;
  throw badInput('body: want a JSON object, with Content-Type: application/json');
}

/** Makes the handler that counts what was refused, whatever way it came, and passes it on. */
export function countRefusals(metrics: Pick<RollCallMetrics, 'refused'>): ErrorRequestHandler {
  return (error: unknown, _req, _res, next) => {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      metrics.refused(error.code);
    next(error);
  };
}
