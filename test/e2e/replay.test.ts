import assert from 'node:assert/strict';
import { startChromium, type TestBrowser } from '../support/chromium.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type Publisher, startPublisher } from '../support/publisher.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  BARE_PLAYERS,
  type BarePlayers,
  lookAtBare,
  startBarePlayers,
  waitUntilItPlays,
} from './support/bare-players.ts';
import { waitForProgress } from './support/watcher.ts';

const YAML = `channels:
  - {id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-key}
ladder: {rungs: [{height: 360, videoKbps: 400}, {height: 180, videoKbps: 150}], preset: ultrafast}
`;

describe('a broadcast, replayed', function () {
  this.timeout(240_000);
  let pipeline: TestPipeline;
  let publisher: Publisher;
  let browser: TestBrowser;
  let players: BarePlayers;
  let id: string;
  let replay: string;
  let lastsS: number;
  const publish = (): Publisher =>
    startPublisher({ url: pipeline.publishUrl('hall-7'), widthPx: 640, heightPx: 360 });
  const segmentsOnAir = async (count: number): Promise<void> => {
    const from = (await broadcast())?.durationMs ?? 0;
    await waitFor(
      'the class goes on',
      async () => ((await broadcast())?.durationMs ?? 0) > from + count * 1600,
      60_000,
    );
  };
  const broadcast = async () => {
    const answer = await fetch(`${pipeline.url}/api/broadcasts`);
    const { broadcasts } = (await answer.json()) as {
      broadcasts: {
        id: string;
        endMs: number | null;
        durationMs: number;
        replay: string | null;
        gaps: object[];
      }[];
    };
    return broadcasts[0];
  };

  before(async () => {
    pipeline = await startTestPipeline({ yaml: YAML });
    players = await startBarePlayers();
    publisher = publish();
    await pipeline.waitForState('hall-7', 'on-air');
    await segmentsOnAir(8);
    await publisher.vanish();
    await pipeline.waitForState('hall-7', 'interrupted', 60_000);
    publisher = publish();
    await pipeline.waitForState('hall-7', 'on-air', 60_000);
    await segmentsOnAir(8);
    await publisher.stop();
    const over = await waitFor('it is over', async () => {
      const last = await broadcast();
      return last?.endMs === null ? null : last;
    });
    assert.equal(over?.gaps.length, 1);
    id = over?.id ?? '';
    replay = over?.replay ?? '';
    lastsS = (over?.durationMs ?? 0) / 1000;
    browser = await startChromium();
  });
  after(async () => {
    await browser?.stop();
    players?.stop();
    await publisher?.stop();
    await pipeline?.stop();
  });

  for (const name of BARE_PLAYERS) {
    it(`plays in ${name}, seeks anywhere, and ends`, async () => {
      const page = await browser.context.newPage();
      await page.goto(players.urlOf(name, `${pipeline.url}${replay}`));
      await waitUntilItPlays(page, 0);
      const { durationS } = await lookAtBare(page);
      // Its two stretches end in mid-segment, which the library does not look at.
      assert.ok(Math.abs(durationS - lastsS) < 3.4, `${durationS} s, want ${lastsS}`);
      // The interruption is in the middle: behind it, before it, near the end, and back to the start.
      for (const share of [0.7, 0.3, 0.85, 0]) {
        await page.evaluate(`video.currentTime = ${share * durationS}`);
        await waitUntilItPlays(page, share * durationS);
      }
      await page.evaluate(`video.currentTime = ${durationS / 2 - 2}; video.playbackRate = 2`);
      await waitFor(
        'it ends',
        async () => {
          const { ended, timeS } = await lookAtBare(page);
          // hls.js 1.7.4 plays to the end and does not say so, where sound has a small hole behind it.
          return ended || (name === 'hls.js' && timeS > durationS - 0.3);
        },
        60_000,
      );
      assert.deepEqual((await lookAtBare(page)).errors, []);
      await page.close();
    });
  }

  it('plays over the interruption in the page, which sees its end', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${pipeline.url}/watch/hall-7/${id}`);
    await waitForProgress(page, 1);
    await page.evaluate(`window.video = document.querySelector('video')`);
    await page.evaluate(`video.currentTime = video.duration / 2 - 2; video.playbackRate = 2`);
    await page.getByTestId('cover').getByText('That was the whole class').waitFor({ timeout: 60_000 });
    await page.close();
  });
});
