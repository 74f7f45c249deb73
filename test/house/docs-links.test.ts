import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { anchorsOf, codeOf, documents, linksOf } from './documents.ts';
import { ROOT, treePaths } from './source-files.ts';

/** The largest picture of a document, bytes: a README is read on slow lines too. */
const MAX_IMAGE_BYTES = 150_000;

describe('the documents', () => {
  const files = documents();
  const paths = treePaths();
  const folders = new Set(paths.flatMap((path) => parentsOf(path)));
  const topFolders = [...folders].filter((folder) => !folder.includes('/'));
  // The build writes dist/, which is not committed.
  const exists = (path: string): boolean =>
    path.startsWith('dist/') || paths.includes(path) || folders.has(path.replace(/\/$/, ''));

  it('link to files, folders and headings that exist', () => {
    const broken = files.flatMap(({ path, text }) =>
      linksOf(text)
        .filter(({ target }) => !/^[a-z]+:/.test(target))
        .filter(({ target }) => {
          const [file = '', anchor] = target.split('#', 2);
          const wanted = file === '' ? path : posix.join(posix.dirname(path), file);
          if (!exists(wanted)) return true;
          return (
            anchor !== undefined && !anchorsOf(readFileSync(join(ROOT, wanted), 'utf8')).includes(anchor)
          );
        })
        .map(({ target }) => `${path}: ${target}`),
    );
    assert.ok(files.length > 40, 'the documents are found');
    assert.deepEqual(broken, []);
  });

  it('show pictures that are small', () => {
    const large = files.flatMap(({ path, text }) =>
      linksOf(text)
        .filter(({ isImage, target }) => isImage && !/^[a-z]+:/.test(target))
        .map(({ target }) => posix.join(posix.dirname(path), target))
        .filter((image) => statSync(join(ROOT, image)).size > MAX_IMAGE_BYTES),
    );
    assert.deepEqual(large, []);
  });

  it('name files and folders that exist', () => {
    // Paths of the repository begin with one of its folders; a slash before that makes it a URL.
    const path = new RegExp(String.raw`(?<![\w/.{}~*-])(?:${topFolders.join('|')})/[\w./-]*(?![\w{*…])`, 'g');
    const missing = files.flatMap((document) =>
      codeOf(document.text).flatMap((code) =>
        [...code.matchAll(path)]
          .map(([found]) => found.replace(/\.$/, ''))
          .filter((found) => !exists(found) && !exists(`${found}.ts`))
          .map((found) => `${document.path}: ${found}`),
      ),
    );
    assert.deepEqual(missing, []);
  });

  it('name source files and subfolders by names that exist', () => {
    const missing = files.flatMap(({ path, text }) =>
      codeOf(text)
        .filter((code) => /^[a-z0-9-]+\.tsx?$/.test(code) || /^[a-z-]+\/$/.test(code))
        .filter((name) =>
          name.endsWith('/')
            ? name !== 'dist/' && ![...folders].some((folder) => `/${folder}/`.endsWith(`/${name}`))
            : !paths.some((known) => `/${known}`.endsWith(`/${name}`)),
        )
        .map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(missing, []);
  });
});

describe('docs/decisions', () => {
  const index = readFileSync(join(ROOT, 'docs/decisions/README.md'), 'utf8');
  const decisions = documents().filter(({ path }) => /^docs\/decisions\/\d/.test(path));

  it('have a number each, a title, context, decision and consequences, and are short', () => {
    const numbers = decisions.map(({ path }) => path.slice('docs/decisions/'.length).slice(0, 4));
    assert.ok(decisions.length > 30);
    assert.deepEqual(numbers, [...new Set(numbers)].sort());
    const odd = decisions
      .filter(({ text }) => {
        const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
        return (
          !text.startsWith('# ') ||
          !/^Context,(Options,)?Decision,Consequences$/.test(headings.join()) ||
          text.split('\n').length > 45
        );
      })
      .map(({ path }) => path);
    assert.deepEqual(odd, []);
  });

  it('are all in the index, with their titles', () => {
    const lines = decisions.map(({ path, text }) => {
      const file = posix.basename(path);
      return `- [${file.slice(0, 4)}](${file}) ${text.slice(2, text.indexOf('\n'))}`;
    });
    assert.deepEqual(
      lines.filter((line) => !index.includes(line)),
      [],
    );
  });
});

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}
