import type { ErrorCode } from './error-codes.ts';

/** The fields of every {@link AppError}: a code that never changes, and the HTTP status that it maps to. */
export type AppErrorOptions = {
  /** Stable; explained in docs/errors.md. */
  readonly code: ErrorCode;
  /** HTTP status for a request that caused it; 500 when left out. */
  readonly status?: number;
  /** With status 405, the allowed methods: `GET, HEAD`. */
  readonly allow?: string;
  /** With status 503, the time after which to retry, seconds. */
  readonly retryAfterS?: number;
  readonly cause?: unknown;
};

/**
 * An error with a stable code. The message names the place and the value that is wrong; it never contains a secret.
 *
 * Expected outcomes are unions, not errors: throw this only when the caller cannot continue.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly allow: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(message: string, options: AppErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.status = options.status ?? 500;
    this.allow = options.allow;
    this.retryAfterS = options.retryAfterS;
  }
}

/**
 * Turns anything thrown into one line for a log.
 *
 * @param thrown whatever was caught
 * @returns the message and those of its causes, joined by ': '
 */
export function describeError(thrown: unknown): string {
  const parts: string[] = [];
  for (let at = thrown; at !== undefined && parts.length < 5; ) {
    parts.push(at instanceof Error ? at.message : typeof at === 'string' ? at : `a thrown ${typeof at}`);
    at = at instanceof Error ? at.cause : undefined;
  }
  return parts.join(': ');
}
