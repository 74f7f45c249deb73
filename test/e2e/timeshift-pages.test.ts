/// <reference lib="dom" />
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { startChromium, type TestBrowser } from '../support/chromium.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type Publisher, startPublisher } from '../support/publisher.ts';
import { waitFor } from '../support/wait-for.ts';
import { TWO_RUNGS_YAML } from './support/interrupted-class.ts';
import { look, waitForProgress } from './support/watcher.ts';

describe('a class is watched from its beginning, and again when it is over, in a real browser', function () {
  this.timeout(180_000);
  let pipeline: TestPipeline;
  let publisher: Publisher;
  let browser: TestBrowser;
  let page: Page;
  const faults: string[] = [];

  before(async () => {
    pipeline = await startTestPipeline({ yaml: TWO_RUNGS_YAML });
    publisher = startPublisher({ url: pipeline.publishUrl('hall-7'), widthPx: 640, heightPx: 360 });
    browser = await startChromium({ viewport: { width: 960, height: 640 }, locale: 'en-GB' });
    page = await browser.context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    await pipeline.waitForState('hall-7', 'on-air', 60_000);
    await page.goto(`${pipeline.url}/watch/hall-7`);
  });
  after(async () => {
    await browser?.stop();
    await publisher?.stop();
    await pipeline?.stop();
  });

  const says = (name: string, wanted: string) =>
    page.locator(`html[data-${name}="${wanted}"]`).waitFor({ state: 'attached', timeout: 60_000 });
  const slider = () => page.getByRole('slider', { name: 'Time in the class' });
  const lengthS = async () => Number(await slider().getAttribute('aria-valuemax'));
  const timeS = async () => (await look(page)).currentTimeS;

  it('begins at the beginning while the class goes on, and the bar grows with it', async () => {
    await waitForProgress(page, 6);
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'From the beginning' }).click();
    await says('mode', 'start-over');
    await waitFor('the beginning plays', async () => {
      const atS = await timeS();
      return atS > 0 && atS < 4;
    });
    const first = await waitFor('a length', async () => (await lengthS()) || null);
    await waitForProgress(page, 2);
    await waitFor('the class goes on', async () => (await lengthS()) > first);
  });

  it('goes back to live with one key, close to the teacher', async () => {
    await page.keyboard.press('l');
    await says('mode', 'live');
    await waitFor(
      'less than two seconds behind',
      async () => {
        const { latencyS } = await look(page);
        return latencyS !== null && latencyS > 0 && latencyS < 2;
      },
      60_000,
    );
    await waitForProgress(page, 2);
  });

  it('goes on where one was, for who paused longer than live remembers', async () => {
    await page.keyboard.press('k');
    await says('playback', 'paused');
    await waitFor('live is far away', async () => ((await look(page)).latencyS ?? 0) > 16, 30_000);
    await page.keyboard.press('k');
    await says('mode', 'start-over');
    await waitFor('it goes on behind live', async () => {
      const behindS = (await lengthS()) - Number(await slider().getAttribute('aria-valuenow'));
      return behindS > 12 && behindS < 30;
    });
    await waitForProgress(page, 2);
  });

  it('plays on to the end of a class that ends meanwhile, and leads to its recording', async () => {
    await publisher.stop();
    await page.getByText('You have watched it to the end.').waitFor({ timeout: 90_000 });
    await page.getByRole('link', { name: 'Watch the recording' }).click();
    await says('state', 'playing');
    await waitForProgress(page, 2);
    assert.ok((await look(page)).widthPx > 0);
  });

  it('is sought in anywhere', async () => {
    const wholeS = await lengthS();
    assert.ok(wholeS > 20, String(wholeS));
    await page.keyboard.press('Shift+ArrowRight');
    await waitFor('it plays or has ended there', async () => (await timeS()) > Math.min(30, wholeS - 1));
    await page.keyboard.press('Home');
    await waitFor('the beginning', async () => (await timeS()) < 5);
    await says('state', 'playing');
    await waitForProgress(page, 2);
  });

  it('stands in the library, with its picture', async () => {
    await page.goto(`${pipeline.url}/library`);
    await page.getByRole('link', { name: /Grade 7 mathematics/ }).waitFor();
    const isDrawn = () =>
      page
        .locator('.broadcast img')
        .evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth > 0);
    await waitFor(
      'a poster',
      async () => {
        if ((await page.locator('.broadcast img').count()) === 0) await page.reload();
        return (await page.locator('.broadcast img').count()) > 0 && (await isDrawn());
      },
      60_000,
    );
    assert.deepEqual(faults, []);
  });
});
