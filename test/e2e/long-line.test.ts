import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { startChromium, type TestBrowser } from '../support/chromium.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type Publisher, startPublisher } from '../support/publisher.ts';
import { waitFor } from '../support/wait-for.ts';
import { type LongLine, startLongLine } from './support/long-line.ts';
import { look, waitForProgress } from './support/watcher.ts';

const YAML = `channels:
  - {id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-stream-key}
ladder: {rungs: [{height: 180, videoKbps: 150}], preset: ultrafast}
`;

describe('the watch page a long way from its server', function () {
  this.timeout(360_000);
  let pipeline: TestPipeline;
  let publisher: Publisher;
  let browser: TestBrowser;
  let line: LongLine;

  before(async () => {
    pipeline = await startTestPipeline({ yaml: YAML });
    publisher = startPublisher({ url: pipeline.publishUrl('hall-7'), widthPx: 320, heightPx: 180 });
    await pipeline.waitForState('hall-7', 'on-air', 60_000);
    line = await startLongLine(pipeline.port, 0);
    browser = await startChromium({ viewport: { width: 480, height: 320 }, locale: 'en-GB' });
  });
  after(async () => {
    await browser?.stop();
    await line?.stop();
    await publisher?.stop();
    await pipeline?.stop();
  });

  /** Opens the page on a line with such a round trip, and waits until it loads whole segments. */
  const open = async (roundTripMs: number): Promise<{ page: Page; asked: string[] }> => {
    line.setOneWay(roundTripMs / 2);
    const page = await browser.context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`http://127.0.0.1:${line.port}/watch/hall-7`);
    const isWhole = () => asked.slice(-6).some((url) => /\/\d+\.m4s/.test(url));
    await waitFor('whole segments', async () => isWhole(), 90_000);
    await waitForProgress(page, 3, 90_000);
    return { page, asked };
  };
  const stalls = (page: Page) => page.evaluate<number>('lectern.stalls()');

  const comesWithin = (page: Page, seconds: number) =>
    waitFor(
      `less than ${seconds} s behind`,
      async () => {
        const { latencyS } = await look(page);
        return latencyS !== null && latencyS > 0 && latencyS < seconds;
      },
      120_000,
    );

  it('is less than 4 s behind at a round trip of 300 ms', async () => {
    const { page, asked } = await open(300);
    await waitForProgress(page, 15);
    await comesWithin(page, 4);
    // Each playlist waits for the next whole segment, of pictures as of sound.
    const reloads = asked.filter((url) => url.includes('.m3u8?')).slice(-6);
    assert.equal(reloads.length, 6);
    for (const url of reloads) {
      assert.match(url, /[?&]_HLS_msn=\d+(&|$)/);
      assert.doesNotMatch(url, /_HLS_part=/);
    }
    await page.close();
  });

  it('plays on without a stall at a round trip of 800 ms', async () => {
    const { page } = await open(800);
    const isSmooth = async () => {
      const before = await stalls(page);
      await waitForProgress(page, 12);
      return (await stalls(page)) === before;
    };
    await waitFor('12 s without a stall', isSmooth, 240_000);
    await comesWithin(page, 6);
    await page.close();
  });
});
