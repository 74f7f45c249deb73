import assert from 'node:assert/strict';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { readXml, descendants } from '../../conformance/xml-reader.ts';
import { MemoryStore } from '../support/memory-store.ts';
import type { Answer } from '../support/origin-on-stage.ts';
import { type RecordingOrigin, recordingOrigin } from '../support/past-on-stage.ts';
import { START_MS, START_NUMBER } from '../support/synthetic.ts';

const text = (answer: Answer): string => answer.body.toString('utf8');
const code = (answer: Answer): unknown => JSON.parse(text(answer)).error.code;
const uris = (playlist: string): string[] => playlist.split('\n').filter((line) => line.endsWith('.m4s'));
const numbers = (playlist: string): number[] =>
  uris(playlist).map((uri) => Number(/(\d+)\.m4s$/.exec(uri)?.[1]));
const RENDITIONS = ['720p', '360p', 'audio'];

describe('the past of a channel', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let on: RecordingOrigin;
  beforeEach(async () => {
    directory = makeTempDir();
    store = new MemoryStore();
    on = await recordingOrigin(store, directory.path, 'windowSegments: 8');
  });
  afterEach(async () => {
    store.isDown = false;
    await on.stop();
    directory.remove();
  });

  const get = (path: string) => on.origin.ask(path);
  /** Puts a class on air for so long, at a segment's start. */
  const teach = (milliseconds: number, broadcast = 'b1'): void => {
    on.origin.goOnAir(broadcast);
    on.origin.run(milliseconds);
  };

  it('a segment has the same bytes live, by start-over, by replay and in the store', async () => {
    teach(1600 * 3 + 400);
    const live = new Map<string, Buffer>();
    for (const rendition of RENDITIONS) {
      for (let number = START_NUMBER; number < START_NUMBER + 3; number += 1) {
        const answer = await get(`/media/hall-7/${rendition}/${number}.m4s`);
        assert.equal(answer.status, 200);
        live.set(`${rendition}/${number}`, answer.body);
      }
    }
    on.origin.run(1600 * 40);
    await on.archive.settled();
    assert.equal(on.origin.channel.rendition('720p')?.segment(START_NUMBER), undefined, 'it left');
    for (const rendition of RENDITIONS) {
      const startOver = text(await get(`/live/hall-7/${rendition}.m3u8?start=${START_MS}`));
      const replay = text(await get(`/replay/hall-7/${START_MS}-${START_MS + 4800}/${rendition}.m3u8`));
      assert.deepEqual(
        numbers(startOver).slice(0, 3),
        [0, 1, 2].map((i) => START_NUMBER + i),
      );
      assert.deepEqual(
        numbers(replay),
        [0, 1, 2].map((i) => START_NUMBER + i),
      );
      const at = (base: string, uri: string) => new URL(uri, `http://x${base}`).pathname;
      for (const [i, uri] of uris(replay).entries()) {
        const path = at(`/replay/hall-7/${START_MS}-${START_MS + 4800}/x.m3u8`, uri);
        assert.equal(path, at('/live/hall-7/x.m3u8', uris(startOver)[i] ?? ''));
        const answer = await get(path);
        assert.deepEqual(answer.body, live.get(`${rendition}/${START_NUMBER + i}`));
        assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
        const kept = [...store.objects].find(
          ([key]) => key.includes(`/${rendition}/`) && key.endsWith(`/${START_NUMBER + i}.m4s`),
        );
        assert.deepEqual(kept?.[1], answer.body);
      }
      const init = /EXT-X-MAP:URI="([^"]+)"/.exec(replay)?.[1] ?? '';
      assert.equal((await get(at('/replay/hall-7/1-2/x.m3u8', init))).status, 200);
    }
  });

  it('start-over: everything from a time on, which grows and never changes (§4.4.3.5)', async () => {
    teach(1600 * 20);
    await on.archive.settled();
    const path = `/live/hall-7/720p.m3u8?start=${START_MS + 1700}`;
    const first = text(await get(path));
    assert.match(first, /#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n/);
    assert.match(first, new RegExp(`#EXT-X-MEDIA-SEQUENCE:${START_NUMBER + 1}\n`));
    assert.equal(first.includes('EXT-X-PART:'), false);
    on.origin.run(1600 * 30);
    const second = text(await get(path));
    const body = (playlist: string) => playlist.slice(playlist.indexOf('#EXT-X-MEDIA-SEQUENCE'));
    const runs = /#EXT-X-DATERANGE[^\n]*\n/g;
    assert.ok(body(second).replaceAll(runs, '').startsWith(body(first).replaceAll(runs, '')));
    const want = Array.from({ length: numbers(second).length }, (_, i) => START_NUMBER + 1 + i);
    assert.deepEqual(numbers(second), want);
    assert.ok(want.length > 45, `${want.length}`);
    const delta = text(await get(`${path}&_HLS_skip=YES`));
    const skipped = Number(/SKIPPED-SEGMENTS=(\d+)/.exec(delta)?.[1]);
    assert.deepEqual(numbers(delta), want.slice(skipped));
    assert.ok(skipped > 30);
  });

  it('start-over shows what was on air: class, slate while it was interrupted, class', async () => {
    teach(1600 * 6);
    on.origin.goOffAir('interrupted', 1600 * 10);
    teach(1600 * 12, 'b2');
    await on.archive.settled();
    const all = text(await get(`/live/hall-7/720p.m3u8?start=${START_MS}`));
    assert.equal(numbers(all)[0], START_NUMBER);
    assert.equal(all.match(/#EXT-X-DISCONTINUITY\n/g)?.length, 3, all);
    assert.equal(all.includes('#EXT-X-GAP'), false);
    for (const uri of uris(all)) {
      const path = new URL(uri, 'http://x/live/hall-7/720p.m3u8').pathname;
      assert.equal((await get(path)).status, 200, path);
    }
    // The replay leaves the slate out.
    const end = on.origin.nowMs;
    const replay = text(await get(`/replay/hall-7/${START_MS}-${end}/720p.m3u8`));
    assert.equal(replay.match(/#EXT-X-DISCONTINUITY\n/g)?.length, 1);
    assert.ok(numbers(replay).length < numbers(all).length - 5);
    assert.match(replay, /#EXT-X-PLAYLIST-TYPE:VOD\n[\s\S]*#EXT-X-ENDLIST\n$/);
  });

  it('the multivariant playlist names playlists that begin at the same segment, and so does every viewer of it', async () => {
    teach(1600 * 12);
    const at = async (startMs: number) => text(await get(`/live/hall-7/index.m3u8?start=${startMs}`));
    assert.match(await at(START_MS + 100), new RegExp(`\n720p.m3u8\\?start=${START_MS}\n`));
    assert.match(await at(START_MS + 100), new RegExp(`URI="audio.m3u8\\?start=${START_MS}"`));
    assert.equal(await at(START_MS + 100), await at(START_MS + 1500));
  });

  it('the MPD has the same time-shift window', async () => {
    teach(1600 * 40);
    await on.archive.settled();
    const mpd = readXml(text(await get(`/live/hall-7/manifest.mpd?start=${START_MS}`)));
    assert.equal(mpd.attributes['type'], 'dynamic');
    const depthS = Number(/^PT([\d.]+)S$/.exec(mpd.attributes['timeShiftBufferDepth'] ?? '')?.[1]);
    assert.ok(depthS >= 1.6 * 39, `${depthS}`);
    assert.ok(descendants(mpd, 'Period').length >= 1);
  });

  it('a replay is the same as HLS and as DASH, sound and picture to the tick', async () => {
    teach(1600 * 6);
    on.origin.goOffAir('interrupted', 1600 * 10);
    teach(1600 * 12, 'b2');
    await on.archive.settled();
    const folder = `/replay/hall-7/${START_MS}-${on.origin.nowMs}`;
    const multivariant = text(await get(`${folder}/index.m3u8`));
    assert.deepEqual(
      multivariant.split('\n').filter((line) => line.endsWith('.m3u8')),
      ['720p.m3u8', '360p.m3u8', 'audio.m3u8'],
    );
    assert.match(multivariant, /RESOLUTION=1280x720,FRAME-RATE=25\.000/);
    const mpd = readXml(text(await get(`${folder}/manifest.mpd`)));
    assert.equal(mpd.attributes['type'], 'static');
    const periods = descendants(mpd, 'Period');
    assert.equal(periods.length, 2);
    for (const rendition of RENDITIONS) {
      const named: string[] = [];
      for (const period of periods) {
        const template = descendants(
          descendants(period, 'Representation').find(({ attributes }) => attributes['id'] === rendition) ??
            period,
          'SegmentTemplate',
        )[0];
        let number = Number(template?.attributes['startNumber']);
        for (const { attributes } of descendants(template ?? period, 'S')) {
          for (let i = 0; i <= Number(attributes['r'] ?? 0); i += 1) {
            named.push((template?.attributes['media'] ?? '').replace('$Number$', String(number++)));
          }
        }
      }
      assert.deepEqual(named, uris(text(await get(`${folder}/${rendition}.m3u8`))));
    }
    const totalS = Number(/^PT([\d.]+)S$/.exec(mpd.attributes['mediaPresentationDuration'] ?? '')?.[1]);
    const playlist = text(await get(`${folder}/720p.m3u8`));
    const sumS = [...playlist.matchAll(/#EXTINF:([\d.]+),/g)].reduce((sum, [, s]) => sum + Number(s), 0);
    assert.ok(Math.abs(totalS - sumS) < 0.1, `${totalS} ${sumS}`);
  });

  it('while the store is down, the class on air can be watched from its start', async () => {
    teach(1600 * 10);
    await on.archive.settled();
    store.isDown = true;
    on.origin.run(1600 * 30);
    await waitFor('all on the local disk', () => on.index.unlistedCount >= 3 * 29);
    const playlist = text(await get(`/live/hall-7/audio.m3u8?start=${START_MS}`));
    assert.equal(numbers(playlist)[0], START_NUMBER, playlist);
    const late = `/media/hall-7/audio/${START_NUMBER + 15}.m4s`;
    assert.equal((await get(late)).status, 200);
    const old = await get('/replay/hall-7/1000-2000/index.m3u8');
    assert.equal(old.status, 503);
    assert.equal(code(old), 'store-unavailable');
  });

  describe('hostile requests are answered with a clear error', () => {
    const table = [
      { path: '/replay/hall-7/2000-1000/index.m3u8', status: 400, want: 'bad-replay-range' },
      { path: '/replay/hall-7/1000-1000/index.m3u8', status: 400, want: 'bad-replay-range' },
      { path: '/replay/hall-7/-5-1000/index.m3u8', status: 400, want: 'bad-replay-range' },
      { path: '/replay/hall-7/now-then/index.m3u8', status: 400, want: 'bad-replay-range' },
      { path: '/replay/hall-7/1e3-2e3/index.m3u8', status: 400, want: 'bad-replay-range' },
      { path: '/replay/hall-7/0-31536000000/index.m3u8', status: 400, want: 'range-too-long' },
      { path: '/replay/hall-7/1000-2000/index.m3u8', status: 404, want: 'nothing-recorded' },
      { path: '/replay/hall-9/1000-2000/index.m3u8', status: 404, want: 'unknown-channel' },
      { path: '/replay/..%2fhall-7/1000-2000/index.m3u8', status: 404, want: 'not-found' },
      { path: '/replay/hall-7/1000-2000/../../x', status: 404, want: 'not-found' },
      { path: '/replay/hall-7/1000-2000/x.mp4', status: 404, want: 'not-found' },
      { path: '/replay/hall-7', status: 404, want: 'not-found' },
      { path: '/live/hall-7/index.m3u8?start=-1', status: 400, want: 'bad-start' },
      { path: '/live/hall-7/index.m3u8?start=', status: 400, want: 'bad-start' },
      { path: '/live/hall-7/720p.m3u8?start=0x10', status: 400, want: 'bad-start' },
      { path: '/live/hall-7/9999p.m3u8?start=1000', status: 404, want: 'unknown-rendition' },
      { path: '/media/hall-7/720p/5.m4s', status: 404, want: 'no-such-media' },
      { path: '/media/hall-7/nope/5.m4s', status: 404, want: 'no-such-media' },
      { path: '/media/hall-7/720p/init-0123456789ab.mp4', status: 404, want: 'no-such-media' },
      { path: `/media/hall-7/720p/${START_NUMBER}.0.m4s`, status: 404, want: 'no-such-media' },
    ];
    for (const { path, status, want } of table) {
      it(`${path}: ${want}`, async () => {
        teach(1600 * 3);
        on.origin.run(1600 * 30);
        const answer = await get(path);
        assert.equal(answer.status, status);
        assert.equal(code(answer), want);
      });
    }
  });
});
