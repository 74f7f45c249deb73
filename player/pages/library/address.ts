import { signal } from '@preact/signals';
import { type LibraryQuery, addressOfQuery, queryOfAddress } from './library-query.ts';

/** Where somebody was in the library, kept by the browser with each step of its history. */
export type Place = {
  /** How many broadcasts were shown. */
  readonly count: number;
  /** Pixels from the top. */
  readonly scrollY: number;
};

/** What is looked for, as the address has it. */
export const query = signal<LibraryQuery>(queryOfAddress(location.search));

/**
 * Looks for something else.
 *
 * @param asStep false while somebody types: Back leads over words, not over letters
 */
export function setQuery(to: LibraryQuery, asStep = true): void {
  const address = `${location.pathname}${addressOfQuery(to)}${location.hash}`;
  if (asStep) history.pushState(null, '', address);
  else history.replaceState(history.state, '', address);
  query.value = to;
}

/** Puts down where one is, for who comes back to here. */
export function keepPlace(place: Place): void {
  history.replaceState(place, '');
}

/** Where one was; null for a new visit. */
export function keptPlace(): Place | null {
  const state: unknown = history.state;
  if (typeof state !== 'object' || state === null) return null;
  const { count, scrollY } = state as Partial<Record<keyof Place, unknown>>;
  return typeof count === 'number' && typeof scrollY === 'number' ? { count, scrollY } : null;
}
