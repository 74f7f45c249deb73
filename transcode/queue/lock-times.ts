import { AppError } from '../../shared/errors.ts';

/** The times of a job's lock, all of them whole milliseconds: Redis refuses a fraction. */
export type LockTimes = {
  /** How long a lock lasts that its worker does not renew. */
  readonly lockMs: number;
  /** How often a worker renews its locks, and how often workers look for jobs whose lock has ended. */
  readonly renewMs: number;
};

/** A worker renews a lock this often before it would end. */
const RENEWALS = 3;

/**
 * Derives the times of a job's lock.
 *
 * @param lockMs whole milliseconds, at least 3
 * @throws {AppError} `bad-queue-setting` for anything else
 */
export function lockTimes(lockMs: number): LockTimes {
  return { lockMs: wholeMs('lockMs', lockMs, RENEWALS), renewMs: Math.floor(lockMs / RENEWALS) };
}

/**
 * Checks a time of the queue.
 *
 * @returns `valueMs`
 * @throws {AppError} `bad-queue-setting` when it is not a whole number, or less than `leastMs`
 */
export function wholeMs(name: string, valueMs: number, leastMs: number): number {
  if (Number.isSafeInteger(valueMs) && valueMs >= leastMs) return valueMs;
  throw new AppError(`job queue: ${name} is ${valueMs}; want whole milliseconds, at least ${leastMs}`, {
    code: 'bad-queue-setting',
  });
}
