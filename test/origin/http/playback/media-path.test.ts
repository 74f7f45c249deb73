import assert from 'node:assert/strict';
import { parseMediaPath } from '../../../../origin/http/playback/media-path.ts';

describe('a playback path', () => {
  const hash = '0123456789ab';
  const known = {
    '/live/hall-7/index.m3u8': { kind: 'multivariant', channel: 'hall-7' },
    '/live/hall-7/360p.m3u8': { kind: 'playlist', channel: 'hall-7', rendition: '360p' },
    '/media/hall-7/360p/17.m4s': { kind: 'segment', channel: 'hall-7', rendition: '360p', number: 17 },
    '/media/hall-7/360p/17.3.m4s': {
      ...{ kind: 'part', channel: 'hall-7', rendition: '360p', number: 17, part: 3 },
    },
    [`/media/hall-7/360p/init-${hash}.mp4`]: { kind: 'init', channel: 'hall-7', rendition: '360p', hash },
  };
  for (const [path, want] of Object.entries(known)) {
    it(`${path} is read`, () => assert.deepEqual(parseMediaPath(path), want));
  }

  // Each would be part of a key in the store.
  const renditions = ['ABC', '..', 'a.b', '720p%20', '%2e%2e', 'a_b', 'a'.repeat(33)];
  const files = [`init-${hash}.mp4`, '17.m4s', '17.0.m4s'];
  for (const path of [
    ...renditions.flatMap((rendition) => files.map((file) => `/media/hall-7/${rendition}/${file}`)),
    ...['/media/HALL/360p/17.m4s', '/media/hall-7/360p/017.m4s', '/media/hall-7/360p/17.m4s/..'],
    ...['/media/hall-7/360p/init-0123.mp4', '/live/hall-7/360p.m3u8/x', '/media/hall-7/360p/-1.m4s'],
  ]) {
    it(`${path} is none`, () => assert.equal(parseMediaPath(path), null));
  }
});
