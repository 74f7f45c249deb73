import type { JSX } from 'preact';
import type { RosterChoice } from '../../rollcall/protocol/roster-choice.ts';
import { COLUMN_USES, type RosterPreview } from '../../rollcall/protocol/roster-preview.ts';
import { language } from '../text/language.ts';
import { rosterText } from '../text/roster-text.ts';
import { columnName, RosterChoices } from './roster-choices.tsx';

/** Encodings that a teacher may choose where the found one is wrong; '' for the found one. */
const ENCODINGS = [
  ...['', 'utf-8', 'gb18030', 'big5', 'shift_jis', 'euc-kr', 'windows-1252', 'windows-1250', 'windows-1251'],
  'utf-16',
] as const;

/**
 * A class list before it is taken: columns, first students, what is left out; or why it cannot be taken. Sheet, headings, columns
 * and encoding can be chosen.
 */
export function RosterPreviewBox(props: {
  readonly preview: RosterPreview;
  readonly encoding: string;
  readonly choice: RosterChoice;
  /** It is read anew, or taken. */
  readonly isBusy: boolean;
  readonly onEncoding: (encoding: string) => void;
  readonly onChoice: (choice: RosterChoice) => void;
  readonly onTake: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const { preview, encoding, choice, isBusy, onEncoding, onChoice, onTake, onCancel } = props;
  return (
    <div class="roster-preview" role="group" aria-label={rosterText('title')} aria-busy={isBusy}>
      {preview.kind === 'refused' ? (
        <p class="fault" role="alert">
          {problemText(preview)}
        </p>
      ) : (
        <Readable preview={preview} />
      )}
      {preview.table !== null && <RosterChoices table={preview.table} choice={choice} onChoice={onChoice} />}
      <label class="roster-encoding">
        <span>{rosterText('encoding')}</span>
        <select value={encoding} onChange={(event) => onEncoding(event.currentTarget.value)}>
          {ENCODINGS.map((name) => (
            <option key={name} value={name}>
              {name === '' ? rosterText('encodingAuto') : name.toUpperCase()}
            </option>
          ))}
        </select>
      </label>
      <div class="row">
        {preview.kind === 'readable' && (
          <button type="button" class="plain-button take-button" disabled={isBusy} onClick={onTake}>
            {rosterText('take')}
          </button>
        )}
        <button type="button" class="plain-button" onClick={onCancel}>
          {rosterText('cancel')}
        </button>
      </div>
    </div>
  );
}

function Readable({
  preview,
}: {
  readonly preview: Extract<RosterPreview, { readonly kind: 'readable' }>;
}): JSX.Element {
  const { size, columns, entries, notes } = preview;
  const used = columns.map((column, i) => ({ column, i })).filter(({ column }) => column.use !== null);
  return (
    <>
      <p role="status">
        <strong>{rosterText('title')}</strong>{' '}
        {size === 1 ? rosterText('sizeOne') : rosterText('size', { count: size })}
      </p>
      <p class="soft">
        {used
          .map(({ column, i }) => `${columnName(column, i)} → ${rosterText(`use.${column.use ?? 'none'}`)}`)
          .join(' · ')}
      </p>
      <table>
        <caption class="hidden">{rosterText('result')}</caption>
        <thead>
          <tr>
            <th scope="col">{rosterText('use.id')}</th>
            <th scope="col">{rosterText('use.name')}</th>
            <th scope="col">{rosterText('use.group')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.slice(0, 5).map(({ id, name, group }) => (
            <tr key={id}>
              <td>{id}</td>
              <td>{name}</td>
              <td>{group}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {size > 5 && <p class="soft">{rosterText('more', { count: size - 5 })}</p>}
      {notes.length > 0 && (
        <ul class="roster-notes">
          {notes.map(({ code, words }) => (
            <li key={code}>
              {filledIn(rosterText(`note.${code}`, { words: words.map(placeText).join(', ') }), words)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** A problem in the page's language, with its place. */
export function problemText({ problem }: Extract<RosterPreview, { readonly kind: 'refused' }>): string {
  const { code, place, words } = problem;
  const told = code === 'column-twice' ? words.map(useText) : words.map(placeText);
  const sentence = filledIn(rosterText(`problem.${code}`), told);
  if (place === '') return sentence;
  return language.value === 'zh' ? `${placeText(place)}：${sentence}` : `${place}: ${sentence}`;
}

/** `given` as the page calls it. */
function useText(word: string): string {
  return rosterText(`use.${COLUMN_USES.find((use) => use === word) ?? 'none'}`);
}

/** `line 3` in the page's language. */
function placeText(text: string): string {
  if (language.value !== 'zh') return text;
  return text
    .replace(/^line (\d+)/, '第 $1 行')
    .replace(/^("[^"]*") row (\d+)/, '工作表 $1 第 $2 行')
    .replace(/^(id|name|group)$/, (word) => (word === 'id' ? '学号' : word === 'name' ? '姓名' : '班级'));
}

function filledIn(text: string, words: readonly string[]): string {
  return text.replaceAll(/\{(\d)\}/g, (_, i: string) => words[Number(i)] ?? '');
}
