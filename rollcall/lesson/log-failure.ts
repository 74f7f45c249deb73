import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';

/**
 * Runs work whose failure is logged as a warning, and not thrown.
 *
 * @param what begins the log line, before the error
 */
export async function logFailure(
  log: Pick<Logger, 'warn'>,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason = describeError(error);
    log.warn({ error: reason }, `${what}: ${reason}`);
  }
}
