/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { nativeFailureOf } from '../../../player/playback/native-video.ts';

describe("a failure of the browser's own player", () => {
  const cases = [
    { name: 'a picture that cannot be decoded', code: 3, isServed: true, want: 'media' },
    { name: 'a playlist that came, and is not read', code: 4, isServed: true, want: 'media' },
    { name: 'a playlist that did not come', code: 4, isServed: false, want: 'network' },
    { name: 'a line that broke', code: 2, isServed: true, want: 'network' },
    { name: 'one without a reason', code: undefined, isServed: true, want: 'network' },
  ];
  for (const { name, code, isServed, want } of cases) {
    it(`is ${want}: ${name}`, async () => {
      const error = code === undefined ? null : ({ code } as MediaError);
      assert.equal(await nativeFailureOf({ error }, '/live/x/index.m3u8', async () => isServed), want);
    });
  }
});
