import assert from 'node:assert/strict';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { type RecordingOrigin, recordingOrigin } from '../support/past-on-stage.ts';
import { START_MS, START_NUMBER } from '../support/synthetic.ts';

const YAML = 'windowSegments: 8';
const RENDITIONS = ['720p', '360p', 'audio'];
/** What the uplink sends once more begins in the middle of a segment. */
const KEPT_MS = 8000;
const RAN_MS = 1600 * 30 + 768;
/** The segment whose pictures are sent whole, and whose sound is not. */
const TORN = START_NUMBER + 25;

describe('the past after a restart, when the sound of the last half minute comes again from the middle of a segment on', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let on: RecordingOrigin;
  /** What was listed before the restart, by rendition and number. */
  let seen: Map<string, Buffer>;

  const get = async (path: string): Promise<string> => {
    const { status, body } = await on.origin.ask(path);
    const text = body.toString('utf8');
    assert.equal(status, 200, `${path}: ${text}`);
    return text;
  };
  const listed = (playlist: string): number[] =>
    [...playlist.matchAll(/(\d+)\.m4s$/gm)].map(([, number]) => Number(number));
  /** Fails where a playlist lacks something of what was listed before, or lists what is not to be had. */
  const assertWhole = async (pathOf: (rendition: string) => string): Promise<void> => {
    for (const rendition of RENDITIONS) {
      const playlist = await get(pathOf(rendition));
      assert.equal(playlist.includes('#EXT-X-GAP'), false, playlist);
      assert.deepEqual(
        listed(playlist).slice(0, 30),
        Array.from({ length: 30 }, (_, i) => START_NUMBER + i),
      );
      for (const number of listed(playlist)) {
        const { status, body } = await on.origin.ask(`/media/hall-7/${rendition}/${number}.m4s`);
        assert.equal(status, 200, `${rendition}/${number}: ${body.toString()}`);
        const before = seen.get(`${rendition}/${number}`);
        assert.ok(before === undefined || before.equals(body), `${rendition}/${number} has other bytes`);
      }
    }
  };
  const isTornGap = (): boolean | undefined => on.origin.channel.rendition('audio')?.segment(TORN)?.gap;
  const restart = async (): Promise<void> => {
    on = await recordingOrigin(store, directory.path, YAML, undefined, on.origin);
    on.origin.comeBack(KEPT_MS);
    on.origin.run(1600);
    const pictures = ['720p', '360p'].map((id) => on.origin.channel.rendition(id)?.segment(TORN)?.gap);
    assert.deepEqual(pictures, [false, false]);
    assert.equal(isTornGap(), true, 'its sound has not come again');
  };

  beforeEach(async () => {
    directory = makeTempDir();
    store = new MemoryStore();
    on = await recordingOrigin(store, directory.path, YAML);
    on.origin.goOnAir();
    on.origin.run(RAN_MS);
    seen = new Map();
    for (const { id, segments } of on.origin.channel.renditions) {
      for (const { number, parts, closed } of segments) {
        if (closed) seen.set(`${id}/${number}`, Buffer.concat(parts.map(({ bytes }) => bytes)));
      }
    }
    await on.archive.settled();
    await on.stop();
  });
  afterEach(async () => {
    store.isDown = false;
    await on.stop();
    directory.remove();
  });

  it('what a replay lists is to be had, though it is a gap at the live edge', async () => {
    await restart();
    await on.archive.settled();
    await assertWhole((rendition) => `/replay/hall-7/${START_MS}-${START_MS + 1600 * 30}/${rendition}.m3u8`);
  });

  it('a start-over has no gap in its place, from wherever it begins', async () => {
    await restart();
    await assertWhole((rendition) => `/live/hall-7/${rendition}.m3u8?start=${START_MS}`);
    const fromTorn = await get(`/live/hall-7/audio.m3u8?start=${START_MS + 1600 * (TORN - START_NUMBER)}`);
    assert.equal(listed(fromTorn)[0], TORN);
    assert.equal(fromTorn.includes('#EXT-X-GAP'), false, fromTorn);
  });

  it('one that was laid while the store was away has a gap there until it is back', async () => {
    store.isDown = true;
    await restart();
    const path = `/live/hall-7/audio.m3u8?start=${START_MS + 1600 * (TORN - START_NUMBER)}`;
    const gaps = async (): Promise<number> => (await get(path)).split('#EXT-X-GAP').length - 1;
    await waitFor('what came again is on the local disk', async () => (await gaps()) === 1);
    store.isDown = false;
    on.origin.run(5000);
    await waitFor('the gap is filled', async () => {
      // It is written anew when a segment has closed.
      on.origin.run(200);
      return (await gaps()) === 0;
    });
    assert.equal(isTornGap(), true, 'the channel has not forgotten it yet');
    const { status, body } = await on.origin.ask(`/media/hall-7/audio/${TORN}.m4s`);
    assert.equal(status, 200);
    assert.deepEqual(body, seen.get(`audio/${TORN}`));
    // It is in the live window still: who watches gets it while the library is being read, and no cache does.
    on.library.isLoaded = false;
    const unsure = await on.origin.ask(`/media/hall-7/audio/${TORN}.m4s`);
    assert.deepEqual([unsure.status, unsure.headers['cache-control']], [200, 'no-store']);
  });
});
