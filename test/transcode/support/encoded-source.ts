import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFragment } from '../../../media/bmff/fragment-reader.ts';
import { readInitSegment } from '../../../media/bmff/init-reader.ts';
import type { VideoCodec } from '../../../media/codec/video-codec.ts';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import { readVideoPacket } from '../../../media/flv/video-packet.ts';
import { ChunkSplitter } from '../../../origin/packager/cmaf/chunk-splitter.ts';
import { pictureArguments } from '../../../transcode/ffmpeg/ffmpeg-arguments.ts';
import { PictureInput } from '../../../transcode/ffmpeg/picture-input.ts';
import { sourceFormatOf } from '../../../transcode/ffmpeg/source-format.ts';
import { FFMPEG } from './sample-flv.ts';

const START_MS = 60_000;
/** Frames a second of sources that move. */
export const RATE = 25;
const MOVFLAGS = 'cmaf+frag_every_frame+empty_moov+default_base_moof+skip_trailer';

/** A publisher's pictures, as ingest gives them to a worker. */
export type Source = {
  readonly codec: VideoCodec;
  readonly config: Buffer;
  readonly pictures: readonly {
    timeMs: number;
    compositionOffsetMs: number;
    isSync: boolean;
    data: Buffer;
  }[];
};

/** Runs ffmpeg; it has to succeed. */
export function ffmpeg(args: readonly string[]): { readonly out: Buffer; readonly said: string } {
  const { stdout, stderr, status } = spawnSync(FFMPEG, ['-hide_banner', '-nostdin', ...args], {
    maxBuffer: 2 ** 27,
  });
  assert.equal(status, 0, stderr.toString());
  return { out: stdout, said: stderr.toString() };
}

/** Lets ffmpeg make pictures with a filter graph, and cuts them apart as a publisher sends them. */
export function sourceOf(codec: VideoCodec, graph: string, args: readonly string[]): Source {
  const { out } = ffmpeg([
    ...['-v', 'error', '-filter_complex', `${graph}[out]`, '-map', '[out]', ...args],
    ...['-f', 'mp4', '-movflags', MOVFLAGS, 'pipe:1'],
  ]);
  const [head, ...fragments] = new ChunkSplitter().push(out);
  assert.ok(head !== undefined);
  const init = readInitSegment(head.bytes);
  assert.ok(init.entry.kind === 'video');
  const msOf = (ticks: number): number => Math.round((ticks * 1000) / init.timescaleHz);
  return {
    codec,
    config: init.entry.extensions[0]?.subarray(8) ?? Buffer.alloc(0),
    pictures: fragments.flatMap(({ bytes }) =>
      readFragment(bytes, init).map(({ decodeTicks, compositionOffsetTicks, isSync, data }) => ({
        ...{ timeMs: msOf(decodeTicks), compositionOffsetMs: msOf(compositionOffsetTicks), isSync, data },
      })),
    ),
  };
}

/** Encodes a source as one run of a worker does; its files lie in a folder of the test's. */
export function encodeSource(
  { codec, config, pictures }: Source,
  widthPx: number,
  heightPx: number,
  folder: string,
): { readonly output: string; readonly timesMs: readonly number[]; readonly said: string } {
  const input = new PictureInput(codec);
  const file = join(folder, `in.${input.format}`);
  const fragments = pictures.map((picture) => input.picture(picture, START_MS + picture.timeMs));
  writeFileSync(file, Buffer.concat([...input.head(config, START_MS), ...fragments]));
  const rung = { id: 'out', widthPx, heightPx, bitRateKbps: 600, maxRateKbps: 720, bufferKbits: 576 };
  const run = pictureArguments({
    ...{ rungs: [rung], frameRate: RATE, frameStep: 1, preset: 'ultrafast', firstFrameOfSegment: 0 },
    ...{ shiftTicks: -START_MS * 90, input: input.format, format: sourceFormatOf(codec, config) },
  });
  const output = join(folder, 'out.flv');
  const written = run.outputs.flatMap(({ options }) => [...options, '-y', output]);
  const { said } = ffmpeg([...run.inputOptions, '-i', file, ...run.globalOptions, ...written]);
  const { out } = ffmpeg(['-v', 'error', '-i', output, '-c', 'copy', '-f', 'flv', 'pipe:1']);
  const timesMs = new FlvReader().push(out).flatMap(({ kind, timestampMs, data }) => {
    return kind === 'video' && readVideoPacket(data)?.kind === 'frame' ? [timestampMs] : [];
  });
  return { output, timesMs, said };
}
