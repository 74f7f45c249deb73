import { AppError } from '../shared/errors.ts';

/** What can go wrong in ingest for somebody who asks it by HTTP, or when it starts. */
export class IngestError extends AppError {}
