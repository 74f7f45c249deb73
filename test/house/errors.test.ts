import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '../../shared/error-codes.ts';
import { start } from '../support/process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { PRODUCT_FOLDERS, ROOT, sources } from './source-files.ts';

/** A row of the table: `| `code` | status | meaning |`. */
const ROW = /^\| `([a-z0-9-]+)` \| ([^|]+) \| ([^|]+) \|$/gm;

describe('docs/errors.md', () => {
  const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const rows = [...page.matchAll(ROW)].map(([, code = '', status = '', meaning = '']) => ({
    code,
    status,
    meaning,
  }));
  const codes = rows.map(({ code }) => code);
  const product = sources(/\.tsx?$/).filter(({ path }) => PRODUCT_FOLDERS.includes(path.split('/')[0] ?? ''));

  it('explains every code that an error can be made with, and no other', () => {
    assert.deepEqual(codes, [...ERROR_CODES]);
  });

  it('has no code that nothing is made with', () => {
    const all = product
      .filter(({ path }) => path !== 'shared/error-codes.ts')
      .map(({ text }) => text)
      .join('\n');
    assert.deepEqual(
      codes.filter((code) => !all.includes(`'${code}'`)),
      [],
    );
  });

  it('is in order, names each code once, and says something of each', () => {
    assert.ok(codes.length > 10);
    assert.deepEqual(codes, [...new Set(codes)].sort());
    assert.deepEqual(
      rows.filter(
        ({ status, meaning }) => !/^(\d{3}|4xx|–)(, \d{3})*$/.test(status.trim()) || meaning.length < 20,
      ),
      [],
    );
  });
});

describe('the code of an error', () => {
  const table = [
    { name: 'a code of ours', text: "new AppError('a', { code: 'bad-config' });", isTaken: true },
    { name: 'a code that is not listed', text: "new AppError('a', { code: 'bad-mood' });", isTaken: false },
    {
      name: 'a variable',
      text: "const code: string = 'bad-config';\nnew AppError('a', { code });",
      isTaken: false,
    },
    {
      name: 'a code of a kind of error',
      text: "class MoodError extends AppError {}\nnew MoodError('a', { code: 'bad-mood' });",
      isTaken: false,
    },
    {
      name: 'a code that is made of two',
      text: "const kind: string = 'config';\nnew AppError('a', { code: `bad-${kind}` });",
      isTaken: false,
    },
    { name: 'no code', text: "new AppError('a', {});", isTaken: false },
  ];
  const folder = makeTempDir();
  after(() => folder.remove());
  for (const { name, text, isTaken } of table) {
    it(`${isTaken ? 'may' : 'cannot'} be ${name}: the compiler holds it`, async () => {
      const file = join(folder.path, 'a.mts');
      const errors = join(ROOT, 'shared/errors.ts');
      writeFileSync(file, `import { AppError } from '${errors}';\n${text}\n`);
      const tsc = start(join(ROOT, 'node_modules/.bin/tsc'), [
        ...['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions'],
        ...['--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--typeRoots'],
        ...[join(ROOT, 'node_modules/@types'), file],
      ]);
      assert.equal((await tsc.exited()) === 0, isTaken, tsc.stdout());
      if (!isTaken) assert.match(tsc.stdout(), /^\S*a\.mts\(\d+,\d+\): error TS\d+: .*\n*$/s);
    });
  }
});
