import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseConfig } from '../../config/load.ts';
import { configSchema } from '../../config/schema.ts';
import { SAFE_KEY_CHARACTERS } from '../../config/short-keys.ts';
import { blocksOf, codeOf, documents } from './documents.ts';
import { ROOT, sources } from './source-files.ts';

type JsonSchema = {
  readonly properties?: Record<string, JsonSchema>;
  readonly items?: JsonSchema;
};

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const files = documents().filter(({ path }) => path !== 'CHANGELOG.md');

describe('the commands in the documents', () => {
  const help = execFileSync(join(ROOT, 'lectern'), ['help'], { encoding: 'utf8' });
  const known = [...help.matchAll(/^lectern (\w+)/gm)].map(([, name = '']) => name);
  const used = files.flatMap(({ path, text }) =>
    codeOf(text).flatMap((code) =>
      [...code.matchAll(/(?:^|[ (])(?:\.\/)?lectern ([a-z]+)([^`$]*)/g)].map(([, name = '', rest = '']) => ({
        ...{ path, name },
        options: name === 'bench' ? [] : [...rest.matchAll(/--[a-z-]+/g)].map(([option]) => option),
      })),
    ),
  );

  it('are those of "lectern help"', () => {
    assert.ok(used.length > 20);
    const unknown = used.filter(
      ({ name, options }) =>
        (name !== 'help' && !known.includes(name)) || options.some((option) => !help.includes(option)),
    );
    assert.deepEqual(unknown, []);
  });

  it('are all explained', () => {
    const names = used.filter(({ path }) => !path.startsWith('examples/')).map(({ name }) => name);
    assert.deepEqual(
      known.filter((name) => !names.includes(name)),
      [],
    );
  });
});

describe('the benchmarks in docs/benchmarks.md', () => {
  it('are those of "lectern bench"', function () {
    this.timeout(60_000);
    // An option that does not exist makes it name all benchmarks.
    const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bench/main.ts', '--list'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const names = [...stderr.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name = '']) => name);
    const page = read('docs/benchmarks.md');
    const documented = [...page.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, name = '']) => name);
    assert.ok(names.length > 5, stderr);
    assert.deepEqual(documented.sort(), names.sort());
    const run = [...page.matchAll(/lectern bench ([a-z ]+)/g)].flatMap(([, list = '']) =>
      list.trim().split(' '),
    );
    assert.deepEqual(
      run.filter((name) => !['', 'all', 'of', 'them', ...names].includes(name)),
      [],
    );
  });
});

describe('the configuration in the documents', () => {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const keys = keysOf(schema);

  it('uses keys that exist', () => {
    const groups = Object.keys(schema.properties ?? {}).join('|');
    const dotted = new RegExp(`^(?:${groups})(?:\\.[A-Za-z0-9]+)+$`);
    const named = files.flatMap(({ path, text }) =>
      codeOf(text)
        .filter((code) => dotted.test(code))
        .map((key) => ({ path, key })),
    );
    assert.ok(named.length > 20);
    assert.deepEqual(
      named.filter(({ key }) => !keys.includes(key)),
      [],
    );
  });

  it('is explained whole in docs/operating.md', () => {
    const page = codeOf(read('docs/operating.md'));
    // Keys of a channel, of a rung and of the bucket stand by their last name in a row of their own.
    const explained = (key: string): boolean =>
      page.includes(key) ||
      (/^(channels|ladder\.rungs|store\.s3)\./.test(key) && page.includes(key.split('.').at(-1) ?? ''));
    const leaves = keys.filter((key) => !keys.some((other) => other.startsWith(`${key}.`)));
    assert.ok(leaves.length > 40);
    assert.deepEqual(
      leaves.filter((key) => !key.startsWith('channels.ladder.') && !explained(key)),
      [],
    );
  });

  it('is accepted where it is shown', () => {
    const shown = files.flatMap(({ path, text }) => blocksOf(text, 'yaml').map((yaml) => ({ path, yaml })));
    assert.ok(shown.length > 1);
    for (const { path, yaml } of shown) parseConfig(yaml, {}, path);
  });

  it('has no publish key that is warned of: what is shown is copied', () => {
    const shown = sources(/\.(?:md|ya?ml|ts)$/)
      .filter(({ path }) => !path.startsWith('test/'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/(?:\bpublishKey: |\?key=)['"]?([\w-]+)/g)].map(([, key = '']) => ({ path, key })),
      )
      .filter(({ key }) => /[-\d]/.test(key));
    for (const path of ['README.md', 'cli/demo-config.ts', 'examples/one-school/lectern.yaml'])
      assert.ok(
        shown.some((one) => one.path === path),
        path,
      );
    assert.deepEqual(
      shown.filter(({ key }) => key.length < SAFE_KEY_CHARACTERS),
      [],
    );
  });

  it('names variables of the environment that are read somewhere', () => {
    const code = [read('lectern'), read('cli/install.sh'), ...sources(/\.ts$/).map(({ text }) => text)].join(
      '\n',
    );
    const named = files.flatMap(({ path, text }) =>
      codeOf(text).flatMap((span) =>
        [...span.matchAll(/\b(?:LECTERN_[A-Z0-9_]+|[A-Z0-9]+_(?:PATH|URL))\b/g)].map(([name]) => ({
          path,
          name,
        })),
      ),
    );
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter(({ name }) => !code.includes(name)),
      [],
    );
  });
});

/** All keys of a schema, with dots; those of a list's items stand below the list's own. */
function keysOf({ properties, items }: JsonSchema, above = ''): readonly string[] {
  const own = Object.entries(properties ?? {}).flatMap(([name, inner]) => {
    const key = above === '' ? name : `${above}.${name}`;
    return [key, ...keysOf(inner, key)];
  });
  return items === undefined ? own : [...own, ...keysOf(items, above)];
}
