import { AppError } from '../shared/errors.ts';

/** Something was asked of the roll call that cannot be. */
export class RollCallError extends AppError {}

/** The error for who is one too many for the moment: `roll-call-busy` (503), with when to come back, seconds. */
export function busy(retryAfterS: number, why = 'too many come at once'): RollCallError {
  return new RollCallError(why, { code: 'roll-call-busy', status: 503, retryAfterS });
}
