/// <reference lib="dom" />
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type TestBrowser, startChromium } from '../../support/chromium.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type FakeBroadcast, fakeBroadcast } from './fake-library.ts';
import { openPastPage, playheadReaches } from './timeshift-page.ts';
import { faultsOf } from './page-faults.ts';
import { type PagesServer, startPagesServer } from './pages-server.ts';

const CHANNEL = { id: 'maths', title: 'Mathematics', language: 'en', grade: 7, sinceMs: 0 };

describe('start-over in a browser', function () {
  this.timeout(60_000);
  let server: PagesServer;
  let browser: TestBrowser;
  let page: Page;
  let faults: string[];

  before(async () => {
    server = await startPagesServer();
    server.makeMedia();
    browser = await startChromium({ viewport: { width: 1280, height: 720 }, locale: 'en-GB' });
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    page = await openPastPage(browser, server);
    faults = faultsOf(page);
  });
  afterEach(async () => {
    await page.close();
    assert.deepEqual(faults, []);
  });

  const mode = (wanted: string) => page.locator(`html[data-mode="${wanted}"]`).waitFor({ state: 'attached' });
  const reaches = (wantedS: number, withinS?: number) => playheadReaches(page, wantedS, withinS);

  describe('start-over', () => {
    let broadcast: FakeBroadcast;
    beforeEach(() => {
      const startMs = Date.now() - 60_000;
      broadcast = fakeBroadcast({ id: 'now', startMs, endMs: null });
      server.api.library.broadcasts = [broadcast];
      server.api.channels = [{ ...CHANNEL, state: 'on-air', broadcast: { id: 'now', startMs } }];
    });
    const begin = async () => {
      await page.goto(`${server.url}/watch/maths`);
      await page.getByRole('button', { name: 'From the beginning' }).waitFor();
      await page.keyboard.press('b');
      await mode('start-over');
      await reaches(0);
    };

    it('loads nothing of the past with the live page', async () => {
      const scripts: string[] = [];
      page.on('request', (request) => {
        if (/\.(js|css)$/.test(request.url())) scripts.push(request.url());
      });
      await page.goto(`${server.url}/watch/maths`);
      const button = page.getByRole('button', { name: 'From the beginning' });
      await button.waitFor();
      const before = scripts.length;
      await button.click();
      await mode('start-over');
      assert.ok(scripts.length > before);
    });

    it('plays from the beginning, with a bar that grows, and back to live with one key', async () => {
      await begin();
      const slider = page.getByRole('slider', { name: 'Time in the class' });
      const lengthS = async () => Number(await slider.getAttribute('aria-valuemax'));
      const first = await waitFor('a length', async () => (await lengthS()) || null);
      assert.ok(first >= 60 && first < 75, String(first));
      await waitFor('it grows', async () => (await lengthS()) > first);
      await page.keyboard.press('Shift+ArrowRight');
      await reaches(30);
      const live = page.waitForRequest(/\/live\/maths\/index\.m3u8$/);
      await page.keyboard.press('l');
      await mode('live');
      await live;
      assert.equal(await page.getByRole('slider', { name: 'Time in the class' }).count(), 0);
    });

    it('is at live when one seeks to its end', async () => {
      await begin();
      await page.getByText(/\/ 1:\d\d/).waitFor();
      await page.keyboard.press('End');
      await mode('live');
    });

    it('keeps the element that fills the screen, and plays in the same video', async () => {
      await page.goto(`${server.url}/watch/maths`);
      await page.evaluate(() => {
        document.querySelector('video')?.setAttribute('data-same', 'yes');
        document.querySelector('.stage')?.setAttribute('data-same', 'yes');
      });
      await page.getByRole('button', { name: 'From the beginning' }).click();
      await mode('start-over');
      assert.equal(await page.locator('[data-same="yes"]').count(), 2);
    });

    it('begins at once for who follows a link to the beginning', async () => {
      await page.goto(`${server.url}/watch/maths?from=beginning`);
      await mode('start-over');
      await reaches(0);
      await page.keyboard.press('l');
      await mode('live');
    });

    it('goes to the end of a class that ends meanwhile, and offers its recording and live', async () => {
      await begin();
      // It ended 20 s ago; the stream says so, and the channel has nothing on air any more.
      Object.assign(
        broadcast,
        fakeBroadcast({ id: 'now', startMs: broadcast.startMs, endMs: broadcast.startMs + 40_000 }),
      );
      const slider = page.getByRole('slider', { name: 'Time in the class' });
      await waitFor(
        'the bar ends where the class did',
        async () => (await slider.getAttribute('aria-valuemax')) === '40',
      );
      await page.keyboard.press('Shift+ArrowRight');
      await reaches(30);
      await page.keyboard.press('ArrowRight');
      await page.getByText('You have watched it to the end.').waitFor();
      const link = page.getByRole('link', { name: 'Watch the recording' });
      assert.equal(await link.getAttribute('href'), '/watch/maths/now');
      await page.getByTestId('cover').getByRole('button', { name: 'Back to live' }).click();
      await mode('live');
    });

    it('has nothing to offer where nothing is on air', async () => {
      server.api.channels = [{ ...CHANNEL, state: 'before', broadcast: null }];
      await page.goto(`${server.url}/watch/maths`);
      await page.getByRole('heading', { name: 'Mathematics' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'From the beginning' }).count(), 0);
      await page.keyboard.press('b');
      await mode('live');
    });

    it('says when its beginning cannot be loaded, and stays live', async () => {
      await page.route(/start-over.*\.js$/, (route) => route.abort());
      await page.goto(`${server.url}/watch/maths`);
      await page.getByRole('button', { name: 'From the beginning' }).click();
      await page.getByRole('alert').getByText('This could not be loaded').waitFor();
      await mode('live');
    });

    it('fits the smallest phone', async () => {
      await page.setViewportSize({ width: 360, height: 640 });
      await begin();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
      const right = await page.getByRole('button', { name: 'Full screen' }).boundingBox();
      assert.ok(right !== null && right.x + right.width <= 360);
      const live = await page.getByRole('button', { name: 'Back to live' }).boundingBox();
      assert.ok(live !== null && live.x >= 0 && live.x + live.width <= 360);
    });
  });
});
