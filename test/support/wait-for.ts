import { setTimeout as after } from 'node:timers/promises';

/** How often a condition is looked at, in milliseconds. */
const EVERY_MS = 20;

/**
 * Waits until something is so. For what gives no event to wait for; a test that can wait for an event does that.
 *
 * @param what names it, for the error
 * @param look returns a value once it is so, and null, undefined or false until then; it may throw meanwhile
 * @param withinMs the deadline, generous: it only says when to give up
 * @returns the value that `look` gave
 * @throws {Error} after the deadline, with what `look` last threw as its cause
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown;
  do {
    try {
      const value = await look();
      if (value !== null && value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await after(EVERY_MS);
  } while (Date.now() < deadline);
  throw new Error(`${what}: not so within ${withinMs} ms`, { cause: last });
}
