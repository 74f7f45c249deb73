import { AppError } from '../../shared/errors.ts';

/** The archive cannot write or read its files, blocks or storyboards. */
export class ArchiveError extends AppError {}
