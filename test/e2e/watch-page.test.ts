import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { startChromium, type TestBrowser } from '../support/chromium.ts';
import { freePort } from '../support/free-port.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type Publisher, startPublisher } from '../support/publisher.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { RtmpClient } from '../ingest/support/rtmp-client.ts';
import { look, waitForProgress } from './support/watcher.ts';

/** Two small rungs: the tests' machine encodes, serves and decodes at once. */
const YAML = `channels:
  - {id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-stream-key}
ladder: {rungs: [{height: 360, videoKbps: 400}, {height: 180, videoKbps: 150}], preset: ultrafast}
`;

describe('the watch page in a real browser', function () {
  this.timeout(180_000);
  const data = makeTempDir();
  let pipeline: TestPipeline;
  let publisher: Publisher;
  let browser: TestBrowser;
  let page: Page;
  const faults: string[] = [];
  const publish = (): Publisher =>
    startPublisher({ url: pipeline.publishUrl('hall-7'), widthPx: 640, heightPx: 360 });

  before(async () => {
    const [httpPort, rtmpPort] = [await freePort(), await freePort()];
    pipeline = await startTestPipeline({ yaml: YAML, dataDir: data.path, httpPort, rtmpPort });
    browser = await startChromium({ viewport: { width: 960, height: 640 }, locale: 'en-GB' });
    page = await browser.context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${pipeline.url}/watch/hall-7`);
  });
  after(async () => {
    await browser?.stop();
    await publisher?.stop();
    await pipeline?.stop();
    data.remove();
  });

  it('says before class that the teacher is connected whose picture and sound have not come, as does the lobby', async () => {
    const teacher = new RtmpClient(Number(new URL(pipeline.publishUrl('hall-7')).port));
    await teacher.publishAs('hall-7?key=hall-7-stream-key');
    await waitFor('the API says so', async () => {
      const { awaited } = await (await fetch(`${pipeline.url}/api/channels/hall-7`)).json();
      return awaited.length === 2;
    });
    const other = await browser.context.newPage();
    await other.goto(`${pipeline.url}/watch/hall-7`);
    await other.getByText('The teacher is connected').waitFor();
    await other.getByText('Picture and sound have not come yet').waitFor();
    await other.goto(`${pipeline.url}/`);
    await other.getByText('teacher online').waitFor();
    await other.close();
    teacher.close();
  });

  it('waits before class, and shows the class when it begins, without a reload', async () => {
    await waitFor('before class', async () => (await look(page)).state === 'before', 30_000);
    const { pageId } = await look(page);
    publisher = publish();
    await waitFor('the class is on air', async () => (await look(page)).state === 'on-air', 60_000);
    await waitForProgress(page, 3);
    const now = await look(page);
    assert.equal(now.pageId, pageId);
    assert.ok(now.widthPx > 0, 'a picture is shown');
  });

  it('comes within a second of its teacher', async () => {
    await waitFor(
      'less than a second behind',
      async () => {
        const { latencyS } = await look(page);
        return latencyS !== null && latencyS > 0 && latencyS < 1;
      },
      60_000,
    );
  });

  it('is near its teacher again at once after its browser has held it up', async () => {
    // As a browser does with a muted preview in a tab that nobody sees, which then says "18 s behind".
    await page.evaluate(() => document.querySelector('video')?.pause());
    await waitFor(
      'more behind than is buffered',
      async () => ((await look(page)).latencyS ?? 0) > 16,
      30_000,
    );
    await page.evaluate(() => document.querySelector('video')?.play());
    await waitFor(
      'less than three seconds behind',
      async () => {
        const { latencyS } = await look(page);
        return latencyS !== null && latencyS < 3;
      },
      8000,
    );
    await waitForProgress(page, 3);
  });

  it('shows another quality when it is asked to', async () => {
    const heights = await page.evaluate(() => document.querySelector('video')?.videoHeight);
    const wanted = heights === 180 ? '360' : '180';
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: /quality/i }).click();
    await page.getByRole('menuitemradio', { name: new RegExp(`^${wanted}p`) }).click();
    await waitFor(
      `a picture ${wanted} pixels high`,
      () =>
        page.evaluate((height) => document.querySelector('video')?.videoHeight === Number(height), wanted),
      60_000,
    );
  });

  it('says that the class is interrupted when the line drops, and goes on when she is back', async () => {
    const { pageId } = await look(page);
    await publisher.vanish();
    await waitFor('interrupted', async () => (await look(page)).state === 'interrupted', 60_000);
    publisher = publish();
    await waitFor('on air again', async () => (await look(page)).state === 'on-air', 60_000);
    await waitForProgress(page, 3);
    assert.equal((await look(page)).pageId, pageId);
  });

  it('survives a restart of the whole pipeline', async () => {
    const { pageId } = await look(page);
    const { port } = pipeline;
    const rtmpPort = Number(new URL(pipeline.publishUrl('hall-7')).port);
    await pipeline.stop();
    await publisher.stop();
    pipeline = await startTestPipeline({ yaml: YAML, dataDir: data.path, httpPort: port, rtmpPort });
    publisher = publish();
    await pipeline.waitForState('hall-7', 'on-air', 60_000);
    await waitFor('on air again', async () => (await look(page)).state === 'on-air', 60_000);
    await waitForProgress(page, 3);
    assert.equal((await look(page)).pageId, pageId);
  });

  it('says so when the class is over', async () => {
    await publisher.stop();
    await waitFor('over', async () => (await look(page)).state === 'over', 60_000);
    assert.deepEqual(faults, []);
  });
});
