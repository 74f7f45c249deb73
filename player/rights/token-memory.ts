/** The own token of this tab. It is stored for the tab alone: two people in two tabs are two people. */

const KEY = 'lectern.token';

/** A compact JWS (RFC 7515 §7.1); nothing else is put into a path. */
const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MOST_CHARACTERS = 4096;

/** What the fragment of an address holds. */
export type LinkToken =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  /** There is something, but no token: the link was not copied whole. */
  | { readonly kind: 'damaged' };

/**
 * Reads the token of a link from the fragment, which browsers send to nobody: `#token=…`.
 *
 * @param hash location.hash
 */
export function linkTokenOf(hash: string): LinkToken {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  if (token === null) return { kind: 'none' };
  const text = token.trim();
  return text.length <= MOST_CHARACTERS && TOKEN.test(text)
    ? { kind: 'token', token: text }
    : { kind: 'damaged' };
}

/**
 * Takes the token out of the page's address and stores it for this tab, or reads what is stored.
 *
 * Whoever copies the address then copies no rights. Where the browser stores nothing, the entry of the history has the token.
 *
 * @returns the own token, null without one; `isDamaged` where the link had something that is none
 */
export function takeToken(): { readonly token: string | null; readonly isDamaged: boolean } {
  const link = linkTokenOf(location.hash);
  if (link.kind === 'none') return { token: storedToken(), isDamaged: false };
  const token = link.kind === 'token' ? link.token : null;
  const isStored = store(token);
  const state: unknown = isStored ? history.state : { [KEY]: token };
  history.replaceState(state, '', `${location.pathname}${location.search}`);
  return { token, isDamaged: link.kind === 'damaged' };
}

/** The token that this tab has stored; null without one. */
export function storedToken(): string | null {
  return validToken(read()) ?? validToken(ofHistory());
}

/** Forgets the token of this tab. */
export function forgetToken(): void {
  store(null);
  history.replaceState(null, '');
}

function validToken(text: unknown): string | null {
  return typeof text === 'string' && text.length <= MOST_CHARACTERS && TOKEN.test(text) ? text : null;
}

function ofHistory(): unknown {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null && KEY in state ? state[KEY] : null;
}

function read(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    // Where cookies are refused, access itself throws.
    return null;
  }
}

/** @returns false where the browser stores nothing */
function store(token: string | null): boolean {
  try {
    if (token === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
    return true;
  } catch {
    return false;
  }
}
