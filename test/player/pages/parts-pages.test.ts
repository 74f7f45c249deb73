/// <reference lib="dom" />
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type TestBrowser, startChromium } from '../../support/chromium.ts';
import { fakeBroadcast } from './fake-library.ts';
import { type PagesServer, startPagesServer } from './pages-server.ts';

describe('parts of a page that do not come', function () {
  this.timeout(60_000);
  let server: PagesServer;
  let browser: TestBrowser;
  let page: Page;

  before(async () => {
    server = await startPagesServer();
    server.makeMedia();
    browser = await startChromium({ locale: 'en-GB' });
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    const broadcast = { id: 'now', startMs: Date.now() - 60_000 };
    const common = { language: 'en', latency: 'fast', partTargetMs: 200, sinceMs: Date.now(), broadcast };
    server.api.status = 200;
    server.api.channels = [{ ...common, id: 'maths', title: 'Mathematics', grade: 7, state: 'on-air' }];
    server.api.library.broadcasts.length = 0;
    server.api.library.broadcasts.push(
      fakeBroadcast({ id: 'now', title: 'Circles', startMs: broadcast.startMs, endMs: null }),
      fakeBroadcast({ id: 'a', title: 'Angles' }),
    );
    page = await browser.context.newPage();
  });
  afterEach(() => page.close());

  const failing = async (form: RegExp, times: number) => {
    let asked = 0;
    await page.route(form, (route) => (asked++ < times ? route.abort() : route.continue()));
    return () => asked;
  };

  it('a script that failed once is loaded again, or the page says what to do', async () => {
    await failing(/start-over-.*\.js/, 1);
    await page.goto(`${server.url}/watch/maths`);
    await page.getByRole('button', { name: 'From the beginning' }).click();
    const isHere = page.locator('html[data-mode="start-over"]').waitFor({ state: 'attached' });
    const isSaid = page.getByRole('button', { name: 'Load anew' }).waitFor();
    await Promise.any([isHere, isSaid]);
  });

  it('a script that an upgrade has taken away: the page says that it has to be loaded anew, and does', async () => {
    await page.route(/start-over-.*\.js/, (route) => route.fulfill({ status: 404, body: '' }));
    await page.goto(`${server.url}/watch/maths`);
    await page.getByRole('button', { name: 'From the beginning' }).click();
    await page.getByText('The page has to be loaded anew.').waitFor();
    await page.unroute(/start-over-.*\.js/);
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Load anew' }).click()]);
    await page.getByRole('button', { name: 'From the beginning' }).click();
    await page.locator('html[data-mode="start-over"]').waitFor({ state: 'attached' });
  });

  it('a page whose own script does not come says so', async () => {
    await page.clock.install();
    await page.route(/assets\/lobby-.*\.js/, (route) => route.abort());
    await page.goto(server.url);
    await page.clock.fastForward(11_000);
    await page.getByText('The page did not load completely.').waitFor();
  });

  it('a browser that is too old is told so, instead of an empty page', async () => {
    await page.addInitScript(() => {
      Reflect.deleteProperty(globalThis, 'structuredClone');
    });
    await page.route(/assets\/lobby-.*\.js/, (route) =>
      route.fulfill({ body: 'class {', contentType: 'text/javascript' }),
    );
    await page.goto(server.url);
    await page.getByText('This browser is too old for this page.').waitFor();
    assert.match(await page.locator('p').innerText(), /Firefox 115/);
  });
});
