import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HevcStream } from '../../media/codec/hevc-stream.ts';
import type { VideoCodec } from '../../media/codec/video-codec.ts';
import { encodeSource, ffmpeg, RATE, type Source, sourceOf } from './support/encoded-source.ts';

let folder = '';
const encode = (source: Source, widthPx: number, heightPx: number) =>
  encodeSource(source, widthPx, heightPx, folder);

/** Brightness in the middle of the first picture of a file, as it is coded. */
function luma(file: string, widthPx: number, heightPx: number): number {
  const raw = ['-frames:v', '1', '-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1'];
  const { out } = ffmpeg(['-v', 'error', '-i', file, ...raw]);
  return out[Math.floor(heightPx / 2) * widthPx + Math.floor(widthPx / 2)] ?? 0;
}

describe('what publishers send, as ffmpeg gets it', () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lectern-kinds-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25'];
  const X265 = [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-tag:v',
    'hvc1',
    '-x265-params',
    'log-level=error',
  ];
  const MOVES = `testsrc2=s=320x240:r=${RATE}:d=1`;
  const kinds: { name: string; codec: VideoCodec; graph?: string; args: readonly string[] }[] = [
    { name: 'H.264', codec: 'h264', args: [...X264, '-pix_fmt', 'yuv420p', '-tune', 'zerolatency'] },
    {
      name: 'H.264 with B-frames in a pyramid',
      codec: 'h264',
      args: [...X264, '-pix_fmt', 'yuv420p', '-bf', '3', '-b-pyramid', 'normal'],
    },
    { name: 'H.264 of 10 bits and 4:4:4', codec: 'h264', args: [...X264, '-pix_fmt', 'yuv444p10le'] },
    { name: 'H.264 of 4:2:2', codec: 'h264', args: [...X264, '-pix_fmt', 'yuv422p'] },
    { name: 'monochrome H.264', codec: 'h264', args: [...X264, '-pix_fmt', 'gray'] },
    { name: 'H.265 with B-frames', codec: 'hevc', args: [...X265, '-pix_fmt', 'yuv420p'] },
    { name: 'H.265 of 10 bits', codec: 'hevc', args: [...X265, '-pix_fmt', 'yuv420p10le'] },
    {
      name: 'AV1',
      codec: 'av1',
      args: ['-c:v', 'libsvtav1', '-preset', '12', '-g', '25', '-pix_fmt', 'yuv420p'],
    },
  ];
  for (const { name, codec, graph = MOVES, args } of kinds) {
    it(`${name}: every picture comes out at its time, 8 bits of 4:2:0`, () => {
      const source = sourceOf(codec, graph, args);
      assert.equal(source.pictures.length, RATE);
      const { timesMs, output, said } = encode(source, 192, 144);
      const shownMs = source.pictures.map(({ timeMs, compositionOffsetMs }) => timeMs + compositionOffsetMs);
      const firstMs = Math.min(...shownMs);
      assert.equal(firstMs % 40, 0);
      assert.deepEqual(
        timesMs.slice(-RATE),
        shownMs.toSorted((a, b) => a - b),
      );
      assert.match(ffmpeg(['-i', output, '-f', 'null', '-']).said, /h264 \(High\), yuv420p.* 192x144/);
      assert.doesNotMatch(said, /\[error\]/);
    });
  }

  it('full range becomes limited: white is 235 and not 255', () => {
    const white = 'color=white:s=320x240:r=25:d=0.2,scale=out_range=pc,format=yuvj420p';
    const { output } = encode(sourceOf('h264', white, [...X264, '-pix_fmt', 'yuvj420p']), 160, 120);
    assert.ok(Math.abs(luma(output, 160, 120) - 235) <= 2, String(luma(output, 160, 120)));
  });

  it('limited range stays as it is', () => {
    const source = sourceOf('h264', 'color=white:s=320x240:r=25:d=0.2,format=yuv420p', X264);
    const { output } = encode(source, 160, 120);
    assert.ok(Math.abs(luma(output, 160, 120) - 235) <= 2);
  });

  for (const field of ['tff', 'bff']) {
    it(`interlaced (${field}): no combs are left, and no picture is missing`, () => {
      const interleave = field === 'tff' ? 'interleave_top' : 'interleave_bottom';
      const graph =
        'color=gray:s=320x240:r=50:d=2[a];color=white:s=60x160:r=50:d=2[b];' +
        `[a][b]overlay=x='mod(t*200,260)':y=40,tinterlace=${interleave},fieldorder=${field},format=yuv420p`;
      const args = [...X264, '-flags', '+ilme+ildct', '-x264-params', `${field}=1:bframes=0`];
      const source = sourceOf('h264', graph, args);
      const { output, timesMs } = encode(source, 320, 240);
      assert.ok(timesMs.length >= source.pictures.length - 1);
      // A newer ffmpeg says it once for each graph that it set up; the last one has seen the pictures.
      const { said } = ffmpeg(['-i', output, '-vf', 'idet', '-f', 'null', '-']);
      const found = [
        ...said.matchAll(/Multi frame detection: TFF: *(\d+) BFF: *(\d+) Progressive: *(\d+)/g),
      ].at(-1);
      const [top = 0, bottom = 0, whole = 0] = (found ?? []).slice(1).map(Number);
      assert.ok((top + bottom) * 10 < top + bottom + whole, `${top} + ${bottom} of ${whole}`);
    });
  }

  for (const field of ['tff', 'bff']) {
    it(`H.265 of fields (${field}): 50 fields are 25 pictures of the frame's shape, without combs or bars`, () => {
      const interleave = field === 'tff' ? 'interleave_top' : 'interleave_bottom';
      const graph =
        'color=gray:s=320x240:r=50:d=2[a];color=white:s=60x160:r=50:d=2[b];' +
        `[a][b]overlay=x='mod(t*200,260)':y=40,tinterlace=${interleave},fieldorder=${field},separatefields,format=yuv420p`;
      const parameters = `log-level=error:interlace=${field}:keyint=50`;
      const source = sourceOf('hevc', graph, [...X265.slice(0, -1), parameters]);
      const stream = new HevcStream();
      assert.equal(stream.configure(source.config), null);
      const halves = source.pictures.filter(({ data }) => stream.read(data).isSecondField === true);
      assert.deepEqual([source.pictures.length, halves.length], [100, 50]);
      const config = stream.config();
      assert.deepEqual([config?.widthPx, config?.heightPx, config?.frameRate], [320, 240, 25]);
      const { output, timesMs } = encode(source, 320, 240);
      const steps = timesMs.slice(1).map((time, i) => time - (timesMs[i] ?? 0));
      assert.ok(timesMs.length >= 48 && timesMs.length <= 52, String(timesMs.length));
      assert.deepEqual([...new Set(steps)], [40]);
      const { said } = ffmpeg(['-i', output, '-vf', 'idet', '-f', 'null', '-']);
      const found = [...said.matchAll(/Multi frame detection: TFF: *(\d+) BFF: *(\d+) Progressive: *(\d+)/g)];
      const [top = 0, bottom = 0, whole = 0] = (found.at(-1) ?? []).slice(1).map(Number);
      assert.ok((top + bottom) * 10 < top + bottom + whole, `${top} + ${bottom} of ${whole}`);
      const { out } = ffmpeg([
        '-v',
        'error',
        '-i',
        output,
        '-frames:v',
        '1',
        '-pix_fmt',
        'gray',
        '-f',
        'rawvideo',
        'pipe:1',
      ]);
      assert.ok((out[0] ?? 0) > 90 && (out[239 * 320] ?? 0) > 90);
    });
  }

  it('pixels that are not square fill a rung of the true shape, without bars', () => {
    const graph = 'color=white:s=320x240:r=25:d=0.2,format=yuv420p,setsar=4/3';
    const { output } = encode(sourceOf('h264', graph, X264), 256, 144);
    const { out } = ffmpeg([
      '-v',
      'error',
      '-i',
      output,
      '-frames:v',
      '1',
      '-pix_fmt',
      'gray',
      '-f',
      'rawvideo',
      'pipe:1',
    ]);
    assert.ok(out.subarray(0, 256 * 144).every((value) => value > 200));
  });
});
