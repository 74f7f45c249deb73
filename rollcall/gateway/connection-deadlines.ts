import { CLOSE_CODES } from '../protocol/frames.ts';
import { LIMITS } from '../protocol/limits.ts';

/** The times of one connection by which it is closed. */
export type ConnectionTimes = {
  /** False once a close frame was sent. */
  readonly isOpen: boolean;
  /** Monotonic milliseconds. */
  readonly openedMs: number;
  /** When its newest frame came, monotonic milliseconds. */
  readonly heardMs: number;
  /** When the client's token expires, UTC milliseconds; null before its hello. */
  readonly tokenExpMs: number | null;
};

/** How a connection that is past a deadline is ended. */
export type DeadlineAction =
  | { readonly kind: 'close'; readonly code: number; readonly metric: string; readonly reason: string }
  /** Without a close frame: most silent connections are dead, and nobody would answer it. */
  | { readonly kind: 'terminate'; readonly metric: string | null };

/**
 * Tells whether a connection is past a deadline: silence, hello, or the end of its token.
 *
 * @param steadyMs now, monotonic milliseconds
 * @param nowMs now, UTC milliseconds
 * @returns null while it may stay
 */
export function deadlineAction(
  { isOpen, openedMs, heardMs, tokenExpMs }: ConnectionTimes,
  steadyMs: number,
  nowMs: number,
): DeadlineAction | null {
  const isSilent = steadyMs - heardMs > LIMITS.silenceMs;
  if (!isOpen) return isSilent ? { kind: 'terminate', metric: null } : null;
  if (tokenExpMs === null && steadyMs - openedMs > LIMITS.helloWithinMs) {
    return { kind: 'close', code: CLOSE_CODES.noHello, metric: 'no-hello', reason: 'no hello' };
  }
  if (tokenExpMs !== null && tokenExpMs <= nowMs) {
    const reason = 'the token has expired';
    return { kind: 'close', code: CLOSE_CODES.unauthorized, metric: 'expired-token', reason };
  }
  return isSilent ? { kind: 'terminate', metric: 'silent' } : null;
}
