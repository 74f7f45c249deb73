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

/**
 * The error for a watched minute that is not recorded: `bad-claim` (400), or `too-many-minutes` (429) for one that may be sent again.
 *
 * @param verdict `retryAfterMs`: milliseconds after which it may
 */
export function refusedMinute(
  verdict: { readonly kind: 'refused' } | { readonly kind: 'too-many'; readonly retryAfterMs: number },
): RollCallError {
  if (verdict.kind === 'refused') {
    return new RollCallError(
      'minute: want a minute of the last 24 hours, of a student or of one of the guests that count',
      { code: 'bad-claim', status: 400 },
    );
  }
  const retryAfterS = Math.ceil(verdict.retryAfterMs / 1000);
  return new RollCallError('minute: more of them than can have passed since she was first heard of', {
    ...{ code: 'too-many-minutes', status: 429, retryAfterS },
  });
}

/** The error for a call that a channel does not have: `unknown-call` (404). */
export function unknownCall(channel: string, callId: string): RollCallError {
  return new RollCallError(`channel ${channel}: no call ${JSON.stringify(callId.slice(0, 40))}`, {
    ...{ code: 'unknown-call', status: 404 },
  });
}
