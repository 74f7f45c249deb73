import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VideoCodec } from '../../media/codec/video-codec.ts';
import { encodeSource, ffmpeg, sourceOf } from './support/encoded-source.ts';

/** Linear light of red, green and blue in one set of primaries, cd/m². */
type Light = readonly [red: number, green: number, blue: number];
/** Samples of 10 bits. */
type Samples = readonly [luma: number, blue: number, red: number];

/** PQ (ITU-R BT.2100 table 4), inverse EOTF. */
function pq(nits: number): number {
  const power = (nits / 10_000) ** (2610 / 16_384);
  return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** (2523 / 32);
}

/** HLG (ITU-R BT.2100 table 5) of a grey of so many cd/m² on a screen of 1,000 cd/m². */
function hlg(nits: number): number {
  const scene = (nits / 1000) ** (1 / 1.2);
  return scene <= 1 / 12 ? Math.sqrt(3 * scene) : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;
}

/** ITU-R BT.2087: BT.709 in the primaries of BT.2020. */
function toBt2020([red, green, blue]: Light): Light {
  return [
    0.6274 * red + 0.3293 * green + 0.0433 * blue,
    0.0691 * red + 0.9195 * green + 0.0114 * blue,
    0.0164 * red + 0.088 * green + 0.8956 * blue,
  ];
}

/** Y′CbCr of BT.2020, limited range. */
function samplesOf(light: Light, curve: (nits: number) => number): Samples {
  const [red = 0, green = 0, blue = 0] = toBt2020(light).map(curve);
  const luma = 0.2627 * red + 0.678 * green + 0.0593 * blue;
  return [
    Math.round(64 + 876 * luma),
    Math.round(512 + (896 * (blue - luma)) / 1.8814),
    Math.round(512 + (896 * (red - luma)) / 1.4746),
  ];
}

/** What a screen of standard range is to be given, 8 bits of full range. Below half of white nothing is bent. */
function shown(nits: number): number {
  return 255 * (nits / 203) ** (1 / 2.4);
}

const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-pix_fmt', 'yuv420p10le'];
const FLAGS = { pq: 'smpte2084', hlg: 'arib-std-b67' } as const;
const bt2020 = (transfer: string) => `colorprim=bt2020:transfer=${transfer}:colormatrix=bt2020nc`;
const hevc = (transfer: string) => [...X265, '-x265-params', `log-level=error:${bt2020(transfer)}`];

/** Pictures of one colour. */
function plain([luma, blue, red]: Samples): string {
  return `color=black:s=64x64:r=25:d=0.12,format=yuv420p10le,geq=lum=${luma}:cb=${blue}:cr=${red}`;
}

describe('colours of high dynamic range, as the ladder shows them', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lectern-colours-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The middle of the first picture of the ladder, 8 bits of full range, and what ffmpeg says of its pictures. */
  const through = (codec: VideoCodec, graph: string, args: readonly string[]) => {
    const { output } = encodeSource(sourceOf(codec, graph, args), 64, 64, folder);
    const { out } = ffmpeg(['-v', 'error', '-i', output, ...RAW_RGB]);
    const at = (32 * 64 + 32) * 3;
    return { rgb: [...out.subarray(at, at + 3)], said: ffmpeg(['-i', output, '-f', 'null', '-']).said };
  };
  const RAW_RGB = ['-frames:v', '1', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'];
  const isNear = (got: readonly number[], want: readonly number[], within: number) =>
    assert.ok(
      got.every((value, i) => Math.abs(value - (want[i] ?? 0)) <= within),
      `${got.join()}, want ${want.map(Math.round).join()}`,
    );

  for (const [name, curve] of [
    ['pq', pq],
    ['hlg', hlg],
  ] as const) {
    for (const nits of [5, 60]) {
      it(`${name}: a grey of ${nits} cd/m² is as bright as on a screen of its own`, () => {
        const { rgb, said } = through('hevc', plain(samplesOf([nits, nits, nits], curve)), hevc(FLAGS[name]));
        isNear(rgb, [shown(nits), shown(nits), shown(nits)], 5);
        assert.match(said, /yuv420p\(tv, bt709/);
      });
    }

    it(`${name}: white is bright, and a light of 1,000 cd/m² is brighter`, () => {
      const at = (nits: number) =>
        through('hevc', plain(samplesOf([nits, nits, nits], curve)), hevc(FLAGS[name])).rgb[0] ?? 0;
      const [white, light] = [at(203), at(995)];
      assert.ok(white > 215 && white < 245, String(white));
      assert.ok(light > white + 8 && light >= 250, `${light} beside ${white}`);
    });

    it(`${name}: a red of BT.709 is the same red`, () => {
      const { rgb } = through('hevc', plain(samplesOf([90, 3, 3], curve)), hevc(FLAGS[name]));
      isNear(rgb, [shown(90), shown(3), shown(3)], 14);
    });
  }

  const GREY = plain(samplesOf([60, 60, 60], hlg));
  const HLG_FRAMES = 'setparams=color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc';
  const others: { name: string; codec: VideoCodec; graph?: string; args: readonly string[] }[] = [
    {
      name: 'H.264 of 10 bits',
      codec: 'h264',
      args: [
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le'],
        ...['-x264-params', bt2020('arib-std-b67')],
      ],
    },
    {
      name: 'H.265 that names its transfer characteristics alone',
      codec: 'hevc',
      args: [...X265, '-x265-params', 'log-level=error:transfer=arib-std-b67'],
    },
    {
      name: 'AV1',
      codec: 'av1',
      // A newer ffmpeg encodes what the frames say, not what the encoder's options do.
      graph: `${GREY},${HLG_FRAMES}`,
      args: ['-c:v', 'libsvtav1', '-preset', '12', '-pix_fmt', 'yuv420p10le'],
    },
  ];
  for (const { name, codec, graph = GREY, args } of others) {
    it(`HLG in ${name}`, () => isNear(through(codec, graph, args).rgb, [shown(60), shown(60), shown(60)], 6));
  }

  it('BT.2020 of standard range: grey stays as it is, and red is the same red', () => {
    const gamma = (nits: number) => (nits / 203) ** (1 / 2.4);
    const wide = hevc('bt2020-10');
    isNear(
      through('hevc', plain(samplesOf([60, 60, 60], gamma)), wide).rgb,
      [shown(60), shown(60), shown(60)],
      4,
    );
    isNear(
      through('hevc', plain(samplesOf([90, 9, 9], gamma)), wide).rgb,
      [shown(90), shown(9), shown(9)],
      8,
    );
  });

  it('10 bits that say nothing of colours stay as they are', () => {
    const args = [...X265, '-x265-params', 'log-level=error'];
    const { rgb } = through('hevc', plain([502, 512, 512]), args);
    isNear(rgb, [128, 128, 128], 2);
  });
});
