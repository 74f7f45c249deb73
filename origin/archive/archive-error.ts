import { AppError } from '../../shared/errors.ts';

/** What is kept cannot be read, or cannot be kept. */
export class ArchiveError extends AppError {}
