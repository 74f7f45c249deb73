import assert from 'node:assert/strict';
import { requestKind } from '../../../../origin/http/admission/entry-point.ts';

describe('what a request asks for', () => {
  for (const [url, want] of [
    ['/live/hall-7/index.m3u8', 'watch'],
    ['/t/eyJh.eyJz.c2ln/live/hall-7/index.m3u8', 'watch'],
    ['/live/hall-7/index.m3u8?start=1700000000000', 'watch'],
    ['/replay/hall-7/1-2/index.m3u8', 'watch'],
    ['/live/hall-7/manifest.mpd', 'manifest'],
    ['/live/hall-7/720p.m3u8?_HLS_msn=7&_HLS_part=1', 'playing'],
    ['/media/hall-7/720p/7.1.m4s', 'playing'],
    ['/media/hall-7/720p/init-0123456789ab.mp4', 'playing'],
    ['/replay/hall-7/1-2/720p.m3u8', 'playing'],
    ['/', 'page'],
    ['/watch/hall-7', 'page'],
    ['/library', 'page'],
    ['/api/channels', 'list'],
    ['/api/broadcasts?q=fractions', 'list'],
    ['/teach/hall-7', 'other'],
    ['/assets/watch-1a2b.js', 'other'],
    ['/api/channels/hall-7', 'other'],
    ['/api/time', 'other'],
    ['/healthz', 'other'],
    ['/ingest/hall-7/live.b1/720p', 'other'],
  ] as const) {
    it(`${url}: ${want}`, () => assert.equal(requestKind(url), want));
  }
});
