import assert from 'node:assert/strict';
import { displaySize } from '../../../media/codec/picture-format.ts';
import { pictureSize } from '../../../media/codec/picture-size.ts';
import { whyNotPlayed } from '../../../media/codec/why-not-played.ts';
import { encodeH264 } from '../support/h264-clip.ts';

const one = (filter: string, ...args: string[]): Buffer =>
  encodeH264('320x240', 1, 1, ['-preset', 'ultrafast', ...args], filter).record;

describe('the shape of pictures', () => {
  const sizes: {
    name: string;
    widthPx: number;
    heightPx: number;
    sar: [number, number] | null;
    want: [number, number];
  }[] = [
    { name: 'square', widthPx: 1280, heightPx: 720, sar: [1, 1], want: [1280, 720] },
    { name: 'not said', widthPx: 1280, heightPx: 720, sar: null, want: [1280, 720] },
    { name: 'wide: PAL at 16:9', widthPx: 720, heightPx: 576, sar: [64, 45], want: [1024, 576] },
    { name: 'wide: 1440 × 1080', widthPx: 1440, heightPx: 1080, sar: [4, 3], want: [1920, 1080] },
    { name: 'high: NTSC at 4:3', widthPx: 720, heightPx: 480, sar: [10, 11], want: [720, 528] },
    { name: 'a phone held upright', widthPx: 480, heightPx: 720, sar: [3, 4], want: [480, 960] },
    { name: 'a ratio that no camera has', widthPx: 640, heightPx: 360, sar: [1000, 1], want: [640, 360] },
  ];
  for (const { name, widthPx, heightPx, sar, want } of sizes) {
    it(`${name}: ${want.join(' × ')}`, () => {
      const aspect = sar === null ? null : { horizontal: sar[0], vertical: sar[1] };
      const shown = displaySize({ widthPx, heightPx }, aspect);
      assert.deepEqual([shown.widthPx, shown.heightPx], want);
    });
  }

  it('is read out of the parameter sets', () => {
    assert.deepEqual(pictureSize('h264', one('setsar=4/3')), {
      ...{ widthPx: 320, heightPx: 240 },
      pixelAspect: { horizontal: 4, vertical: 3 },
    });
    assert.equal(pictureSize('h264', Buffer.alloc(3)), null);
  });

  const played: { name: string; filter?: string; args?: string[]; want: string | null }[] = [
    { name: 'what phones send', args: ['-profile:v', 'baseline'], want: null },
    { name: 'monochrome', filter: 'format=gray', args: ['-pix_fmt', 'gray'], want: null },
    { name: 'full range', filter: 'scale=out_range=pc', want: null },
    { name: 'interlaced', args: ['-flags', '+ilme+ildct', '-x264-params', 'tff=1'], want: 'interlaced' },
    { name: 'ten bits', filter: 'format=yuv420p10le', args: ['-pix_fmt', 'yuv420p10le'], want: '10 bits' },
    { name: 'HLG', args: ['-x264-params', 'transfer=arib-std-b67'], want: 'HDR' },
    { name: 'PQ', args: ['-x264-params', 'transfer=smpte2084'], want: 'HDR' },
    { name: 'BT.2020 of standard range', args: ['-x264-params', 'colorprim=bt2020'], want: null },
    { name: '4:2:2', filter: 'format=yuv422p', args: ['-pix_fmt', 'yuv422p'], want: '4:2:2' },
    { name: '4:4:4', filter: 'format=yuv444p', args: ['-pix_fmt', 'yuv444p'], want: '4:4:4' },
  ];
  for (const { name, filter = 'null', args = [], want } of played) {
    it(`${name}: ${want ?? 'browsers show it'}`, () => {
      assert.equal(whyNotPlayed('h264', one(filter, ...args)), want);
    });
  }
});
