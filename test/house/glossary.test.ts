import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRODUCT_FOLDERS, ROOT, type SourceFile, sources } from './source-files.ts';

/** Words of earlier names that stand for several things, or for a person; docs/glossary.md has the word for each thing. */
const FORBIDDEN = ['courier', 'desk', 'door', 'hall', 'heed', 'kept', 'laid', 'pilot', 'registrar', 'shelf'];

/** Names of types that stand in two files, and why. */
const TWICE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...['Answer', 'BroadcastChange', 'BroadcastPage', 'CallStudent', 'Facets', 'Identity', 'Lesson'],
      ...['Run', 'RunState'],
    ].map((name) => [name, 'the player reads over HTTP what a server role calls so']),
  ),
  StartOver: 'what the page loads later (player), and what answers it (origin)',
  OnAir: 'who publishes (ingest), and what the splicer shows (origin)',
  Recorded: 'a recorded range (player), and a recorded answer (rollcall)',
  Remembered: 'what a page and what the library remember over a restart',
};

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(type|interface|class|function\*?|const|let) (\w+)/gm;

/** The exported names of a file, with what each is. */
function exportsOf({ text }: SourceFile): { readonly kind: string; readonly name: string }[] {
  return [...text.matchAll(DECLARATION)].map(([, kind = '', name = '']) => ({ kind, name }));
}

/** The words of a name, in lower case: of `StoredCall`, `stored-call.ts` and `STORED_CALL` the same two. */
function wordsOf(name: string): string[] {
  return name
    .replace(/\.[a-z.]+$/, '')
    .split(/[-_.]|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .map((word) => word.toLowerCase());
}

const isForbidden = (name: string): boolean => wordsOf(name).some((word) => FORBIDDEN.includes(word));

describe('the words of docs/glossary.md', () => {
  const page = readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8');
  const product = sources(/\.tsx?$/).filter(({ path }) => PRODUCT_FOLDERS.includes(path.split('/')[0] ?? ''));
  const exported = product.flatMap((file) => exportsOf(file).map((found) => ({ ...found, path: file.path })));

  it('are each explained once, with a meaning', () => {
    // One table holds the Chinese words of the pages; the others begin with the same line.
    const rows = page
      .split(/^\| word \| what it means in Lectern .*\n\|---.*\n/m)
      .slice(1)
      .flatMap((table) => table.slice(0, `${table}\n\n`.indexOf('\n\n')).trim().split('\n'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const words = rows.flatMap(([, word = '']) => word.split(', '));
    assert.ok(words.length > 40);
    assert.deepEqual(
      words.filter((word, at) => words.indexOf(word) !== at),
      [],
    );
    assert.deepEqual(
      rows
        .filter(([, , meaning = '', term = '']) => meaning.length < 10 || term === '')
        .map(([, word]) => word),
      [],
    );
  });

  it('are not what the house has given up: no name of a file or an export has one of those words', () => {
    const names = product.flatMap(({ path }) => path.split('/').map((part) => `${path}: ${part}`));
    const all = [...names, ...exported.map(({ path, name }) => `${path}: ${name}`)];
    assert.ok(exported.length > 500);
    assert.deepEqual(
      [...new Set(all)].filter((entry) => isForbidden(entry.split(': ')[1] ?? '')),
      [],
    );
  });

  it('each name one thing: a type or class is declared in one file, but for a few', () => {
    const files = new Map<string, string[]>();
    for (const { kind, name, path } of exported) {
      if (!['type', 'interface', 'class'].includes(kind)) continue;
      files.set(name, [...new Set([...(files.get(name) ?? []), path])]);
    }
    const twice = [...files].filter(([, paths]) => paths.length > 1);
    assert.deepEqual(
      twice.filter(([name, paths]) => paths.length > 2 || TWICE[name] === undefined),
      [],
    );
    assert.deepEqual(
      Object.keys(TWICE).filter((name) => !twice.some(([known]) => known === name)),
      [],
      'an exception that is not needed any more',
    );
  });

  const table = [
    { name: 'PublishDesk', forbidden: true },
    { name: 'answer-desk.ts', forbidden: true },
    { name: 'KEPT_MS', forbidden: true },
    { name: 'keptSegmentsOf', forbidden: true },
    { name: 'FeedShelf', forbidden: true },
    { name: 'startOverDoor', forbidden: true },
    { name: 'HTTPDesk', forbidden: true },
    { name: 'HallwayMap', forbidden: false },
    { name: 'Desktop', forbidden: false },
    { name: 'outdoor-light.tsx', forbidden: false },
  ];
  for (const { name, forbidden } of table) {
    it(`${forbidden ? 'forbid' : 'allow'} ${name}`, () => assert.equal(isForbidden(name), forbidden));
  }
});
