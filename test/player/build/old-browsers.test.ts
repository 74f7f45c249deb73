/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { type TestBrowser, startChromium } from '../../support/chromium.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { fakeBroadcast } from '../pages/fake-library.ts';
import { faultsOf } from '../pages/page-faults.ts';
import { type PagesServer, startPagesServer } from '../pages/pages-server.ts';

/**
 * What browsers that the README names do not have. The compiler refuses what is too new in ECMAScript itself; this finds it in the
 * libraries as well, and the rest in scripts and style sheets. Versions are the first that have it.
 */
const TOO_NEW: readonly { readonly name: string; readonly in: 'js' | 'css'; readonly form: RegExp }[] = [
  { name: 'arrays by copy (Chrome 110)', in: 'js', form: /\.(toReversed|toSorted|toSpliced)\(/ },
  { name: 'Array.prototype.with (Chrome 110)', in: 'js', form: /\.with\(/ },
  { name: 'Object.groupBy, Map.groupBy (Chrome 117)', in: 'js', form: /\b(Object|Map)\.groupBy\b/ },
  { name: 'Array.fromAsync (Chrome 121)', in: 'js', form: /\bArray\.fromAsync\b/ },
  { name: 'Promise.withResolvers, try (Chrome 119)', in: 'js', form: /\bPromise\.(withResolvers|try)\b/ },
  { name: 'AbortSignal.timeout (Safari 16)', in: 'js', form: /\bAbortSignal\.timeout\b/ },
  { name: 'AbortSignal.any (Chrome 116)', in: 'js', form: /\bAbortSignal\.any\b/ },
  { name: 'URL.canParse, parse (Chrome 120)', in: 'js', form: /\bURL\.(canParse|parse)\b/ },
  { name: 'Intl.Segmenter (Firefox 125)', in: 'js', form: /\bIntl\.Segmenter\b/ },
  { name: 'Intl.DurationFormat (Chrome 129)', in: 'js', form: /\bIntl\.DurationFormat\b/ },
  { name: 'isWellFormed (Chrome 111)', in: 'js', form: /\.(isWellFormed|toWellFormed)\(/ },
  { name: 'static blocks of classes (Safari 16.4)', in: 'js', form: /[{;}]static\s*\{/ },
  { name: 'lookbehind in expressions (Safari 16.4)', in: 'js', form: /\(\?<[=!]/ },
  { name: 'expressions with v (Chrome 112)', in: 'js', form: /\/[dgimsuy]*v[dgimsuy]*\.(test|exec)\(/ },
  {
    name: 'methods of sets (Chrome 122)',
    in: 'js',
    form: /\.(isSubsetOf|isSupersetOf|symmetricDifference)\(/,
  },
  {
    name: 'methods of iterators (Chrome 122)',
    in: 'js',
    form: /\.(values|entries|keys)\(\)\.(map|filter|take|drop|toArray)\(/,
  },
  { name: 'requestIdleCallback (not in Safari)', in: 'js', form: /\brequestIdleCallback\(/ },
  { name: 'crypto.randomUUID (https only)', in: 'js', form: /(?<!try\{return crypto)\.randomUUID\(/ },
  { name: 'popovers (Chrome 114)', in: 'js', form: /\.(show|hide|toggle)Popover\(|popovertarget/i },
  { name: 'checkVisibility (Safari 17.4)', in: 'js', form: /\.checkVisibility\(/ },
  { name: 'import attributes (Chrome 123)', in: 'js', form: /\bimport\([^)]*,\s*\{\s*with\b/ },
  { name: ':has (Firefox 121)', in: 'css', form: /:has\(/ },
  { name: 'color-mix (Chrome 111)', in: 'css', form: /color-mix\(/ },
  { name: 'light-dark (Chrome 123)', in: 'css', form: /light-dark\(/ },
  { name: 'oklch, oklab, lab, lch (Chrome 111)', in: 'css', form: /\b(oklch|oklab|lab|lch)\(/ },
  { name: 'container queries (Safari 16)', in: 'css', form: /@container\b/ },
  { name: '@scope, @starting-style (Chrome 117)', in: 'css', form: /@(scope|starting-style)\b/ },
  { name: 'nested rules (Chrome 112)', in: 'css', form: /[{;]\s*&/ },
  { name: 'ranges in media queries (Safari 16.4)', in: 'css', form: /@media[^{]*[<>]=?/ },
  { name: 'field-sizing, interpolate-size', in: 'css', form: /\b(field-sizing|interpolate-size)\b/ },
  { name: ':popover-open, :user-invalid', in: 'css', form: /:(popover-open|user-valid|user-invalid)\b/ },
];

describe('the built pages in the oldest browsers', function () {
  this.timeout(60_000);
  const files: { name: string; text: string }[] = [];

  before(async () => {
    const dir = makeTempDir();
    const root = fileURLToPath(new URL('../../../player', import.meta.url));
    await build({ root, logLevel: 'error', build: { outDir: dir.path } });
    for (const name of readdirSync(join(dir.path, 'assets'))) {
      if (/\.(js|css)$/.test(name))
        files.push({ name, text: readFileSync(join(dir.path, 'assets', name), 'utf8') });
    }
    dir.remove();
  });

  const found = (kind: string, form: RegExp) =>
    files
      .filter(({ name, text }) => name.endsWith(`.${kind}`) && form.test(text))
      .map(({ name, text }) => `${name}: …${text.slice(Math.max(0, text.search(form) - 40)).slice(0, 90)}…`);

  for (const { name, in: kind, form } of TOO_NEW) {
    it(`do without ${name}`, () => assert.deepEqual(found(kind, form), []));
  }

  it('were looked at, all of them', () => {
    assert.ok(files.length > 15, `${files.length} files`);
    assert.ok(files.some(({ name }) => name.startsWith('hls')));
  });
});

describe('the pages without what is newer than the oldest browsers', function () {
  this.timeout(60_000);
  let server: PagesServer;
  let browser: TestBrowser;

  before(async () => {
    server = await startPagesServer();
    server.makeMedia();
    server.api.library.broadcasts.push(fakeBroadcast({ id: 'a', title: 'Angles' }));
    server.api.channels = [
      { id: 'maths', title: 'Mathematics', language: 'en', state: 'before', sinceMs: 0, grade: 7 },
    ];
    browser = await startChromium({ locale: 'en-GB' });
    // tsx names functions by a helper that a page does not have.
    await browser.context.addInitScript({ content: 'globalThis.__name = (target) => target;' });
    await browser.context.addInitScript(() => {
      const remove = (from: object, names: readonly string[]) => {
        for (const name of names) Reflect.deleteProperty(from, name);
      };
      remove(Array.prototype, ['toReversed', 'toSorted', 'toSpliced', 'with']);
      remove(Object, ['groupBy']);
      remove(Promise, ['withResolvers', 'try']);
      remove(AbortSignal, ['timeout', 'any']);
      remove(URL, ['canParse', 'parse']);
      remove(Intl, ['Segmenter', 'DurationFormat']);
      remove(Set.prototype, ['union', 'difference', 'intersection', 'isSubsetOf']);
      remove(Element.prototype, ['moveBefore', 'checkVisibility']);
      remove(globalThis, ['requestIdleCallback', 'cancelIdleCallback', 'scheduler', 'navigation']);
      Object.defineProperty(globalThis, 'isSecureContext', { get: () => false });
      remove(Crypto.prototype, ['randomUUID', 'subtle']);
    });
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
  });

  const pages = [
    { path: '/', shown: 'Mathematics' },
    { path: '/library', shown: 'Angles' },
    { path: '/watch/maths', shown: 'The class has not started yet' },
    { path: '/watch/maths/a', shown: 'Angles' },
    {
      path: `/teach/maths#token=h.${btoa('{"role":"teacher","channel":"maths"}').replaceAll('=', '')}.s`,
      shown: 'Call the roll',
    },
  ];
  for (const { path, shown } of pages) {
    it(`${path.replace(/#.*/, '')} works`, async () => {
      const page = await browser.context.newPage();
      const faults = faultsOf(page);
      await page.goto(server.url + path);
      await page.getByText(shown).first().waitFor();
      assert.deepEqual(faults, []);
      await page.close();
    });
  }
});
