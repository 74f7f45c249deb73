import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { drawBars } from '../publish/barcode.ts';

const FFMPEG = process.env['FFMPEG_PATH'] || 'ffmpeg';
const WIDTH_PX = 1280;
const HEIGHT_PX = 720;
/** Length of a picture, milliseconds. */
export const FRAME_MS = 40;
/** So long that pictures and AAC frames both come out even: 1,584 pictures and 2,970 frames of sound. */
export const CLIP_MS = 63_360;
/** Pictures of a clip. */
export const PICTURES = CLIP_MS / FRAME_MS;
/** AAC frames of a clip: 1024 samples each, at 48 kHz. */
export const AAC_FRAMES = (CLIP_MS * 48) / 1024;

/**
 * Encodes a clip whose every picture carries its time within the clip, in milliseconds, as a barcode.
 *
 * @param inputs arguments of ffmpeg for each input; the last one has the sound
 * @param graph filter of the pictures, to 1280×720
 * @param file FLV that is written
 * @throws {Error} where ffmpeg fails
 */
export async function stampClip(
  inputs: readonly (readonly string[])[],
  graph: string,
  file: string,
): Promise<void> {
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error'];
  // Half a second more than is sent: encoders hold some back, and begin with silence.
  const seconds = String(CLIP_MS / 1000 + 0.5);
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p'];
  const reader = spawn(
    FFMPEG,
    [
      ...quiet,
      ...inputs.flat(),
      '-filter_complex',
      `${graph},fps=25`,
      '-t',
      seconds,
      ...raw,
      '-an',
      'pipe:1',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const size = ['-video_size', `${WIDTH_PX}x${HEIGHT_PX}`, '-framerate', '25'];
  const picture = ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-b:v', '2500k'];
  const rate = ['-maxrate', '3000k', '-bufsize', '1500k', '-g', '50', '-bf', '0', '-sc_threshold', '0'];
  const sound = ['-c:a', 'aac', '-b:a', '96k', '-ar', '48000', '-ac', '2'];
  const writer = spawn(
    FFMPEG,
    [
      ...[...quiet, ...raw, ...size, '-i', 'pipe:3', ...(inputs.at(-1) ?? [])],
      ...['-map', '0:v', '-map', '1:a', '-t', seconds, ...picture, ...rate, ...sound],
      ...['-f', 'flv', '-flvflags', 'no_duration_filesize', '-y', file],
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
  );
  const ended = once(writer, 'close');
  const out = writer.stdio[3] as Writable;
  out.on('error', () => {});
  const bytes = (WIDTH_PX * HEIGHT_PX * 3) / 2;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let index = 0;
  for await (const piece of reader.stdout as AsyncIterable<Buffer>) {
    pending.push(piece);
    pendingBytes += piece.length;
    if (pendingBytes < bytes) continue;
    let whole = Buffer.concat(pending);
    for (; whole.length >= bytes; index += 1) {
      const one = whole.subarray(0, bytes);
      drawBars(one.subarray(0, WIDTH_PX * HEIGHT_PX), WIDTH_PX, HEIGHT_PX, index * FRAME_MS);
      await new Promise((resolve) => out.write(one, resolve));
      whole = whole.subarray(bytes);
    }
    pending = [whole];
    pendingBytes = whole.length;
  }
  out.end();
  const [status] = (await ended) as [number | null];
  if (status !== 0 || index < PICTURES)
    throw new Error(`${file}: ffmpeg ended with ${status} after ${index} pictures`);
}
