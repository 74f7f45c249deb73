import { isRecord } from '../../rollcall/protocol/checked.ts';

/** The error of a Lectern server, as its body has it. */
export type ErrorReply = { readonly code: string; readonly message: string };

/**
 * Reads the error in a body.
 *
 * @returns null where the server did not write it: a proxy on the way has pages of its own
 */
export function errorReplyOf(text: string): ErrorReply | null {
  try {
    const body: unknown = JSON.parse(text);
    const error = isRecord(body) && isRecord(body['error']) ? body['error'] : {};
    const { code, message } = error;
    if (typeof code !== 'string') return null;
    return { code, message: typeof message === 'string' ? message : '' };
  } catch {
    return null;
  }
}

/** The wait that a response asks for, milliseconds, 5 minutes at most (RFC 9110 §10.2.3); null where it asks for none. */
export function retryAfterMs(response: { readonly headers: Pick<Headers, 'get'> }): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 300) * 1000 : null;
}
