import { AppError } from '../shared/errors.ts';

/** An error of ingest's HTTP interface or of its start. */
export class IngestError extends AppError {}
