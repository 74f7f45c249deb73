import type { JSX } from 'preact';
import type { RosterPreview } from '../../rollcall/protocol/roster-preview.ts';
import { language } from '../text/language.ts';
import { rosterText } from '../text/roster-text.ts';

/** Encodings that a teacher may choose where the found one is wrong; '' for the found one. */
const ENCODINGS = [
  ...['', 'utf-8', 'gb18030', 'big5', 'shift_jis', 'euc-kr', 'windows-1252', 'windows-1250', 'windows-1251'],
  'utf-16',
] as const;

/** A class list before it is taken: columns, first students, what is left out; or why it cannot be taken. */
export function RosterPreviewBox(props: {
  readonly preview: RosterPreview;
  readonly encoding: string;
  readonly isBusy: boolean;
  readonly onEncoding: (encoding: string) => void;
  readonly onTake: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const { preview, encoding, isBusy, onEncoding, onTake, onCancel } = props;
  return (
    <div class="roster-preview" role="group" aria-label={rosterText('title')}>
      {preview.kind === 'refused' ? (
        <p class="fault" role="alert">
          {problemText(preview)}
        </p>
      ) : (
        <Readable preview={preview} />
      )}
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
  const used = columns.filter(({ use }) => use !== null);
  return (
    <>
      <p role="status">
        <strong>{rosterText('title')}</strong>{' '}
        {size === 1 ? rosterText('sizeOne') : rosterText('size', { count: size })}
      </p>
      <p class="soft">
        {used
          .map(({ heading, use }) => {
            const name =
              heading === '' ? rosterText('column', { number: columnNumber(columns, use) }) : heading;
            return `${name} → ${rosterText(`use.${use ?? 'none'}`)}`;
          })
          .join(' · ')}
      </p>
      <table>
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

function columnNumber(
  columns: Extract<RosterPreview, { readonly kind: 'readable' }>['columns'],
  use: string | null,
): number {
  return columns.findIndex((column) => column.use === use) + 1;
}

/** A problem in the page's language, with its place. */
export function problemText({ problem }: Extract<RosterPreview, { readonly kind: 'refused' }>): string {
  const { code, place, words } = problem;
  const sentence = filledIn(rosterText(`problem.${code}`), words.map(placeText));
  if (place === '') return sentence;
  return language.value === 'zh' ? `${placeText(place)}：${sentence}` : `${place}: ${sentence}`;
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
