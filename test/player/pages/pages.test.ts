import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type TestBrowser, startChromium } from '../../support/chromium.ts';
import { waitFor } from '../../support/wait-for.ts';
import { faultsOf } from './page-faults.ts';
import { type PagesServer, startPagesServer } from './pages-server.ts';

const CLASSES = [
  { id: 'maths', title: 'Mathematics', grade: 7, teacher: 'Ms Li', state: 'before' },
  { id: 'physics', title: 'Physics', grade: 11, subject: 'Science', state: 'on-air' },
  { id: 'reading', title: '语文阅读', grade: 7, language: 'zh', state: 'over' },
  { id: 'assembly', title: 'Assembly', state: 'interrupted' },
].map((channel) => ({
  language: 'en',
  latency: 'fast',
  partTargetMs: 200,
  sinceMs: Date.now() - 600_000,
  ...channel,
}));

describe('pages in a browser', function () {
  this.timeout(60_000);
  let server: PagesServer;
  let browser: TestBrowser;
  let page: Page;
  let faults: string[];
  const hosts = new Set<string>();

  before(async () => {
    server = await startPagesServer();
    browser = await startChromium({ viewport: { width: 390, height: 844 }, locale: 'en-GB' });
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    server.api.status = 200;
    server.api.channels = structuredClone(CLASSES);
    server.api.asked.length = 0;
    page = await browser.context.newPage();
    faults = faultsOf(page);
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
  });
  afterEach(async () => {
    await page.close();
    assert.deepEqual(faults, []);
  });

  const titles = () => page.locator('.card-title').allTextContents();
  const headings = () => page.locator('h2').allTextContents();
  const state = (wanted: string) =>
    page.locator(`html[data-state="${wanted}"]`).waitFor({ state: 'attached' });

  describe('lobby', () => {
    it('lists classes by grade, those on air first', async () => {
      await page.goto(server.url);
      await state('fresh');
      assert.deepEqual(await headings(), ['Grade 11', 'For everyone', 'Grade 7']);
      assert.deepEqual(await titles(), ['Physics', 'Assembly', 'Mathematics', '语文阅读']);
      await page.getByText('2 live now').waitFor();
    });

    it('finds classes by words and by grade, and says when there is none', async () => {
      await page.goto(server.url);
      await page.getByRole('searchbox').fill('ms li');
      assert.deepEqual(await titles(), ['Mathematics']);
      await page.getByRole('searchbox').fill('nothing like it');
      await page.getByText('No class matches “nothing like it”.').waitFor();
      await page.getByRole('searchbox').fill('');
      await page.getByRole('button', { name: 'Grade 7' }).click();
      assert.deepEqual(await titles(), ['Mathematics', '语文阅读']);
    });

    it('shows all that is left when the grade that was chosen has no class any more', async () => {
      await page.goto(server.url);
      await page.getByRole('button', { name: 'Grade 7' }).click();
      server.api.channels = server.api.channels.filter(({ id }) => id === 'physics');
      await page.getByText('Physics').waitFor();
      assert.deepEqual(await titles(), ['Physics']);
    });

    it('follows what comes on air without a reload', async () => {
      await page.goto(server.url);
      await page.getByText('2 live now').waitFor();
      for (const channel of server.api.channels) channel.state = 'on-air';
      await page.getByText('4 live now').waitFor();
    });

    it('keeps the list and says so when the server goes away, and recovers', async () => {
      await page.goto(server.url);
      await state('fresh');
      server.api.status = 0;
      await page.getByRole('alert').waitFor();
      assert.equal((await titles()).length, 4);
      server.api.status = 200;
      await page.getByRole('alert').waitFor({ state: 'detached' });
    });

    const empty = [
      { name: 'no classes', status: 200, text: 'There are no classes yet.' },
      { name: 'no access', status: 403, text: 'Please open this page with the link from your school.' },
      { name: 'no server', status: 503, text: 'Cannot reach the server. Trying again…' },
    ];
    for (const { name, status, text } of empty) {
      it(`says in words why there is nothing: ${name}`, async () => {
        server.api.status = status;
        server.api.channels = [];
        await page.goto(server.url);
        await page.getByText(text).waitFor();
      });
    }

    it('speaks Chinese when it is asked to, and remembers', async () => {
      await page.goto(server.url);
      await page.getByRole('button', { name: 'Language: 中文' }).click();
      await page.getByRole('heading', { name: '直播课堂' }).waitFor();
      assert.equal(await page.evaluate('document.documentElement.lang'), 'zh-Hans');
      await page.reload();
      await page.getByRole('heading', { name: '七年级' }).waitFor();
      await page.evaluate('localStorage.clear()');
    });

    it('hands the token of the link on: as a header to the API, in the fragment to the class', async () => {
      await page.goto(`${server.url}/#token=aaa.bbb.ccc`);
      await state('fresh');
      assert.ok(server.api.asked.every(({ authorization }) => authorization === 'Bearer aaa.bbb.ccc'));
      const href = await page.getByRole('link', { name: /Physics/ }).getAttribute('href');
      assert.equal(href, '/watch/physics#token=aaa.bbb.ccc');
    });
  });

  describe('while the server is full', () => {
    beforeEach(() => {
      server.api.fullForS = 1;
      server.api.refusedAtMs.length = 0;
    });
    afterEach(() => {
      server.api.fullForS = null;
    });

    it('a class says so, asks when it was told to and no sooner, and comes in by itself', async () => {
      await page.goto(`${server.url}/watch/physics`);
      await state('full');
      await page.getByTestId('cover').getByText('Very many are arriving').waitFor();
      await waitFor('three refusals', () => server.api.refusedAtMs.length >= 3, 20_000);
      const gaps = server.api.refusedAtMs.flatMap((atMs, i, all) =>
        i === 0 ? [] : [atMs - (all[i - 1] ?? 0)],
      );
      assert.ok(
        gaps.every((gapMs) => gapMs >= 1000),
        gaps.join(),
      );
      server.api.fullForS = null;
      await page.waitForResponse(/index\.m3u8$/);
    });

    it('the list of classes says so, and comes by itself', async () => {
      await page.goto(server.url);
      await page.getByText('The classes come by themselves in a moment.').waitFor();
      server.api.fullForS = null;
      await page.getByText('2 live now').waitFor();
    });
  });

  describe('watch', () => {
    it('says when there is no such class', async () => {
      await page.goto(`${server.url}/watch/nowhere`);
      await state('not-found');
      await page.getByTestId('cover').getByText('Class not found').waitFor();
    });

    it('says when the link has no access', async () => {
      server.api.status = 403;
      await page.goto(`${server.url}/watch/maths`);
      await state('forbidden');
    });

    it('tries again by itself when the stream does not come, and says so', async () => {
      await page.goto(`${server.url}/watch/physics`);
      await state('reconnecting');
      await page.getByRole('status').filter({ hasText: 'Reconnecting' }).waitFor({ state: 'attached' });
      for (let tries = 0; tries < 3; tries++) await page.waitForRequest(/\/live\/physics\/index\.m3u8$/);
    });

    it('puts a viewer’s token into the path of the stream, and never her own', async () => {
      const request = page.waitForRequest(/index\.m3u8$/);
      await page.goto(`${server.url}/watch/physics#token=aaa.bbb.ccc`);
      assert.equal(new URL((await request).url()).pathname, '/t/v.v.v/live/physics/index.m3u8');
    });

    it('shows the class and its teacher, and a title', async () => {
      await page.goto(`${server.url}/watch/maths`);
      await page.getByRole('heading', { name: 'Mathematics' }).waitFor();
      await page.getByText('Ms Li').waitFor();
      assert.equal(await page.title(), 'Mathematics · Lectern');
    });

    it('is driven by the keyboard: panels open and close', async () => {
      await page.goto(`${server.url}/watch/maths`);
      await page.getByRole('region', { name: 'Class player' }).waitFor();
      await page.keyboard.press('s');
      await page.getByRole('region', { name: 'Statistics' }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('region', { name: 'Keyboard shortcuts' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('region', { name: 'Keyboard shortcuts' }).waitFor({ state: 'detached' });
      await page.keyboard.press('m');
      await page.getByRole('button', { name: 'Turn sound on' }).waitFor();
      await page.keyboard.press('m');
      await page.getByRole('button', { name: 'Mute' }).waitFor();
    });

    it('gives the keyboard back to the button whose menu was closed', async () => {
      await page.goto(`${server.url}/watch/maths`);
      const button = page.getByRole('button', { name: 'Quality' });
      await button.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menu').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
      await button.and(page.locator(':focus')).waitFor();
    });

    it('gives every control a name', async () => {
      await page.goto(`${server.url}/watch/maths`);
      await page.getByRole('region', { name: 'Class player' }).waitFor();
      for (const control of await page.locator('button, a, input').all()) {
        const name = `${(await control.getAttribute('aria-label')) ?? ''}${(await control.textContent()) ?? ''}`;
        assert.notEqual(name.trim(), '', await control.evaluate((element) => element.outerHTML));
      }
    });

    it('fits a phone: nothing is wider than the screen', async () => {
      for (const path of ['/', '/watch/maths']) {
        await page.goto(server.url + path);
        await page.getByText('Mathematics').first().waitFor();
        assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, path);
      }
    });
  });

  describe('both', () => {
    it('ask no other host for anything', () => {
      assert.deepEqual([...hosts], [new URL(server.url).host]);
    });
  });
});
