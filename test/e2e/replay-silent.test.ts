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

const YAML = `channels:
  - {id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-key}
ladder: {rungs: [{height: 360, videoKbps: 400}, {height: 180, videoKbps: 150}], preset: ultrafast}
`;

type Found = { readonly endMs: number | null; readonly durationMs: number; readonly replay: string | null };

describe('a broadcast whose teacher finds her microphone late, replayed', function () {
  this.timeout(240_000);
  let pipeline: TestPipeline;
  let publisher: Publisher;
  let browser: TestBrowser;
  let players: BarePlayers;
  let over: Found;
  const publish = (audio: boolean): Publisher =>
    startPublisher({ url: pipeline.publishUrl('hall-7'), widthPx: 640, heightPx: 360, audio });
  const broadcast = async (): Promise<Found | undefined> => {
    const answer = await fetch(`${pipeline.url}/api/broadcasts`);
    const { broadcasts } = (await answer.json()) as { broadcasts: Found[] };
    return broadcasts[0];
  };
  const goesOn = async (segments: number): Promise<void> => {
    const from = (await broadcast())?.durationMs ?? 0;
    const isLonger = async () => ((await broadcast())?.durationMs ?? 0) > from + segments * 1600;
    await waitFor('the class goes on', isLonger, 60_000);
  };

  before(async () => {
    pipeline = await startTestPipeline({ yaml: YAML });
    players = await startBarePlayers();
    publisher = publish(false);
    await pipeline.waitForState('hall-7', 'on-air');
    await goesOn(7);
    await publisher.vanish();
    await pipeline.waitForState('hall-7', 'interrupted', 60_000);
    publisher = publish(true);
    await pipeline.waitForState('hall-7', 'on-air', 60_000);
    await goesOn(7);
    await publisher.stop();
    over = await waitFor('it is over', async () => {
      const last = await broadcast();
      return last?.endMs === null ? null : last;
    });
    browser = await startChromium();
  });
  after(async () => {
    await browser?.stop();
    players?.stop();
    await publisher?.stop();
    await pipeline?.stop();
  });

  it('has all of its sound listed: silence first', async () => {
    const url = `${pipeline.url}${over.replay ?? ''}`;
    const playlist = await (await fetch(url.replace('index.m3u8', 'audio.m3u8'))).text();
    assert.equal(playlist.includes('#EXT-X-GAP'), false, playlist);
    const uris = playlist.split('\n').filter((line) => line.endsWith('.m4s'));
    assert.ok(uris.length >= 14);
    for (const uri of uris) assert.equal((await fetch(new URL(uri, url))).status, 200, uri);
  });

  for (const name of BARE_PLAYERS) {
    it(`plays in ${name}, without its sound and with it`, async () => {
      const page = await browser.context.newPage();
      await page.goto(players.urlOf(name, `${pipeline.url}${over.replay ?? ''}`));
      await waitUntilItPlays(page, 0);
      const { durationS } = await lookAtBare(page);
      assert.ok(Math.abs(durationS - over.durationMs / 1000) < 3.4, `${durationS} s`);
      for (const share of [0.7, 0.2]) {
        await page.evaluate(`video.currentTime = ${share * durationS}`);
        await waitUntilItPlays(page, share * durationS);
      }
      // Over the place where the sound comes.
      await page.evaluate(`video.currentTime = ${durationS / 2 - 2}`);
      await waitUntilItPlays(page, durationS / 2 + 1);
      assert.deepEqual((await lookAtBare(page)).errors, []);
      await page.close();
    });
  }
});
