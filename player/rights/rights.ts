import { type ReadonlySignal, signal } from '@preact/signals';
import { type Claims, claimsOf } from './claims.ts';
import { openInOwnTabs } from './own-tabs.ts';
import { followLinks } from './follow-links.ts';
import { takeToken } from './token-memory.ts';
import { ViewerToken } from './viewer-token.ts';

/**
 * What the viewer of this tab may do, apart by where it may stand: her own token goes into headers alone; what goes into addresses
 * ends up in logs and chats.
 */
export type Rights = {
  /** For the Authorization header, and for nothing else; null without one. */
  readonly own: string | null;
  readonly claims: Claims;
  /** For the fragment of links between pages: a student's own. Null for roles above, whose links open nothing. */
  readonly link: string | null;
  /** For addresses of media, pictures and downloads: a viewer's, renewed before it expires. Null where none is needed. */
  readonly address: ReadonlySignal<string | null>;
  /** The page was opened by a link that was not copied whole. */
  readonly isDamaged: boolean;
};

/** Roles whose own token may stand in a link between pages; a token that is not readable opens nothing anyway. */
const MAY_BE_IN_LINKS: readonly string[] = ['student', 'viewer', ''];

/** Nobody's rights, for what is played without any. */
export const NO_RIGHTS: Rights = {
  own: null,
  claims: claimsOf(null),
  link: null,
  address: signal(null),
  isDamaged: false,
};

/**
 * Takes the rights of this tab: out of the address of the link that opened it, or out of what it has stored. From then on a new
 * link in this tab counts as well.
 */
export async function openRights(): Promise<Rights> {
  const { token: own, isDamaged } = takeToken();
  followLinks(own);
  if (own === null) return { ...NO_RIGHTS, isDamaged };
  const claims = claimsOf(own);
  const isStudent = MAY_BE_IN_LINKS.includes(claims.role);
  if (!isStudent) openInOwnTabs();
  const viewer = new ViewerToken(own, claims, isStudent);
  await viewer.start();
  return { own, claims, link: isStudent ? own : null, address: viewer.token, isDamaged };
}
