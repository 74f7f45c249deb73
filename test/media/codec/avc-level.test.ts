import assert from 'node:assert/strict';
import { avcLevel } from '../../../media/codec/avc-level.ts';

describe('level of H.264 (ITU-T H.264 Table A-1)', () => {
  const cases: { picture: [number, number, number, number]; want: string }[] = [
    { picture: [176, 144, 15, 100], want: '1.1' },
    { picture: [640, 360, 25, 600], want: '3.0' },
    { picture: [640, 360, 30, 600], want: '3.0' },
    { picture: [854, 480, 25, 1080], want: '3.0' },
    { picture: [854, 480, 30, 1080], want: '3.1' },
    { picture: [1280, 720, 25, 2640], want: '3.1' },
    { picture: [720, 1280, 30, 2640], want: '3.1' },
    { picture: [1280, 720, 60, 4000], want: '3.2' },
    { picture: [1920, 1080, 30, 6000], want: '4.0' },
    { picture: [1920, 1080, 60, 9000], want: '4.2' },
    { picture: [1280, 720, 25, 30_000], want: '4.2' },
    { picture: [3840, 2160, 30, 20_000], want: '5.1' },
    { picture: [7680, 4320, 60, 20_000], want: '5.2' },
  ];
  for (const { picture, want } of cases) {
    const [widthPx, heightPx, frameRate, maxRateKbps] = picture;
    it(`${widthPx} x ${heightPx}, ${frameRate} fps, ${maxRateKbps} kbit/s: ${want}`, () => {
      assert.equal(avcLevel({ widthPx, heightPx, frameRate, maxRateKbps }), want);
    });
  }
});
