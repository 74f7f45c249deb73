import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { RosterEntry } from '../ledger/ledger.ts';

/** Finds people on a class list: by id, or by a name that is there once. */
export class RosterIndex {
  #entries: readonly RosterEntry[];
  readonly #ids = new Set<string>();
  /** Id by name; null for a name that several entries have. */
  readonly #byName = new Map<string, string | null>();

  constructor(entries: readonly RosterEntry[]) {
    this.#entries = entries;
    for (const entry of entries) this.#enter(entry);
  }

  /**
   * Makes the index of a class list that may have 100,000 entries; yields to other work at intervals. The index of a list is
   * cached as long as the list is in memory.
   *
   * @param entries not to be changed
   */
  static of(entries: readonly RosterEntry[]): Promise<RosterIndex> {
    let index = KNOWN.get(entries);
    if (index === undefined) {
      index = RosterIndex.#make(entries);
      KNOWN.set(entries, index);
    }
    return index;
  }

  static async #make(entries: readonly RosterEntry[]): Promise<RosterIndex> {
    const index = new RosterIndex([]);
    await forEachYielding(entries, (entry) => index.#enter(entry));
    index.#entries = entries;
    return index;
  }

  /** The class list, in its order. */
  get entries(): readonly RosterEntry[] {
    return this.#entries;
  }

  /**
   * Finds the entry of a person.
   *
   * @param sub the `sub` of the token; the entry's id where the school made the token
   * @param name identifies a guest where only one entry has it
   * @returns the entry's id; null for a person who is not on the list
   */
  find(sub: string, name: string): string | null {
    if (this.#ids.size === 0) return null;
    if (this.#ids.has(sub)) return sub;
    return this.#byName.get(nameKey(name)) ?? null;
  }

  #enter({ id, name }: RosterEntry): void {
    this.#ids.add(id);
    const key = nameKey(name);
    this.#byName.set(key, this.#byName.has(key) ? null : id);
  }
}

const KNOWN = new WeakMap<readonly RosterEntry[], Promise<RosterIndex>>();

/** Names are equal when they differ only in case, width (NFKC) or white space: "李 雷" and "李雷". */
function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, '');
}
