import { AppError } from '../../../shared/errors.ts';

/** A push request that is malformed. */
export class PushError extends AppError {}
