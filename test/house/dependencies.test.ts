import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, sources } from './source-files.ts';

type Lock = {
  readonly packages: Record<string, { readonly optionalDependencies?: Record<string, string> }>;
};

type Manifest = {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
};

describe('the dependencies', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  const runtime = Object.keys(manifest.dependencies);
  const all = [...runtime, ...Object.keys(manifest.devDependencies)];

  it('are each explained in docs/dependencies.md', () => {
    const page = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8');
    const explained = (name: string): boolean =>
      page.split('\n').some((line) => line.startsWith(`| \`${name}\` | `) && line.length > name.length + 15);
    assert.ok(all.length > 10);
    assert.deepEqual(
      all.filter((name) => !explained(name)),
      [],
    );
  });

  it('are each imported by the product, where they are for more than its making', () => {
    const text = sources(/\.(ts|tsx)$/)
      .filter(({ path }) => !path.startsWith('test/') && !path.startsWith('bench/'))
      .map((file) => file.text)
      .join('\n');
    assert.deepEqual(
      runtime.filter((name) => !text.includes(`from '${name}'`) && !text.includes(`from '${name}/`)),
      [],
    );
  });

  it('are all in the lock, those for other systems too, or npm ci refuses it (npm run lock)', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
    const names = Object.keys(packages);
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !names.some((known) => known.endsWith(`node_modules/${name}`)))
        .map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(missing, []);
  });
});
