import type { GridSlot } from './grid-slots.ts';

/**
 * Finds renditions that repeat another one segment by segment: for a small source, the upper rungs show the same track. One
 * of them is enough to choose from.
 */
export class RepeatedRenditions {
  /** Groups of two and more that have been the same so far. */
  #groups: string[][] = [];
  readonly #known = new Set<string>();

  /** Compares what the renditions have in one more slot. */
  add({ byRendition }: GridSlot): void {
    const fresh = [...byRendition.keys()].filter((id) => !this.#known.has(id));
    for (const id of fresh) this.#known.add(id);
    // Those that begin here were the same until now: none of them had anything.
    const groups = fresh.length > 1 ? [...this.#groups, fresh] : this.#groups;
    this.#groups = groups.flatMap((ids) => {
      const byContent = new Map<string, string[]>();
      for (const id of ids) {
        const stored = byRendition.get(id);
        const content = stored === undefined ? '' : `${stored.initHash}/${stored.sizeBytes}`;
        byContent.set(content, [...(byContent.get(content) ?? []), id]);
      }
      return [...byContent.values()].filter(({ length }) => length > 1);
    });
  }

  /** All but the first of each group, by id. */
  get ids(): ReadonlySet<string> {
    return new Set(this.#groups.flatMap((ids) => ids.toSorted().slice(1)));
  }
}
