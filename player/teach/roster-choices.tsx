import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { NOTHING_CHOSEN, type RosterChoice } from '../../rollcall/protocol/roster-choice.ts';
import {
  COLUMN_USES,
  type RosterColumn,
  type RosterTableView,
} from '../../rollcall/protocol/roster-preview.ts';
import { rosterText } from '../text/roster-text.ts';
import { withUse } from './column-uses.ts';

/** Characters of a row that is offered for the headings. */
const ROW_MAX = 40;

/** The columns of a file with what they are taken for, and the rows as they stand in it: each can be chosen otherwise. */
export function RosterChoices(props: {
  readonly table: RosterTableView;
  readonly choice: RosterChoice;
  readonly onChoice: (choice: RosterChoice) => void;
}): JSX.Element {
  const { table, choice, onChoice } = props;
  const { sheets, top, rows } = table;
  // What is chosen is shown at once: it is read anew while she goes on with the keys.
  const headingLine = choice.headingLine ?? table.headingLine;
  const columns = table.columns.map((column, i): RosterColumn => {
    return choice.columns === null ? column : { ...column, use: choice.columns[i] ?? null };
  });
  /**
   * The columns when the focus came to one of them. With the arrow keys she passes other uses on her way to the one she wants,
   * which take nothing from other columns.
   */
  const before = useRef({ column: -1, columns });
  const chooseUse = (column: number, use: RosterColumn['use']): void => {
    const from = before.current.column === column ? before.current.columns : columns;
    onChoice({ ...choice, headingLine, columns: withUse(from, column, use) });
  };
  return (
    <>
      <div class="row roster-where">
        {sheets.length > 1 && (
          <label>
            <span>{rosterText('sheet')}</span>
            <select
              aria-label={rosterText('sheet')}
              value={choice.sheet ?? ''}
              // Other sheets have other columns.
              onChange={({ currentTarget: { value } }) =>
                onChoice({ ...NOTHING_CHOSEN, sheet: value === '' ? null : value })
              }
            >
              <option value="">{rosterText('sheetsAll')}</option>
              {sheets.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          <span>{rosterText('headings')}</span>
          <select
            aria-label={rosterText('headings')}
            value={headingLine}
            onChange={({ currentTarget: { value } }) =>
              onChoice({ ...choice, headingLine: Number(value), columns: null })
            }
          >
            <option value={0}>{rosterText('headingsNone')}</option>
            {top.map(({ line, cells }) => (
              <option key={line} value={line}>
                {rosterText('row', { number: line })} {rowText(cells)}
              </option>
            ))}
            {headingLine > 0 && top.every(({ line }) => line !== headingLine) && (
              <option value={headingLine}>{rosterText('row', { number: headingLine })}</option>
            )}
          </select>
        </label>
      </div>
      <div class="roster-table" role="region" aria-label={rosterText('columns')} tabIndex={0}>
        <table>
          <caption>{rosterText('columns')}</caption>
          <thead>
            <tr>
              {columns.map((column, i) => (
                // Columns have no other key than their place.
                <th key={i} scope="col" class={column.use === null ? 'unused' : undefined}>
                  <label>
                    <span>{columnName(column, i)}</span>
                    <UseChoice
                      name={columnName(column, i)}
                      use={column.use}
                      onFocus={() => {
                        before.current = { column: i, columns };
                      }}
                      onUse={(use) => chooseUse(i, use)}
                    />
                  </label>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ line, cells }) => (
              <tr key={line}>
                {columns.map(({ use }, i) => (
                  <td key={i} class={use === null ? 'unused' : undefined}>
                    {cells[i] ?? ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function UseChoice(props: {
  /** Of the column. */
  readonly name: string;
  readonly use: RosterColumn['use'];
  readonly onFocus: () => void;
  readonly onUse: (use: RosterColumn['use']) => void;
}): JSX.Element {
  return (
    <select
      aria-label={props.name}
      onFocus={props.onFocus}
      value={props.use ?? ''}
      onChange={({ currentTarget: { value } }) =>
        props.onUse(COLUMN_USES.find((known) => known === value) ?? null)
      }
    >
      <option value="">{rosterText('use.none')}</option>
      {COLUMN_USES.map((use) => (
        <option key={use} value={use}>
          {rosterText(`use.${use}`)}
        </option>
      ))}
    </select>
  );
}

/** What a column is called: its heading, or its number. */
export function columnName({ heading }: RosterColumn, index: number): string {
  return heading === '' ? rosterText('column', { number: index + 1 }) : heading;
}

function rowText(cells: readonly string[]): string {
  const text = cells.filter((cell) => cell !== '').join(' · ');
  return text.length > ROW_MAX ? `${text.slice(0, ROW_MAX)}…` : text;
}
