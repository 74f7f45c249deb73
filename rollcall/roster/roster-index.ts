import type { RosterEntry } from '../ledger/ledger.ts';

/** Finds people on a roster: by the school's id, or by their name where it stands there once. */
export class RosterIndex {
  readonly entries: readonly RosterEntry[];
  readonly #ids = new Set<string>();
  /** Id by name; null for a name that several have. */
  readonly #byName = new Map<string, string | null>();

  constructor(entries: readonly RosterEntry[]) {
    this.entries = entries;
    for (const { id, name } of entries) {
      this.#ids.add(id);
      const key = nameKey(name);
      this.#byName.set(key, this.#byName.has(key) ? null : id);
    }
  }

  /**
   * Tells which entry somebody is.
   *
   * @param sub the token's; the entry's id where the school made the token
   * @param name what a guest calls herself: she is the one of that name, where there is only one
   * @returns null for who is on no roster
   */
  find(sub: string, name: string): string | null {
    if (this.#ids.size === 0) return null;
    if (this.#ids.has(sub)) return sub;
    return this.#byName.get(nameKey(name)) ?? null;
  }
}

/** Names are the same when they differ only in case, width (NFKC) or white space: "李 雷" is "李雷". */
function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, '');
}
