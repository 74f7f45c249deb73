/// <reference lib="dom" />
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type TestBrowser, startChromium } from '../../support/chromium.ts';
import { waitFor } from '../../support/wait-for.ts';
import { fakeBroadcast } from './fake-library.ts';
import { faultsOf } from './page-faults.ts';
import { type PagesServer, startPagesServer } from './pages-server.ts';

const token = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
const TEACHER = token({ sub: 't', name: 'Ms Li', role: 'teacher', channel: 'maths', exp: 1e10 });
const OPERATOR = token({ sub: 'o', name: 'Ops', role: 'operator', channel: '*', exp: 1e10 });
const ANN = token({ sub: 'ann', name: 'Ann', role: 'student', channel: '*', exp: 1e10 });
const BOB = token({ sub: 'bob', name: 'Bob', role: 'student', channel: '*', exp: 1e10 });
const EXPIRED = token({ sub: 'ann', name: 'Ann', role: 'student', channel: '*', exp: 1 });

const PAGES = [
  { name: 'lobby', path: '/' },
  { name: 'library', path: '/library?channel=maths' },
  { name: 'watch', path: '/watch/maths' },
  { name: 'replay', path: '/watch/maths/a' },
  { name: 'teach', path: '/teach/maths' },
];

describe('rights on all pages', function () {
  this.timeout(60_000);
  let server: PagesServer;
  let browser: TestBrowser;
  let page: Page;
  let faults: string[];

  before(async () => {
    server = await startPagesServer();
    server.makeMedia();
    browser = await startChromium({ viewport: { width: 1000, height: 800 }, locale: 'en-GB' });
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    const common = { language: 'en', latency: 'fast', partTargetMs: 200, sinceMs: Date.now() };
    server.api.status = 200;
    server.api.viewerToken = 'v.v.v';
    server.api.channels = [{ ...common, id: 'maths', title: 'Mathematics', grade: 7, state: 'before' }];
    server.api.library.broadcasts.length = 0;
    server.api.library.broadcasts.push(fakeBroadcast({ id: 'a', title: 'Angles' }));
    page = await browser.context.newPage();
    faults = faultsOf(page);
  });
  afterEach(async () => {
    await page.close();
    assert.deepEqual(faults, []);
  });

  const who = (name: string, on: Page = page) => on.getByRole('button', { name: `${name}: Sign out` });

  for (const { name, path } of PAGES) {
    for (const [role, own] of [
      ['teacher', TEACHER],
      ['operator', OPERATOR],
    ] as const) {
      it(`${name}: a ${role}'s token is in no address, neither of a link nor of a request`, async () => {
        const asked: string[] = [];
        page.on('request', (request) => asked.push(request.url()));
        await page.goto(`${server.url}${path}#token=${own}`);
        await who(role === 'teacher' ? 'Ms Li' : 'Ops').waitFor();
        await page.locator('main a, main video, main .card').first().waitFor({ state: 'attached' });
        const links = await page
          .locator('[href], [src]')
          .evaluateAll((all) =>
            all.map((one) => `${one.getAttribute('href') ?? ''} ${one.getAttribute('src') ?? ''}`),
          );
        assert.deepEqual(
          [...links, ...asked.map((url) => url.replace(/#.*/, '')), page.url()].filter((text) =>
            text.includes(own),
          ),
          [],
        );
      });
    }

    it(`${name}: an own token leaves the address and is there after a reload`, async () => {
      await page.goto(`${server.url}${path}#token=${TEACHER}`);
      await who('Ms Li').waitFor();
      assert.equal(page.url(), server.url + path);
      await page.reload();
      await who('Ms Li').waitFor();
    });

    it(`${name}: a new link counts that differs behind # alone`, async () => {
      await page.goto(`${server.url}${path}#token=${ANN}`);
      await who('Ann').waitFor();
      await page.goto(`${server.url}${path}#token=${BOB}`);
      await who('Bob').waitFor();
      assert.equal(page.url(), server.url + path);
    });
  }

  it('two people in two tabs stay two people', async () => {
    await page.goto(`${server.url}/#token=${ANN}`);
    await who('Ann').waitFor();
    const other = await browser.context.newPage();
    await other.goto(`${server.url}/#token=${BOB}`);
    await who('Bob', other).waitFor();
    await page.reload();
    await who('Ann').waitFor();
    await other.goto(`${server.url}/library`);
    await who('Bob', other).waitFor();
    await other.close();
  });

  it('a tab that nobody opened with a link is nobody’s', async () => {
    await page.goto(`${server.url}/#token=${TEACHER}`);
    await who('Ms Li').waitFor();
    const other = await browser.context.newPage();
    await other.goto(`${server.url}/`);
    await other.getByRole('heading', { name: 'Classes' }).waitFor();
    assert.equal(await other.locator('.who').count(), 0);
    await other.close();
  });

  it('who signs out is nobody, on this page and the next', async () => {
    await page.goto(`${server.url}/watch/maths#token=${ANN}`);
    await page.evaluate(() => localStorage.setItem('lectern.rollcall.name', 'Ann'));
    await who('Ann').click();
    await page.getByRole('heading', { name: 'Classes' }).waitFor();
    assert.equal(await page.locator('.who').count(), 0);
    assert.equal(await page.evaluate(() => localStorage.getItem('lectern.rollcall.name')), null);
    await page.goBack();
    await page.getByRole('region', { name: 'Class player' }).waitFor();
    await waitFor('nobody', async () => {
      if ((await page.locator('.who').count()) > 0) throw new Error('still Ann');
      return true;
    });
  });

  it('a teacher’s link to the students’ page opens it with her rights for her, and with none for others', async () => {
    await page.goto(`${server.url}/teach/maths#token=${TEACHER}`);
    const link = page.getByRole('link', { name: 'Student page' });
    assert.equal(await link.getAttribute('href'), '/watch/maths');
    const [opened] = await Promise.all([browser.context.waitForEvent('page'), link.click()]);
    await who('Ms Li', opened).waitFor();
    await opened.close();
  });

  it('a page whose link was cut off says so, and how it goes on', async () => {
    server.api.status = 403;
    await page.goto(`${server.url}/#token=abc`);
    await page.getByText('The link is not complete.').waitFor();
    assert.equal(page.url(), `${server.url}/`);
  });

  it('a page whose link has expired says so, in both languages', async () => {
    server.api.status = 403;
    await page.goto(`${server.url}/watch/maths#token=${EXPIRED}`);
    await page.getByText('The link has expired.').waitFor();
    await page.getByRole('button', { name: 'Language: 中文' }).click();
    await page.getByText('链接已过期').waitFor();
    await page.evaluate(() => localStorage.clear());
  });

  it('the teacher’s page without a link says so, and does not load for ever', async () => {
    await page.goto(`${server.url}/teach/maths`);
    await page.getByText('This page needs your teacher link.').waitFor();
    assert.equal(await page.getByText('Loading').count(), 0);
  });
});
