import { checkRequired, type Field, type FieldTable, rowsOf } from './field-table.ts';
import { badPlaylist, shown } from './playlist-error.ts';
import { oneOf, type ValueType } from './value-types.ts';

/** `NAME=value`, then a comma or the end; a value is a quoted-string, or has neither comma nor quote. */
const ATTRIBUTE = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\r\n]*)(,|$)/y;

/** An attribute that says `YES`, or is left out: true where it occurs. */
export function yes(name: string): Field<boolean> {
  const type = oneOf('YES');
  return {
    name,
    isRequired: false,
    write: (value) => (value ? 'YES' : null),
    read: (text) => type.read(text, name) === 'YES',
  };
}

/**
 * A tag's attribute list as a record (RFC 8216bis §4.2).
 *
 * Attributes that the table does not have are ignored when reading: "Clients SHOULD … ignore attribute/value pairs with
 * unrecognized AttributeNames" (§6.3.1).
 *
 * @param absent the record's value before anything is read
 * @param table an attribute for each property
 */
export function attributeList<R extends object>(absent: R, table: FieldTable<R>): ValueType<R> {
  const rows = rowsOf(table);
  return {
    write: (record) => {
      let text = '';
      for (const row of rows) {
        const value = row.write(record);
        // An attribute occurs once in its list, so that a list of values has no place here.
        if (typeof value === 'string') text += `${text === '' ? '' : ','}${row.name}=${value}`;
      }
      return text;
    },
    read: (text, place) => {
      let record = absent;
      const read = new Set<string>();
      for (const [name, value] of split(text, place)) {
        // "an AttributeName MUST NOT appear more than once" in a list (§4.2).
        if (read.has(name)) throw badPlaylist(place, `${name} appears twice`);
        read.add(name);
        record = rows.find((row) => row.name === name)?.read(record, value) ?? record;
      }
      checkRequired(rows, read, place);
      return record;
    },
  };
}

function* split(text: string, place: string): Generator<readonly [name: string, value: string]> {
  const pattern = new RegExp(ATTRIBUTE);
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const [, name = '', value = ''] = pattern.exec(text) ?? [];
    if (name === '') throw badPlaylist(place, `no attribute at ${shown(text.slice(at))}`);
    yield [name, value];
  }
}
