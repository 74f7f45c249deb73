import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { startChromium, type TestBrowser } from '../support/chromium.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type Publisher, startPublisher } from '../support/publisher.ts';
import { waitFor } from '../support/wait-for.ts';
import { look, waitForProgress } from './support/watcher.ts';

const YAML = `channels:
  - {id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-stream-key}
# A worker that gave up the top rung would leave the page nothing to step down from.
ladder: {rungs: [{height: 360, videoKbps: 400}, {height: 180, videoKbps: 150}], preset: ultrafast, shed: []}
`;

/** What the test tells its browser to pretend, and what it counts. */
type Pretence = {
  /** Share of the pictures that the browser says it dropped. */
  lostShare: number;
  /** Pictures that were decoded since the page was loaded, by all of its players. */
  decoded: number;
};

/**
 * Runs in the page before its own code: the browser says that it drops as many pictures as the test wants, and waits only when the
 * test says so. A machine that is short in earnest, as one that runs other tests is, would take steps of its own.
 */
function pretend(): void {
  const pretence: Pretence = { lostShare: 0, decoded: 0 };
  Object.assign(globalThis, { pretence });
  const { prototype } = HTMLVideoElement;
  const real = prototype.getVideoPlaybackQuality;
  let seen = 0;
  let lost = 0;
  prototype.getVideoPlaybackQuality = function (): VideoPlaybackQuality {
    const { creationTime, totalVideoFrames } = real.call(this);
    const more = Math.max(0, totalVideoFrames - seen);
    lost += more * pretence.lostShare;
    pretence.decoded += more;
    seen = totalVideoFrames;
    return {
      creationTime,
      corruptedVideoFrames: 0,
      totalVideoFrames,
      droppedVideoFrames: Math.round(lost),
    };
  };
  addEventListener('waiting', (event) => event.isTrusted && event.stopImmediatePropagation(), {
    capture: true,
  });
}

/** Runs in the page: the browser says that it waits, at a moment at which it has what it waits for. */
async function waitWithMedia(): Promise<void> {
  const video = document.querySelector('video');
  if (video === null) return;
  while (video.buffered.end(video.buffered.length - 1) - video.currentTime < 0.25)
    await new Promise(requestAnimationFrame);
  video.dispatchEvent(new Event('waiting'));
}

describe('the watch page on a device that cannot decode in time', function () {
  this.timeout(360_000);
  let pipeline: TestPipeline;
  let publisher: Publisher;
  let browser: TestBrowser;
  let page: Page;
  const faults: string[] = [];

  before(async () => {
    pipeline = await startTestPipeline({ yaml: YAML });
    publisher = startPublisher({ url: pipeline.publishUrl('hall-7'), widthPx: 640, heightPx: 360 });
    await pipeline.waitForState('hall-7', 'on-air', 60_000);
    browser = await startChromium({ viewport: { width: 960, height: 640 }, locale: 'en-GB' });
    page = await browser.context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    await page.addInitScript(pretend);
    await page.goto(`${pipeline.url}/watch/hall-7`);
    await waitForProgress(page, 3);
  });
  after(async () => {
    await browser?.stop();
    await publisher?.stop();
    await pipeline?.stop();
  });

  const busy = () => page.evaluate<string>('lectern.busy()');
  const becomes = (wanted: string) =>
    waitFor(`busy: ${wanted}`, async () => (await busy()) === wanted, 120_000);
  const lose = (share: number) =>
    page.evaluate((lostShare) => {
      (globalThis as typeof globalThis & { pretence: Pretence }).pretence.lostShare = lostShare;
    }, share);
  const soundGoesOn = async (): Promise<boolean> => {
    const before = await look(page);
    const isOn = () => look(page).then(({ currentTimeS }) => currentTimeS > before.currentTimeS + 1);
    await waitFor('a second more', isOn, 30_000);
    return before.widthPx === 0;
  };
  const pictures = () =>
    page.evaluate(() => {
      const video = document.querySelector('video');
      // Brings the count up to date.
      video?.getVideoPlaybackQuality();
      return {
        heightPx: video?.videoHeight ?? 0,
        decoded: (globalThis as typeof globalThis & { pretence: Pretence }).pretence.decoded,
      };
    });

  it('takes the lower level, and says why', async () => {
    await waitFor('the top level', async () => (await pictures()).heightPx === 360, 60_000);
    await lose(0.3);
    await becomes('lower');
    await page.getByText('Your device is busy: lower picture quality').waitFor();
    await waitFor('a smaller picture', async () => (await pictures()).heightPx === 180, 20_000);
  });

  it('then one picture of each segment, while the class goes on', async () => {
    await becomes('keyframes');
    await page.getByText('Your device is busy: the picture changes less often').waitFor();
    await waitForProgress(page, 4);
    const before = await pictures();
    await waitForProgress(page, 5);
    const shown = (await pictures()).decoded - before.decoded;
    assert.ok(shown >= 2 && shown <= 8, `${shown} pictures in 5 s`);
    const { latencyS } = await look(page);
    assert.ok(latencyS !== null && latencyS < 6, `${latencyS} s behind`);
  });

  it('then the sound alone, with the last picture standing', async () => {
    await page.evaluate(waitWithMedia);
    await becomes('none');
    await page.getByText('Your device is busy: the picture stands still, the sound goes on').waitFor();
    await page.locator('.still canvas').waitFor();
    await waitFor('the sound goes on without a picture', soundGoesOn, 30_000);
  });

  it('comes back one step at a time when there is room', async () => {
    await lose(0);
    await becomes('keyframes');
    await waitForProgress(page, 3);
    await page.locator('.still').waitFor({ state: 'detached' });
    await becomes('lower');
    await waitForProgress(page, 4);
    const before = await pictures();
    await waitForProgress(page, 3);
    assert.ok((await pictures()).decoded - before.decoded > 40, 'all pictures are decoded again');
    assert.deepEqual(faults, []);
  });
});
