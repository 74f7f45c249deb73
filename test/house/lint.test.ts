import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { start } from '../support/process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { ROOT } from './source-files.ts';

/** Lints one file of a tree that has nothing else in it, with the house's own rules. */
const lint = (path: string, text: string): Promise<string> => lintTree({ [path]: text });

/** Lints a tree of files, by their paths, with the house's own rules. */
async function lintTree(files: Readonly<Record<string, string>>): Promise<string> {
  const tree = makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(tree.path, path)), { recursive: true });
      writeFileSync(join(tree.path, path), text);
    }
    const oxlint = start(
      join(ROOT, 'node_modules/.bin/oxlint'),
      ['-c', join(ROOT, '.oxlintrc.json'), '--deny-warnings', '-f', 'unix'],
      { cwd: tree.path },
    );
    const status = await oxlint.exited();
    const said = oxlint.stdout() + oxlint.stderr();
    assert.equal(status === 0, !said.includes('Error/'), said);
    return said;
  } finally {
    tree.remove();
  }
}

const use = (from: string): string => `import { a } from '${from}';\na();\n`;

describe('the lint rule "who may import whom"', () => {
  const refused = [
    { file: 'ingest/a.ts', imports: '../origin/main.ts', why: 'ingest may not import origin/main.ts' },
    { file: 'ingest/a.ts', imports: '../transcode/main.ts', why: 'ingest may not import transcode/main.ts' },
    {
      file: 'ingest/a.ts',
      imports: '../transcode/job-x.ts',
      why: 'ingest may not import transcode/job-x.ts',
    },
    { file: 'origin/http/a.ts', imports: '../../player/b.ts', why: 'origin may not import player/b.ts' },
    { file: 'origin/a/b/c.ts', imports: '../../../ingest/b.ts', why: 'origin may not import ingest/b.ts' },
    { file: 'transcode/a.ts', imports: '../ingest/b.ts', why: 'transcode may not import ingest/b.ts' },
    { file: 'player/a.ts', imports: '../rollcall/main.ts', why: 'player may not import rollcall/main.ts' },
    {
      file: 'media/bmff/a.ts',
      imports: '../../config/schema.ts',
      why: 'media may not import config/schema.ts',
    },
    { file: 'player/a.ts', imports: '../media/flv/b.ts', why: 'player may not import media/flv/b.ts' },
    { file: 'shared/a.ts', imports: '../config/schema.ts', why: 'shared may not import config/schema.ts' },
    { file: 'config/a.ts', imports: '../cli/main.ts', why: 'config may not import cli/main.ts' },
    { file: 'origin/a.ts', imports: '../test/support/b.ts', why: 'origin may not import test/support/b.ts' },
    {
      file: 'media/flv/a.ts',
      imports: '../../config/schema.ts',
      why: 'media may not import config/schema.ts',
    },
    { file: 'media/flv/a.ts', imports: '../../origin/main.ts', why: 'media may not import origin/main.ts' },
    { file: 'player/a.ts', imports: '../media/flv/a.ts', why: 'player may not import media/flv/a.ts' },
    { file: 'rollcall/a.ts', imports: '../media/flv/a.ts', why: 'rollcall may not import media/flv/a.ts' },
    { file: 'ingest/a.ts', imports: 'bull', why: 'only transcode/' },
    { file: 'transcode/a.ts', imports: 'fluent-ffmpeg', why: 'only transcode/' },
    { file: 'test/a.ts', imports: 'node-media-server', why: 'only ingest/' },
    { file: 'cli/a.ts', imports: 'node-media-server/src/x.js', why: 'only ingest/' },
    { file: 'origin/store/a.ts', imports: 'minio', why: 'only origin/store/s3-client.ts' },
    { file: 'origin/a.ts', imports: './b', why: "ends in the file's extension" },
    { file: 'origin/a.ts', imports: './b.js', why: "ends in the file's extension" },
  ];
  for (const { file, imports, why } of refused) {
    it(`refuses ${imports} in ${file}`, async () => {
      const said = await lint(file, use(imports));
      assert.ok(said.includes('house(imports)') && said.includes(why), said);
    });
  }

  const forms = [
    {
      name: 'a type',
      text: "import type { A } from '../origin/b.ts';\nlet a: A | null = null;\na ??= null;\n",
    },
    { name: 'a dynamic import', text: "await import('../origin/b.ts');\n" },
    { name: 'a re-export', text: "export { a } from '../origin/b.ts';\n" },
    { name: 'a re-export of all', text: "export * from '../origin/b.ts';\n" },
  ];
  for (const { name, text } of forms) {
    it(`sees ${name}`, async () => assert.match(await lint('ingest/a.ts', text), /house\(imports\)/));
  }

  const allowed = [
    { file: 'ingest/a.ts', imports: '../shared/clock.ts' },
    { file: 'ingest/a.ts', imports: '../media/flv/b.ts' },
    { file: 'transcode/a.ts', imports: '../media/codec/b.ts' },
    { file: 'origin/http/a.ts', imports: '../../media/bmff/b.ts' },
    { file: 'media/flv/a.ts', imports: '../../shared/errors.ts' },
    { file: 'ingest/deep/a.ts', imports: '../../transcode/job.ts' },
    { file: 'ingest/a.ts', imports: '../media/flv/a.ts' },
    { file: 'transcode/a.ts', imports: '../media/bmff/a.ts' },
    { file: 'origin/a.ts', imports: '../media/codec/a.ts' },
    { file: 'media/flv/a.ts', imports: '../../shared/errors.ts' },
    { file: 'media/flv/a.ts', imports: '../codec/a.ts' },
    { file: 'player/a.ts', imports: '../rollcall/protocol.ts' },
    { file: 'player/a.ts', imports: '../rollcall/protocol/message.ts' },
    { file: 'origin/http/a.ts', imports: '../ingest/push.ts' },
    { file: 'cli/a.ts', imports: '../origin/main.ts' },
    { file: 'bench/a.ts', imports: '../origin/main.ts' },
    { file: 'origin/a.ts', imports: 'express' },
  ];
  for (const { file, imports } of allowed) {
    it(`lets ${file} import ${imports}`, async () => {
      assert.doesNotMatch(await lint(file, use(imports)), /Error\//);
    });
  }
});

describe('the lint rule "no circle of files"', () => {
  const typeOf = (from: string): string =>
    `import type { A } from '${from}';\n/** A thing of its own. */\nexport type B = A | 1;\n`;
  const valueOf = (from: string): string =>
    `import { a } from '${from}';\n/** A thing of its own. */\nexport const b = a + 1;\n`;
  const table = [
    { name: 'two files', files: { 'a.ts': valueOf('./b.ts'), 'b.ts': valueOf('./a.ts') }, circle: true },
    { name: 'types alone', files: { 'a.ts': typeOf('./b.ts'), 'b.ts': typeOf('./a.ts') }, circle: true },
    {
      name: 'a value and a type',
      files: { 'a.ts': valueOf('./b.ts'), 'b.ts': typeOf('./a.ts') },
      circle: true,
    },
    {
      name: 'three files in two folders',
      files: { 'a.ts': typeOf('./x/b.ts'), 'x/b.ts': valueOf('./c.ts'), 'x/c.ts': typeOf('../a.ts') },
      circle: true,
    },
    {
      name: 'a diamond',
      files: {
        'a.ts': valueOf('./b.ts') + typeOf('./c.ts').replaceAll('B', 'D'),
        'b.ts': typeOf('./d.ts'),
        'c.ts': typeOf('./d.ts'),
        'd.ts': valueOf('./e.ts'),
      },
      circle: false,
    },
  ];
  for (const { name, files, circle } of table) {
    it(`${circle ? 'refuses' : 'takes'} ${name}`, async () => {
      const tree = Object.fromEntries(Object.entries(files).map(([path, text]) => [`origin/${path}`, text]));
      const said = await lintTree(tree);
      assert.equal(said.includes('import(no-cycle)'), circle, said);
    });
  }
});

describe('the lint rule "every export says what it is"', () => {
  const table = [
    { name: 'an export without a docstring', text: 'export const a = 1;\n', clean: false },
    { name: 'a docstring that says nothing', text: '/** a */\nexport const a = 1;\n', clean: false },
    {
      name: 'a comment that is no docstring',
      text: '// The number of things.\nexport const a = 1;\n',
      clean: false,
    },
    { name: 'a type without one', text: 'export type A = number;\n', clean: false },
    { name: 'a docstring', text: '/** The number of things. */\nexport const a = 1;\n', clean: true },
  ];
  for (const { name, text, clean } of table) {
    it(`${clean ? 'takes' : 'refuses'} ${name}`, async () => {
      assert.equal(!(await lint('origin/a.ts', text)).includes('house(documented)'), clean);
    });
  }
});

describe('the other rules of the house', () => {
  const table = [
    { name: 'any', text: 'let a: any = 1;\na = 2;\n', rule: 'no-explicit-any' },
    { name: 'work left for later', text: '// TO'.concat('DO: all of it\n'), rule: 'no-warning-comments' },
    { name: 'more than 400 lines', text: 'a();\n'.repeat(401), rule: 'max-lines' },
    { name: 'console', text: "console.log('a');\n", rule: 'no-console' },
    {
      name: 'a node module without its prefix',
      text: "import { a } from 'fs';\na();\n",
      rule: 'prefer-node-protocol',
    },
  ];
  for (const { name, text, rule } of table) {
    it(`refuse ${name}`, async () => assert.ok((await lint('origin/a.ts', text)).includes(rule)));
  }
});
