/** How long the server is waited for, milliseconds. */
const WAIT_MS = 5000;

/**
 * How far this machine's clock is ahead of a server's, by the Date of an answer.
 *
 * @param date of the answer: RFC 9110 §5.6.7, in whole seconds
 * @param sentMs when the request was sent, and `receivedMs` when the answer came; UTC milliseconds
 * @returns milliseconds, negative where it is behind; 0 where both may be the same; null where the answer has no time
 */
export function clockAheadMs(date: string | null, sentMs: number, receivedMs: number): number | null {
  const serverMs = Date.parse(date ?? '');
  if (Number.isNaN(serverMs)) return null;
  if (sentMs > serverMs + 1000) return sentMs - serverMs - 1000;
  return Math.min(0, receivedMs - serverMs);
}

/**
 * Asks an S3 server for its time, without a signature: any answer has it.
 *
 * @param endpoint as in `store.s3.endpoint`
 * @param nowMs UTC milliseconds
 * @returns see {@link clockAheadMs}; null where the server is not reached
 */
export async function askClockAheadMs(endpoint: string, nowMs: () => number): Promise<number | null> {
  const sentMs = nowMs();
  try {
    const answer = await fetch(endpoint, { method: 'HEAD', signal: AbortSignal.timeout(WAIT_MS) });
    return clockAheadMs(answer.headers.get('date'), sentMs, nowMs());
  } catch {
    return null;
  }
}
