/** What stood still for too long. */
export class StallError extends Error {}

/**
 * Runs work that says when it gets on, and gives up when it stands still.
 *
 * @param stallMs how long it may be silent, milliseconds
 * @param work calls `progress` whenever something was done; looks at the signal before it does what cannot be taken back,
 *   since it may wake up long after it was given up
 * @throws {StallError} when it stood still
 */
export async function withoutStalling<T>(
  stallMs: number,
  work: (progress: () => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const givenUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new StallError(`nothing happened for ${stallMs} ms`);
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
