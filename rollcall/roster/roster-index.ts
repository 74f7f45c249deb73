import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { RosterEntry } from '../ledger/ledger.ts';

/** Finds people on a roster: by the school's id, or by their name where it stands there once. */
export class RosterIndex {
  #entries: readonly RosterEntry[];
  readonly #ids = new Set<string>();
  /** Id by name; null for a name that several have. */
  readonly #byName = new Map<string, string | null>();

  constructor(entries: readonly RosterEntry[]) {
    this.#entries = entries;
    for (const entry of entries) this.#enter(entry);
  }

  /**
   * Makes the index of a roster that may be a city's, and lets go of the process now and then. One list has one index: whoever
   * asks again is given the one that is there.
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

  /** The roster, in its order. */
  get entries(): readonly RosterEntry[] {
    return this.#entries;
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

  #enter({ id, name }: RosterEntry): void {
    this.#ids.add(id);
    const key = nameKey(name);
    this.#byName.set(key, this.#byName.has(key) ? null : id);
  }
}

const KNOWN = new WeakMap<readonly RosterEntry[], Promise<RosterIndex>>();

/** Names are the same when they differ only in case, width (NFKC) or white space: "李 雷" is "李雷". */
function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, '');
}
