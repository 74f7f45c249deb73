import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { startChromium, type TestBrowser } from '../support/chromium.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type Publisher, startPublisher } from '../support/publisher.ts';
import { waitFor } from '../support/wait-for.ts';
import { look, waitForProgress } from './support/watcher.ts';

const YAML = `channels:
  - {id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-stream-key}
ladder: {rungs: [{height: 360, videoKbps: 400}, {height: 180, videoKbps: 150}], preset: ultrafast}
`;

/** dash.js as its authors ship it, with low latency switched on and nothing else changed. */
const PAGE = (
  manifest: string,
): string => `<!doctype html><meta charset="utf-8"><video muted playsinline></video>
<script src="/dash.js"></script><script>
const player = dashjs.MediaPlayer().create();
window.dashErrors = [];
player.on('error', (event) => window.dashErrors.push(event.error.code + ' ' + event.error.message));
player.updateSettings({streaming: {delay: {liveDelay: 0.8}, liveCatchup: {enabled: true, maxDrift: 2}}});
player.initialize(document.querySelector('video'), ${JSON.stringify(manifest)}, true);
window.lectern = {latencySeconds: () => player.getCurrentLiveLatency()};
window.dashQuality = (index) => { player.updateSettings({streaming: {abr: {autoSwitchBitrate: {video: false}}}}); player.setRepresentationForTypeByIndex('video', index); };
</script>`;

describe('dash.js on the same bytes', function () {
  this.timeout(180_000);
  let pipeline: TestPipeline;
  let publisher: Publisher;
  let browser: TestBrowser;
  let pages: Server;
  let page: Page;
  const publish = (): Publisher =>
    startPublisher({ url: pipeline.publishUrl('hall-7'), widthPx: 640, heightPx: 360 });

  before(async () => {
    pipeline = await startTestPipeline({ yaml: YAML });
    const script = new URL('../../node_modules/dashjs/dist/modern/umd/dash.all.min.js', import.meta.url);
    pages = createServer((req, res) => {
      const isScript = req.url === '/dash.js';
      res.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
      res.end(isScript ? readFileSync(script) : PAGE(`${pipeline.url}/live/hall-7/manifest.mpd`));
    });
    pages.listen(0, '127.0.0.1');
    await once(pages, 'listening');
    publisher = publish();
    await pipeline.waitForState('hall-7', 'on-air');
    browser = await startChromium();
    page = await browser.context.newPage();
    await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
  });
  after(async () => {
    await browser?.stop();
    pages?.close();
    await publisher?.stop();
    await pipeline?.stop();
  });

  const errors = (): Promise<unknown> => page.evaluate('window.dashErrors');

  it('plays, and comes near its teacher', async () => {
    await waitForProgress(page, 5);
    assert.ok((await look(page)).widthPx > 0);
    await waitFor(
      'a second and a half behind at most',
      async () => {
        const { latencyS } = await look(page);
        return latencyS !== null && latencyS > 0 && latencyS < 1.5;
      },
      60_000,
    );
    assert.deepEqual(await errors(), []);
  });

  it('shows another representation', async () => {
    const before = await page.evaluate(() => document.querySelector('video')?.videoHeight);
    await page.evaluate(`window.dashQuality(${before === 180 ? 1 : 0})`);
    await waitFor(
      'another height',
      () => page.evaluate((height) => document.querySelector('video')?.videoHeight !== height, before),
      60_000,
    );
  });

  it('goes on over an interruption, from period to period', async () => {
    const { pageId } = await look(page);
    await publisher.vanish();
    await pipeline.waitForState('hall-7', 'interrupted', 60_000);
    publisher = publish();
    await pipeline.waitForState('hall-7', 'on-air', 60_000);
    await waitForProgress(page, 8, 90_000);
    assert.equal((await look(page)).pageId, pageId);
  });
});
