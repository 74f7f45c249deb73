import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { RosterEntry } from '../ledger/ledger.ts';
import { idKey, inOtherOrder, looseNameKey, nameKey, turnedName } from './name-key.ts';
import { toldApartBy } from './tell-apart.ts';

/** Ids by some key; null for a key that several entries have. */
type Ids = Map<string, string | null>;

/** Finds people on a class list: by id, or by a name that is there once. */
export class RosterIndex {
  #entries: readonly RosterEntry[];
  readonly #ids = new Set<string>();
  readonly #byIdKey: Ids = new Map();
  /** By {@link nameKey}. */
  readonly #byName: Ids = new Map();
  /** By {@link looseNameKey}, where that is another one; and by the other order of "Lee, Ann". */
  readonly #byLooseName: Ids = new Map();
  /** By the keys of {@link inOtherOrder}. */
  readonly #byOtherOrder: Ids = new Map();
  /** Entries that share a {@link nameKey}: as they are written, and with class or number (loose keys). */
  readonly #apart: Ids = new Map();
  /** Entries that share a {@link nameKey}, by it. */
  readonly #namesakes = new Map<string, RosterEntry[]>();
  /** The same entries by their ids. */
  readonly #sharedById = new Map<string, RosterEntry>();
  /** What tells namesakes apart, by their name; found when it is asked for. */
  readonly #toldApartBy = new Map<string, 'group' | 'id' | null>();

  constructor(entries: readonly RosterEntry[]) {
    this.#entries = entries;
    for (const entry of entries) this.#enter(entry);
    for (const entry of entries) this.#tellApart(entry);
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
    await forEachYielding(entries, (entry) => index.#tellApart(entry));
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
   * @param name identifies a guest where only one entry has it; of several, with class or number behind it: `李雷 7-1`
   * @returns the entry's id; null for a person who is not on the list, or whose name several entries have
   */
  find(sub: string, name: string): string | null {
    if (this.#ids.size === 0) return null;
    if (this.#ids.has(sub)) return sub;
    const byId = this.#byIdKey.get(idKey(sub));
    if (typeof byId === 'string') return byId;
    const asWritten = this.#apart.get(written(name));
    if (typeof asWritten === 'string') return asWritten;
    const byName = this.#byName.get(nameKey(name));
    if (byName !== undefined) return byName;
    const loose = looseNameKey(name);
    const found = [this.#byName.get(loose), this.#byLooseName.get(loose)].filter((id) => id !== undefined);
    const [only = null, ...others] = found;
    if (found.length > 0) return others.every((other) => other === only) ? only : null;
    const turned = turnedName(name);
    if (turned !== null) return this.#byName.get(nameKey(turned)) ?? null;
    return this.#apart.get(loose) ?? this.#byOtherOrder.get(loose) ?? null;
  }

  /** Whether several entries have a name, so that {@link find} needs class or number beside it. */
  isShared(name: string): boolean {
    return this.#byName.get(nameKey(name)) === null && this.find('', name) === null;
  }

  /**
   * What is shown beside the name of an entry: class or number where several entries have this name, else ''. No two entries have
   * the same name and the same text beside it.
   */
  beside(entry: RosterEntry): string {
    const key = nameKey(entry.name);
    const namesakes = this.#namesakes.get(key);
    if (namesakes === undefined) return '';
    const by = this.#toldApartBy.get(key) ?? toldApartBy(namesakes);
    this.#toldApartBy.set(key, by);
    return by === null ? '' : entry[by];
  }

  /** As {@link beside}, of a person who is found by `sub` and name; '' for a stranger. */
  besidePerson(sub: string, name: string): string {
    const id = this.find(sub, name);
    const entry = id === null ? undefined : this.#sharedById.get(id);
    return entry === undefined ? '' : this.beside(entry);
  }

  #enter({ id, name }: RosterEntry): void {
    this.#ids.add(id);
    add(this.#byIdKey, idKey(id), id);
    const key = nameKey(name);
    add(this.#byName, key, id);
    const loose = looseNameKey(name);
    if (loose !== key) add(this.#byLooseName, loose, id);
    const turned = turnedName(name);
    if (turned !== null) add(this.#byLooseName, looseNameKey(turned), id);
    for (const other of inOtherOrder(name)) add(this.#byOtherOrder, looseNameKey(other), id);
  }

  #tellApart(entry: RosterEntry): void {
    const { id, name, group } = entry;
    const key = nameKey(name);
    if (this.#byName.get(key) !== null) return;
    const namesakes = this.#namesakes.get(key);
    if (namesakes === undefined) this.#namesakes.set(key, [entry]);
    else namesakes.push(entry);
    this.#sharedById.set(id, entry);
    add(this.#apart, written(name), id);
    for (const beside of new Set([group, id])) {
      if (beside === '') continue;
      add(this.#apart, looseNameKey(`${name} ${beside}`), id);
      add(this.#apart, looseNameKey(`${beside} ${name}`), id);
    }
  }
}

const KNOWN = new WeakMap<readonly RosterEntry[], Promise<RosterIndex>>();

function add(ids: Ids, key: string, id: string): void {
  // Of a name that is dots and hyphens alone nothing is left.
  if (key === '') return;
  ids.set(key, ids.has(key) && ids.get(key) !== id ? null : id);
}

/** Blanks between Chinese characters: lists have them to line up names of two and three characters. */
const ALIGNING = /(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu;

/** Marked, so that it is never taken for a loose key. */
function written(name: string): string {
  return `=${name.trim().normalize('NFC').replaceAll(ALIGNING, '')}`;
}
