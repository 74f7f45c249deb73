import { AppError } from '../shared/errors.ts';

/** A request to the roll call that cannot be carried out. */
export class RollCallError extends AppError {}

/**
 * The error for a client that is refused for now: `roll-call-busy` (503).
 *
 * @param retryAfterS when it may come back, seconds
 */
export function busy(retryAfterS: number): RollCallError {
  return new RollCallError('too many clients connect at once', {
    ...{ code: 'roll-call-busy', status: 503, retryAfterS },
  });
}

/** The error for a call that a channel does not have: `unknown-call` (404). */
export function unknownCall(channel: string, callId: string): RollCallError {
  return new RollCallError(`channel ${channel}: no call ${JSON.stringify(callId.slice(0, 40))}`, {
    ...{ code: 'unknown-call', status: 404 },
  });
}
