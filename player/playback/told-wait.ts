import { errorReplyOf, retryAfterMs } from '../net/error-reply.ts';

/** What a server said with a 503 that names a wait. */
export type ToldWait = {
  /** How long to wait, in milliseconds. */
  readonly afterMs: number;
  /** It has no room for a new viewer; else something on the way is out of order for a while. */
  readonly isFull: boolean;
};

/**
 * Reads the wait in a reply with status 503 (RFC 9110 §10.2.3).
 *
 * @returns null where it asks for none
 */
export function toldWaitOf(
  reply: Pick<XMLHttpRequest, 'getResponseHeader' | 'responseType' | 'responseText'>,
): ToldWait | null {
  const afterMs = retryAfterMs({ headers: { get: (name) => reply.getResponseHeader(name) } });
  if (afterMs === null) return null;
  // Of a reply that was asked for as bytes, reading the text is an error.
  const isText = reply.responseType === '' || reply.responseType === 'text';
  return { afterMs, isFull: isText && errorReplyOf(reply.responseText)?.code === 'origin-full' };
}
