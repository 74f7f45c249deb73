import assert from 'node:assert/strict';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type RecordingOrigin, recordingOrigin } from '../support/past-on-stage.ts';
import { START_MS, START_NUMBER } from '../support/synthetic.ts';

const MAX_START_OVER_MS = 1600 * 30;

describe('the past at its edges', () => {
  let directory: TempDir;
  let on: RecordingOrigin;
  beforeEach(async () => {
    directory = makeTempDir();
    on = await recordingOrigin(new MemoryStore(), directory.path, 'windowSegments: 8', MAX_START_OVER_MS);
  });
  afterEach(async () => {
    await on.stop();
    directory.remove();
  });

  const get = async (path: string): Promise<string> => (await on.origin.ask(path)).body.toString('utf8');
  const listed = (playlist: string): number[] =>
    [...playlist.matchAll(/(\d+)\.m4s$/gm)].map(([, number]) => Number(number));
  const valueOf = (playlist: string, tag: string): number =>
    Number(new RegExp(`#EXT-X-${tag}:(\\d+)\n`).exec(playlist)?.[1]);

  it('of a class without sound all that was listed is there, silence and all', async () => {
    on.origin.sendOnly('720p', '360p');
    on.origin.goOnAir();
    on.origin.run(1600 * 25);
    await on.archive.settled();
    for (const rendition of ['720p', 'audio']) {
      const startOver = await get(`/live/hall-7/${rendition}.m3u8?start=${START_MS}`);
      assert.equal(startOver.includes('#EXT-X-GAP'), false, startOver);
      assert.ok(listed(startOver).length >= 23);
      for (const number of listed(startOver)) {
        const answer = await on.origin.ask(`/media/hall-7/${rendition}/${number}.m4s`);
        assert.equal(answer.status, 200, `${rendition}/${number}`);
      }
    }
    const replay = await get(`/replay/hall-7/${START_MS + 16_000}-${START_MS + 32_000}/audio.m3u8`);
    assert.equal(listed(replay).length, 10);
    assert.equal(replay.includes('#EXT-X-GAP'), false);
  });

  it('a start in the future is the newest segment that has closed', async () => {
    on.origin.goOnAir();
    on.origin.run(1600 * 5);
    const playlist = await get(`/live/hall-7/720p.m3u8?start=${on.origin.nowMs + 1e9}`);
    assert.deepEqual(listed(playlist), [START_NUMBER + 3]);
    assert.equal(valueOf(playlist, 'MEDIA-SEQUENCE'), START_NUMBER + 3);
    assert.equal(playlist.includes('#EXT-X-PLAYLIST-TYPE'), false, 'its beginning moves on (§4.4.3.5)');
    const top = await get(`/live/hall-7/index.m3u8?start=${on.origin.nowMs}`);
    assert.match(top, new RegExp(`\n720p.m3u8\\?start=${START_MS + 3 * 1600}\n`));
    assert.match(await get(`/live/hall-7/720p.m3u8?start=${START_MS + 3 * 1600}`), /TYPE:EVENT\n/);
  });

  it('one that begins further back than is allowed is no EVENT, since its beginning moves on (§4.4.3.5)', async () => {
    on.origin.goOnAir();
    on.origin.run(1600 * 28);
    await on.archive.settled();
    const path = `/live/hall-7/720p.m3u8?start=${START_MS}`;
    assert.match(await get(path), /#EXT-X-PLAYLIST-TYPE:EVENT\n/);
    on.origin.run(1600 * 20);
    await on.archive.settled();
    const late = await get(path);
    assert.equal(late.includes('#EXT-X-PLAYLIST-TYPE'), false);
    assert.ok((listed(late)[0] ?? 0) > START_NUMBER + 10);
    assert.match(await get(`/live/hall-7/720p.m3u8?start=${on.origin.nowMs - 16_000}`), /TYPE:EVENT\n/);
  });

  it('the same first segment has the same discontinuity sequence number as the window moves on (§6.2.2)', async () => {
    on.origin.goOnAir('b1');
    on.origin.run(1600 * 6);
    on.origin.goOffAir('interrupted', 1600 * 8);
    on.origin.goOnAir('b2');
    const sequences = new Map<number, Set<number>>();
    const path = `/live/hall-7/720p.m3u8?start=${on.origin.nowMs - 3200}`;
    for (let turn = 0; turn < 20; turn += 1) {
      on.origin.run(1600);
      await on.archive.settled();
      const playlist = await get(path);
      const first = valueOf(playlist, 'MEDIA-SEQUENCE');
      const known = sequences.get(first) ?? new Set();
      sequences.set(first, known.add(valueOf(playlist, 'DISCONTINUITY-SEQUENCE')));
    }
    assert.ok(
      [...sequences.values()].every(({ size }) => size === 1),
      JSON.stringify([...sequences]),
    );
  });

  it('a replay is laid once for all ranges of the same segments, and only so many wait for theirs', async () => {
    on.origin.goOnAir();
    on.origin.run(1600 * 20);
    await on.archive.settled();
    const [fromMs, toMs] = [START_MS, START_MS + 16_000];
    const first = await on.replay.recording('hall-7', { fromMs, toMs });
    assert.equal(await on.replay.recording('hall-7', { fromMs: fromMs + 1, toMs: toMs - 1 }), first);
    assert.notEqual(await on.replay.recording('hall-7', { fromMs: fromMs + 1600, toMs }), first);
    const asked = Array.from({ length: 70 }, (_, i) =>
      on.replay.recording('hall-7', { fromMs: START_MS - 1600 * (i + 1), toMs }),
    );
    const settled = await Promise.allSettled(asked);
    const refused = settled.filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 6);
    assert.ok(refused.every((one) => one.status === 'rejected' && one.reason.code === 'replay-busy'));
    assert.ok(await on.replay.recording('hall-7', { fromMs, toMs }), 'and then there is room again');
  });
});
