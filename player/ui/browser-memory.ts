/** What this browser remembers of its user, from one visit to the next: texts by name. It may remember nothing at all. */

/**
 * Reads what is remembered.
 *
 * @returns null where there is none, or where it may not be looked at
 */
export function recalled(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    // Even to look at it is refused where cookies are.
    return null;
  }
}

/** Remembers a text, or forgets it (null). Where storage is full or refused, the next visit starts with the defaults. */
export function memorize(name: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    // Nothing that is remembered is needed.
  }
}
