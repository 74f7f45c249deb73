import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

  it('has every code that an error is made with', () => {
    const missing = product.flatMap(({ path, text }) =>
      // What stands after "code:", up to the end of the property: one literal, or two in a choice.
      [...text.matchAll(/\bcode: ([^,{}]*)/g)].flatMap(([, value = '']) =>
        [...value.matchAll(/'([a-z][a-z0-9]*(?:-[a-z0-9]+)*)'/g)]
          .map(([, code = '']) => code)
          .filter((code) => !codes.includes(code))
          .map((code) => `${path}: ${code}`),
      ),
    );
    assert.deepEqual(missing, []);
  });

  it('has no code that nothing is made with', () => {
    const all = product.map(({ text }) => text).join('\n');
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
