import { badPlaylist } from './playlist-error.ts';
import type { ValueType } from './value-types.ts';

/**
 * How one field of a record is written in a playlist: as a tag of its own, or as an attribute of one. A field that has its
 * absent value (null, false, an empty list) is not written at all.
 */
export type Field<V> = {
  /** Name of the tag or attribute: `EXT-X-MAP`, `BANDWIDTH`. */
  readonly name: string;
  /** Reading fails where it is missing. */
  readonly isRequired: boolean;
  /** @returns the text behind the name; a list for a field that may occur several times; null for none */
  readonly write: (value: V) => Written;
  /**
   * @param text the text behind the name; '' for a tag without value
   * @param before the field's value so far
   */
  readonly read: (text: string, before: V) => V;
};

/** What {@link Field.write} gives. */
export type Written = string | readonly string[] | null;

/** A field for each property of a record, in the order in which they are written. */
export type FieldTable<R> = { readonly [K in keyof R]: Field<R[K]> };

/** A {@link Field} together with where its value is found in the record. */
export type Row<R> = {
  readonly name: string;
  readonly isRequired: boolean;
  write(record: R): Written;
  /** @returns the record with this field set */
  read(record: R, text: string): R;
};

/** A field that is always written. */
export function required<V>(name: string, type: ValueType<V>): Field<V> {
  return {
    name,
    isRequired: true,
    write: type.write,
    read: (text) => type.read(text, name),
  };
}

/** A field that is left out where it is null. */
export function optional<V>(name: string, type: ValueType<V>): Field<V | null> {
  return {
    name,
    isRequired: false,
    write: (value) => (value === null ? null : type.write(value)),
    read: (text) => type.read(text, name),
  };
}

/** A field that occurs any number of times. */
export function repeated<V>(name: string, type: ValueType<V>): Field<readonly V[]> {
  return {
    name,
    isRequired: false,
    write: (values) => values.map((value) => type.write(value)),
    read: (text, before) => [...before, type.read(text, name)],
  };
}

/** A tag without a value: true where it occurs. */
export function flag(name: string): Field<boolean> {
  return {
    name,
    isRequired: false,
    write: (value) => (value ? '' : null),
    read: (text) => {
      if (text !== '') throw badPlaylist(name, `has a value: ${JSON.stringify(text.slice(0, 40))}`);
      return true;
    },
  };
}

/** The rows of a table, in its order. */
export function rowsOf<R extends object>(table: FieldTable<R>): readonly Row<R>[] {
  const rows: Row<R>[] = [];
  for (const key in table) rows.push(rowOf<R, typeof key>(key, table[key]));
  return rows;
}

function rowOf<R extends object, K extends keyof R>(key: K, field: Field<R[K]>): Row<R> {
  const { name, isRequired, write, read } = field;
  return {
    name,
    isRequired,
    write: (record) => write(record[key]),
    read: (record, text) => ({ ...record, [key]: read(text, record[key]) }),
  };
}

/** @throws {PlaylistError} `bad-playlist` where a required field is not among those that were read */
export function checkRequired<R>(rows: readonly Row<R>[], read: ReadonlySet<string>, place: string): void {
  const missing = rows.find(({ name, isRequired }) => isRequired && !read.has(name));
  if (missing !== undefined) throw badPlaylist(place, `no ${missing.name}`);
}
