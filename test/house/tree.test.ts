import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { places, PRODUCT_FOLDERS, ROOT, sources, treePaths } from './source-files.ts';

/** Words that name no responsibility. */
const EMPTY_NAMES = /^(utils?|helpers?|misc|common|index|types|stuff|lib)\.[jt]sx?$/;

describe('the work tree', () => {
  const code = sources(/\.(ts|tsx|js)$/);
  const product = code.filter(({ path }) => PRODUCT_FOLDERS.includes(path.split('/')[0] ?? ''));

  it('has no file whose name says nothing, and no barrel', () => {
    assert.deepEqual(
      code.map(({ path }) => path).filter((path) => EMPTY_NAMES.test(basename(path))),
      [],
    );
    assert.deepEqual(places(product, /^export (\*|\{[^}]*\}) from /), []);
  });

  it('has its code in folders that the import rule and the type check know', () => {
    const folders = [...new Set(code.map(({ path }) => path.split('/')[0] ?? ''))].filter(
      (name) => !name.includes('.'),
    );
    const known = [...PRODUCT_FOLDERS, 'test', 'bench', 'docs', 'lint'];
    assert.deepEqual(
      folders.filter((name) => !known.includes(name)),
      [],
    );
    const checked = ['tsconfig.json', 'player/tsconfig.json']
      .map((name) => readFileSync(join(ROOT, name), 'utf8'))
      .join();
    const rule = readFileSync(join(ROOT, 'lint/house-plugin.js'), 'utf8');
    for (const name of folders.filter((folder) => folder !== 'lint')) {
      assert.ok(name === 'player' || checked.includes(`"${name}"`), `tsconfig.json does not include ${name}`);
      assert.match(rule, new RegExp(`^  ${name}: `, 'm'), `house/imports does not know ${name}`);
    }
  });

  it('has names in kebab-case', () => {
    const odd = code
      .map(({ path }) => basename(path))
      .filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(name));
    assert.deepEqual(odd, []);
  });

  it('has no file past 400 lines', () => {
    const long = sources(/\.(ts|tsx|js|css|sh)$|^lectern$/)
      .map(({ path, text }) => `${path}: ${text.split('\n').length - 1}`)
      .filter((line) => Number(line.split(': ')[1]) > 400);
    assert.deepEqual(long, []);
  });

  it('has no rule switched off in place, and no type talked out of its checks', () => {
    assert.deepEqual(
      places(code, /(ox|es)lint-disabl[e]|biome-ignor[e] (?!format)|@ts-(ignore|nocheck|expect-error)/),
      [],
    );
    assert.deepEqual(places(code, /\bas (unknown as|never)\b/), []);
  });

  it('has no test that is skipped, stands alone, or waits by the clock', () => {
    const tests = code.filter(({ path }) => path.startsWith('test/') && path.endsWith('.test.ts'));
    assert.ok(tests.length > 5);
    assert.deepEqual(places(tests, /\b(it|describe)\.(skip|only)\(|\bthis\.skip\(|\bx(it|describe)\(/), []);
    assert.deepEqual(places(tests, /setTimeout\((r|res|resolve|done)[,)]|from 'node:timers\/promises'/), []);
  });

  it('keeps standard output for commands: nothing else writes to it', () => {
    const others = product.filter(({ path }) => !path.startsWith('cli/'));
    assert.deepEqual(places(others, /\bprocess\.stdout\b|(?<![-\w])console\./), []);
  });

  it('has a lock file that names no registry', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    assert.doesNotMatch(lock, /"resolved"\s*:\s*"http/);
  });

  it('has nothing in it that is built, installed or kept', () => {
    assert.deepEqual(
      treePaths().filter((path) => /(^|\/)(node_modules|dist|data|coverage)\//.test(path)),
      [],
    );
  });
});
