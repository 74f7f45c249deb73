import { type ReadonlySignal, signal } from '@preact/signals';
import type { ErrorReply } from '../net/error-reply.ts';

/** What is wrong with the link that opened the page, as far as it is known. */
export type LinkFault =
  /** There is none: the page was opened without the link from the school. */
  | 'none'
  /** It was not copied whole, or it is none of this server's. */
  | 'damaged'
  | 'expired'
  /** It is for another class, or for other people. */
  | 'other';

const FAULTS: ReadonlyMap<string, LinkFault> = new Map([
  ['no-token', 'none'],
  ['bad-token', 'damaged'],
  ['expired-token', 'expired'],
  ['forbidden', 'other'],
]);

const refused = signal<LinkFault | null>(null);

/** What the server last refused the page's token for; null while it has refused none. */
export const refusedFor: ReadonlySignal<LinkFault | null> = refused;

/** The server has refused the page's token. */
export function refusedBy(error: ErrorReply | null): void {
  const fault = error === null ? undefined : FAULTS.get(error.code);
  if (fault !== undefined) refused.value = fault;
}

/**
 * What is wrong with the page's link.
 *
 * @param held what the page knows of its own token
 * @param refusal what the server said; null where it said nothing
 * @param nowMs UTC milliseconds
 */
export function linkFault(
  held: { readonly isDamaged: boolean; readonly own: string | null; readonly expiresMs: number | null },
  refusal: LinkFault | null,
  nowMs: number,
): LinkFault {
  if (held.isDamaged) return 'damaged';
  if (held.own === null) return 'none';
  if (refusal !== null && refusal !== 'none') return refusal;
  return held.expiresMs !== null && held.expiresMs <= nowMs ? 'expired' : 'other';
}
