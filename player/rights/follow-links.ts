import { linkTokenOf, storedToken, takeToken } from './token-memory.ts';

/**
 * Has a link count that is opened in a tab whose page differs from it by the fragment alone: no page is loaded then, and without
 * this the tab would go on as whoever it was before. The same for a page that the browser brings back from its cache after the tab
 * has become somebody else's.
 *
 * @param own the token of the page now; null without one
 */
export function followLinks(own: string | null): void {
  addEventListener('hashchange', () => {
    if (linkTokenOf(location.hash).kind === 'none') return;
    if (takeToken().token !== own) location.reload();
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted && storedToken() !== own) location.reload();
  });
}
