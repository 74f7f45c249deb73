/** Texts that this browser stores from one visit to the next, by name. It may store none. */

/**
 * Reads a stored text.
 *
 * @returns null where there is none, or storage is not accessible
 */
export function recalled(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    // Where cookies are refused, access itself throws.
    return null;
  }
}

/** Stores a text, or removes it (null). Where storage is full or refused, the next visit has the defaults. */
export function memorize(name: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    // The page works without it.
  }
}
