import { AppError } from '../shared/errors.ts';

/** Something was asked of the roll call that cannot be. */
export class RollCallError extends AppError {}
