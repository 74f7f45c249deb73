import { AppError } from '../shared/errors.ts';

/** A broadcast that cannot be transcoded, or a worker that cannot start. Codes are listed in docs/errors.md. */
export class TranscodeError extends AppError {}
