import assert from 'node:assert/strict';
import {
  positionAfter,
  type RepeatableAvc,
  repeatPicture,
  withRepeatPps,
} from '../../../media/codec/avc-repeat.ts';
import { readAvcSliceHeader } from '../../../media/codec/avc-slice-header.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';
import { startChromium } from '../../support/chromium.ts';
import { encodeH264, type H264Picture, mp4Of } from '../support/h264-clip.ts';

/** Shows an MP4 file by Media Source Extensions; the result has a number for what is seen in the middle of each picture. */
const SHOW = (base64: string, count: number) => `(async () => {
  const video = document.createElement('video');
  const source = new MediaSource();
  const event = (target, name) => new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, { once: true });
    video.addEventListener('error', () => reject(new Error(video.error.message)), { once: true });
  });
  video.src = URL.createObjectURL(source);
  await event(source, 'sourceopen');
  const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.64001f"');
  buffer.appendBuffer(Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0)));
  await event(buffer, 'updateend');
  source.endOfStream();
  const canvas = new OffscreenCanvas(160, 90).getContext('2d');
  const seen = [];
  for (let i = 0; i < ${count}; i++) {
    const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    video.currentTime = (i + 0.5) / 25;
    await Promise.all([event(video, 'seeked'), shown]);
    canvas.drawImage(video, 0, 0, 160, 90);
    const { data } = canvas.getImageData(0, 0, 160, 90);
    seen.push(data.reduce((sum, value) => (sum * 31 + value) % 4294967291, 7));
  }
  return seen;
})()`;

function repeatAfter(picture: H264Picture, stream: RepeatableAvc, isReference: boolean): H264Picture {
  const header = readAvcSliceHeader(picture.data, stream.sps, stream.lengthSize);
  assert.ok(!isMalformed(header));
  return {
    data: repeatPicture(stream, positionAfter(header, stream.sps), isReference),
    isSync: false,
  };
}

describe('repeat pictures in Chromium', () => {
  it('show the picture before them, and leave the others as they are', async function () {
    this.timeout(60_000);
    const clip = encodeH264('640x360', 10, 5);
    const stream = withRepeatPps(clip.record);
    assert.ok(!isMalformed(stream));
    // Half the frame rate, then a picture that stands until the next IDR picture, which is shown with those behind it.
    const pictures: H264Picture[] = [];
    for (const picture of clip.pictures.slice(0, 3))
      pictures.push(picture, repeatAfter(picture, stream, false));
    for (let n = 0; n < 4; n++) pictures.push(repeatAfter(pictures.at(-1) ?? assert.fail(), stream, true));
    pictures.push(...clip.pictures.slice(5));
    const browser = await startChromium();
    try {
      const page = await browser.context.newPage();
      const shown = (config: Buffer, list: readonly H264Picture[]) =>
        page.evaluate<number[]>(SHOW(mp4Of(clip, config, list).toString('base64'), list.length));
      const own = await shown(clip.record, clip.pictures);
      assert.equal(new Set(own).size, 10, 'every picture of the clip is another one');
      const seen = await shown(stream.decoderConfig, pictures);
      assert.deepEqual(
        seen.map((sum) => own.indexOf(sum)),
        [0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 5, 6, 7, 8, 9],
      );
    } finally {
      await browser.stop();
    }
  });
});
