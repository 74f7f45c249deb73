/** An operation made no progress for too long. */
export class StallError extends Error {}

/**
 * Runs work that reports its progress, and abandons it when it makes none.
 *
 * @param stallMs longest time without progress, milliseconds
 * @param work calls `progress` after each step; checks the signal before a step that cannot be undone, since abandoned work may
 *   continue long afterwards
 * @throws {StallError} when it made no progress for that time
 */
export async function withoutStalling<T>(
  stallMs: number,
  work: (progress: () => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const givenUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new StallError(`no progress for ${stallMs} ms`);
      givenUp.abort(error);
      reject(error);
    }, stallMs);
  });
  try {
    return await Promise.race([work(() => timer?.refresh(), givenUp.signal), stalled]);
  } finally {
    clearTimeout(timer);
  }
}
