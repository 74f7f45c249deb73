/** Ids go up to 255 (pic_parameter_set_id of H.264); a stream that breaks this is not followed further. */
const MAX_SETS = 256;

/** Parameter sets of one kind by their id, in the order in which the ids first came. Copies. */
export class ParameterSetTable {
  readonly #sets = new Map<number, Buffer>();

  /** The first one; undefined while there is none. */
  get first(): Buffer | undefined {
    return this.#sets.values().next().value;
  }

  /** @returns whether it is new, or differs from the one that had this id */
  add(id: number, unit: Buffer): boolean {
    const known = this.#sets.get(id);
    if (known?.equals(unit) === true || (known === undefined && this.#sets.size >= MAX_SETS)) return false;
    this.#sets.set(id, Buffer.from(unit));
    return true;
  }

  /** Undefined when there is none of this id. */
  get(id: number): Buffer | undefined {
    return this.#sets.get(id);
  }

  /** All, the one of this id first. */
  from(id: number | null): readonly Buffer[] {
    const first = id === null ? undefined : this.#sets.get(id);
    return first === undefined
      ? [...this.#sets.values()]
      : [first, ...[...this.#sets.values()].filter((unit) => unit !== first)];
  }

  /** Forgets all. */
  clear(): void {
    this.#sets.clear();
  }
}
