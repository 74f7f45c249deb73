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
const TEACHER = `h.${Buffer.from('{"role":"teacher","channel":"maths"}').toString('base64url')}.s`;

describe('pages of the past in a browser', function () {
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

  const state = (wanted: string) =>
    page.locator(`html[data-state="${wanted}"]`).waitFor({ state: 'attached' });
  const playing = () => page.locator('html[data-playback="playing"]').waitFor({ state: 'attached' });
  const rate = () => page.evaluate(() => document.querySelector('video')?.playbackRate ?? -1);
  const sliderS = async () =>
    Number(await page.getByRole('slider', { name: 'Time in the class' }).getAttribute('aria-valuenow'));
  const reaches = (wantedS: number, withinS?: number) => playheadReaches(page, wantedS, withinS);

  describe('replay', () => {
    let broadcast: FakeBroadcast;
    beforeEach(() => {
      broadcast = fakeBroadcast({ id: 'one', title: 'Angles', teacher: 'Ms Li', grade: 7, subject: 'Maths' });
      server.api.library.broadcasts = [broadcast];
      server.api.channels = [{ ...CHANNEL, state: 'before', broadcast: null }];
    });
    const open = async (hash = '') => {
      await page.goto(`${server.url}/watch/maths/one${hash}`);
      await state('playing');
      await playing();
    };

    it('plays, tells how far it is, and shows what it is', async () => {
      await open();
      assert.equal(await page.title(), 'Angles · Lectern');
      await page.getByRole('heading', { name: 'Angles' }).waitFor();
      await page.getByText('Ms Li').waitFor();
      await page.getByText(/\/ 1:3[56]/).waitFor();
      const slider = page.getByRole('slider', { name: 'Time in the class' });
      assert.equal(await slider.getAttribute('aria-valuemax'), '96');
      assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /of 1 minute 3[56] seconds$/);
    });

    it('needs no scrolling for its controls on a small desktop', async () => {
      await open();
      const box = await page.getByRole('group', { name: 'Class player' }).boundingBox();
      assert.ok(box !== null && box.y + box.height <= 720);
    });

    it('is sought in by keys', async () => {
      await open();
      await page.keyboard.press('Shift+ArrowRight');
      await reaches(30);
      await page.keyboard.press('Shift+ArrowRight');
      await reaches(60);
      await page.keyboard.press('ArrowLeft');
      await reaches(55);
      await page.keyboard.press('Home');
      await reaches(0);
    });

    it('is sought in by mouse, with a picture of where one is going', async () => {
      await open();
      const box = await page.getByRole('slider', { name: 'Time in the class' }).boundingBox();
      assert.ok(box !== null);
      await page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2);
      const picture = page.locator('.seek-picture > span');
      await picture.waitFor();
      assert.match((await picture.getAttribute('style')) ?? '', /sheet-0\.jpg.*-160px 0px/);
      assert.match((await page.locator('.seek-time').textContent()) ?? '', /^1:1[12]$/);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
      assert.equal(await sliderS(), 48);
      await page.mouse.up();
      await reaches(48);
    });

    it('is sought in with the focus on its bar, as the ARIA practices have it', async () => {
      await open();
      await page.getByRole('slider', { name: 'Time in the class' }).focus();
      await page.keyboard.press('PageUp');
      await reaches(30);
      await page.keyboard.press('ArrowUp');
      await reaches(35);
    });

    it('changes its speed, keeps the pitch, and remembers the speed', async () => {
      await open();
      await page.keyboard.press('>');
      await page.keyboard.press('>');
      assert.equal(await rate(), 1.5);
      assert.equal(await page.evaluate(() => document.querySelector('video')?.preservesPitch), true);
      await page.keyboard.press('<');
      assert.equal(await rate(), 1.25);
      await page.getByRole('button', { name: 'Speed: 1.25 ×' }).click();
      await page.getByRole('menuitemradio', { name: '2 ×', exact: true }).click();
      assert.equal(await rate(), 2);
      await page.reload();
      await playing();
      await waitFor('the speed is remembered', async () => (await rate()) === 2);
    });

    it('goes on where one stopped, says so, and leads to the beginning', async () => {
      await open();
      await page.keyboard.press('Shift+ArrowRight');
      await reaches(30);
      await page.keyboard.press('k');
      await page.locator('html[data-playback="paused"]').waitFor({ state: 'attached' });
      await page.reload();
      await page.getByText(/Continues where you stopped: 0:3/).waitFor();
      await reaches(30, 10);
      await page.getByRole('button', { name: 'Watch from the beginning' }).click();
      await reaches(0);
    });

    it('says when it is over, plays again, and begins at the beginning the next time', async () => {
      await open();
      await page.getByText(/\/ 1:3[56]/).waitFor();
      await page.keyboard.press('End');
      await state('ended');
      await page.getByTestId('cover').getByText('End of the class').waitFor();
      assert.equal(
        await page.evaluate(() => JSON.parse(localStorage.getItem('lectern.stops') ?? '[]').length),
        0,
      );
      await page.getByRole('button', { name: 'Watch again' }).click();
      await state('playing');
      await reaches(0);
    });

    it('plays from where one seeks to in the very moment of its end', async () => {
      await open();
      await page.getByText(/\/ 1:3[56]/).waitFor();
      await page.evaluate(() => {
        // The browser has paused it, and has yet to say that it has ended.
        document
          .querySelector('video')
          ?.addEventListener(
            'pause',
            () => void dispatchEvent(new KeyboardEvent('keydown', { key: 'Home' })),
            { once: true },
          );
      });
      await page.keyboard.press('End');
      await reaches(1);
      await playing();
    });

    it('tells the system what plays and where', async () => {
      await open();
      assert.equal(await page.evaluate(() => navigator.mediaSession.metadata?.title), 'Angles');
      assert.equal(await page.evaluate(() => navigator.mediaSession.playbackState), 'playing');
    });

    it('can be carried home', async () => {
      await open('#token=aaa.bbb.ccc');
      const link = page.getByRole('link', { name: 'Download' });
      assert.equal(await link.getAttribute('href'), `${String(broadcast['download'])}?token=v.v.v`);
    });

    it('takes a viewer’s token into the path of the media, and her own into a header to the API', async () => {
      const media = page.waitForRequest(/\/t\/v\.v\.v\/replay\/maths\/.*index\.m3u8$/);
      await open('#token=aaa.bbb.ccc');
      await media;
      const asked = server.api.asked.filter(({ path }) => path.startsWith('/api/channels/'));
      assert.ok(asked.length > 0);
      assert.ok(asked.every(({ authorization }) => authorization === 'Bearer aaa.bbb.ccc'));
    });

    it('offers the live page and the beginning while the class is on air, and plays when it is over', async () => {
      Object.assign(broadcast, fakeBroadcast({ id: 'one', endMs: null }));
      await page.goto(`${server.url}/watch/maths/one`);
      await state('on-air');
      assert.equal(await page.getByRole('link', { name: 'Watch live' }).getAttribute('href'), '/watch/maths');
      const beginning = await page.getByRole('link', { name: 'From the beginning' }).getAttribute('href');
      assert.equal(beginning, '/watch/maths?from=beginning');
      Object.assign(broadcast, fakeBroadcast({ id: 'one' }));
      await state('playing');
    });

    const refused = [
      { name: 'gone', status: 404, text: 'This recording is not available any more' },
      { name: 'forbidden', status: 403, text: 'You need the link from your school' },
      { name: 'unreachable', status: 503, text: 'Cannot reach the server' },
    ];
    for (const { name, status, text } of refused) {
      it(`says in words why it does not play: ${name}`, async () => {
        server.api.status = status;
        await page.goto(`${server.url}/watch/maths/one`);
        await state(name);
        await page.getByTestId('cover').getByText(text).waitFor();
        await page.getByRole('status').filter({ hasText: text }).waitFor({ state: 'attached' });
      });
    }

    it('plays by itself when the server is back', async () => {
      server.api.status = 0;
      await page.goto(`${server.url}/watch/maths/one`);
      await state('unreachable');
      server.api.status = 200;
      await state('playing');
    });

    it('says when it was deleted under the eyes of its viewer', async () => {
      server.api.library.broadcasts = [fakeBroadcast({ id: 'one', replay: '/replay/maths/1-2/index.m3u8' })];
      await page.route(/\/replay\//, (route) => route.fulfill({ status: 404 }));
      await page.goto(`${server.url}/watch/maths/one`);
      await state('gone');
    });

    it('gets over a line that drops in the middle, where it was', async () => {
      await open();
      await page.route(/\/fake\//, (route) => route.abort());
      await page.keyboard.press('Shift+ArrowRight');
      await page.keyboard.press('Shift+ArrowRight');
      await state('reconnecting');
      await page.unroute(/\/fake\//);
      await state('playing');
      await reaches(60);
    });

    it('lets its teacher cut it to where the player is, and plays what is left', async () => {
      await open(`#token=${TEACHER}`);
      await page.keyboard.press('k');
      await page.keyboard.press('Shift+ArrowRight');
      await reaches(30);
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('button', { name: 'Start at the player position' }).click();
      assert.match(await page.getByLabel('From', { exact: true }).inputValue(), /^0:3\d$/);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      const [change] = server.api.library.changes;
      assert.ok(change !== undefined);
      const { trimStartMs, ...rest } = change.body as Record<string, number | null>;
      assert.ok(Math.abs((trimStartMs ?? 0) - (broadcast.startMs + 30_000)) < 5000);
      assert.deepEqual(rest, { trimEndMs: null });
      await page.getByRole('button', { name: 'Edit' }).and(page.locator(':focus')).waitFor();
    });

    it('gives every control a name', async () => {
      await open();
      for (const control of await page.locator('button, a, input, [role=slider]').all()) {
        const name = `${(await control.getAttribute('aria-label')) ?? ''}${(await control.textContent()) ?? ''}`;
        assert.notEqual(name.trim(), '', await control.evaluate((element) => element.outerHTML));
      }
    });

    it('gives the keyboard back to the button whose menu was closed', async () => {
      await open();
      const button = page.getByRole('button', { name: /^Speed/ });
      await button.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menu').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
      await button.and(page.locator(':focus')).waitFor();
    });

    it('is all there is to be seen on a phone that lies on its side', async () => {
      await page.setViewportSize({ width: 740, height: 360 });
      await open();
      assert.equal(await page.getByRole('banner').count(), 0);
      const box = await page.getByRole('group', { name: 'Class player' }).boundingBox();
      assert.ok(box !== null && box.y + box.height <= 360);
    });

    it('has its last words above the bars on the smallest phone', async () => {
      await page.setViewportSize({ width: 360, height: 640 });
      await open();
      await page.getByText(/\/ 1:3[56]/).waitFor();
      await page.keyboard.press('End');
      const title = await page.getByTestId('cover').getByText('End of the class').boundingBox();
      const stage = await page.getByRole('region', { name: 'Class player' }).boundingBox();
      assert.ok(title !== null && stage !== null && title.y >= stage.y);
      await page.getByRole('button', { name: 'Watch again' }).click();
      await reaches(0);
    });

    it('fits the smallest phone, with all controls within the picture', async () => {
      await page.setViewportSize({ width: 360, height: 640 });
      await open();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
      const right = await page.getByRole('button', { name: 'Full screen' }).boundingBox();
      assert.ok(right !== null && right.x + right.width <= 360);
    });
  });
});
