import { signal } from '@preact/signals';
import { type LibraryQuery, addressOfQuery, queryOfAddress } from './library-query.ts';

/** The viewer's place in the library, stored in the browser's history. */
export type Place = {
  /** How many broadcasts were shown. */
  readonly count: number;
  /** Pixels from the top. */
  readonly scrollY: number;
};

/** The query in the page's address. */
export const query = signal<LibraryQuery>(queryOfAddress(location.search));

/**
 * Changes the query.
 *
 * @param asStep makes a step of the history; false while someone types, so that Back undoes words and not letters
 */
export function setQuery(to: LibraryQuery, asStep = true): void {
  const address = `${location.pathname}${addressOfQuery(to)}${location.hash}`;
  if (asStep) history.pushState(null, '', address);
  else history.replaceState(history.state, '', address);
  query.value = to;
}

/** Stores the place, for Back. */
export function storePlace(place: Place): void {
  history.replaceState(place, '');
}

/** The stored place; null for a new visit. */
export function storedPlace(): Place | null {
  const state: unknown = history.state;
  if (typeof state !== 'object' || state === null) return null;
  const { count, scrollY } = state as Partial<Record<keyof Place, unknown>>;
  return typeof count === 'number' && typeof scrollY === 'number' ? { count, scrollY } : null;
}
