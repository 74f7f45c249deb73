import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Identity } from '../gateway/identity.ts';
import type { RollCallMetrics } from '../gateway/roll-call-metrics.ts';
import { type Checked, isRecord } from '../protocol/checked.ts';
import { RollCallError } from '../roll-call-error.ts';
import { identifyRequest, type WantedRole } from './identify.ts';

/** What identifying the sender of a request needs. */
export type AuthDeps = {
  readonly secret: string;
  readonly nowMs: () => number;
  hasChannel(channel: string): boolean;
};

/**
 * Makes a handler of an asynchronous function; what it throws goes to the next error handler.
 *
 * @param work ends the response
 */
export function route<P>(work: (req: Request<P>, res: Response) => Promise<void>): RequestHandler<P> {
  return (req, res, fail) => {
    work(req, res).catch(fail);
  };
}

/**
 * Checks that a channel exists.
 *
 * @throws {RollCallError} `unknown-channel` (404)
 */
export function requireChannel({ hasChannel }: Pick<AuthDeps, 'hasChannel'>, channel: string): void {
  if (hasChannel(channel)) return;
  throw new RollCallError(`no channel ${JSON.stringify(channel.slice(0, 64))}`, {
    ...{ code: 'unknown-channel', status: 404 },
  });
}

/**
 * Identifies the sender of a request to a channel.
 *
 * @throws {RollCallError} `unknown-channel` (404)
 * @throws {TokenError} 401, 403
 */
export function requireIdentity(
  deps: AuthDeps,
  { params, headers }: Request<{ channel: string }>,
  wanted: WantedRole,
): Identity {
  // Who may not see a channel is not told whether there is one.
  const identity = identifyRequest(deps.secret, params.channel, headers.authorization, wanted, deps.nowMs());
  requireChannel(deps, params.channel);
  return identity;
}

/**
 * The error for an invalid request: `bad-input` (400).
 *
 * @param reason names the member or parameter
 */
export function badInput(reason: string): RollCallError {
  return new RollCallError(reason, { code: 'bad-input', status: 400 });
}

/**
 * Returns a checked value.
 *
 * @throws {RollCallError} `bad-input` (400) when it is not valid
 */
export function requireValid<T>(checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw badInput(checked.reason);
}

/**
 * Returns a body that is a JSON object.
 *
 * @throws {RollCallError} `bad-input` (400) when it is not
 */
export function requireObject(body: unknown): Record<string, unknown> {
  if (isRecord(body)) return body;
  throw badInput('body: want a JSON object, with Content-Type: application/json');
}

/** Makes an error handler that counts errors by code and passes them on. */
export function countRefusals(metrics: Pick<RollCallMetrics, 'refused'>): ErrorRequestHandler {
  return (error: unknown, _req, _res, next) => {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      metrics.refused(error.code);
    next(error);
  };
}
