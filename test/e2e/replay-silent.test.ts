import assert from 'node:assert/strict';
import { BARE_PLAYERS, lookAtBare, waitUntilItPlays } from './support/bare-players.ts';
import { holdInterruptedClass, type InterruptedClass } from './support/interrupted-class.ts';

describe('a broadcast whose teacher finds her microphone late, replayed', function () {
  this.timeout(240_000);
  let held: InterruptedClass;
  before(async () => {
    held = await holdInterruptedClass({ segments: 7, audio: [false, true] });
  });
  after(() => held?.stop());

  it('has all of its sound listed: silence first', async () => {
    const playlist = await (await fetch(held.replayUrl.replace('index.m3u8', 'audio.m3u8'))).text();
    assert.equal(playlist.includes('#EXT-X-GAP'), false, playlist);
    const uris = playlist.split('\n').filter((line) => line.endsWith('.m4s'));
    assert.ok(uris.length >= 14);
    for (const uri of uris) assert.equal((await fetch(new URL(uri, held.replayUrl))).status, 200, uri);
  });

  for (const name of BARE_PLAYERS) {
    it(`plays in ${name}, without its sound and with it`, async () => {
      const page = await held.browser.context.newPage();
      await page.goto(held.players.urlOf(name, held.replayUrl));
      await waitUntilItPlays(page, 0);
      const { durationS } = await lookAtBare(page);
      assert.ok(Math.abs(durationS - held.broadcast.durationMs / 1000) < 3.4, `${durationS} s`);
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
