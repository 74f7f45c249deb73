import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import { raisePriority } from '../../cli/priority.ts';
import { silentLogger } from '../../shared/logger.ts';
import { programOptions, tell } from '../start/program.ts';
import { drawBars } from './barcode.ts';
import { BEEP_SAMPLE_RATE_HZ, beeps } from './beeps.ts';
import { testPictures } from './test-picture.ts';
import type { WallClockOptions } from './wall-clock.ts';

/** Sound is handed over so long before its time: ffmpeg's muxer holds a picture back until it has the sound beside it. */
const SOUND_AHEAD_MS = 60;

// She has a machine of her own: a browser that starts beside her must not hold up her camera.
raisePriority(silentLogger, 'sound');

const options = programOptions() as WallClockOptions;
const { fps, widthPx, heightPx } = options;
const pictures = testPictures(widthPx, heightPx);
const white = Buffer.alloc((widthPx * heightPx * 3) / 2, 128).fill(235, 0, widthPx * heightPx);

const flv = 'f=flv:flvflags=no_duration_filesize';
const output =
  options.recordTo === undefined
    ? ['-flush_packets', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', options.url]
    : [
        '-flush_packets',
        '1',
        '-map',
        '0:v',
        '-map',
        '1:a',
        '-f',
        'tee',
        `[${flv}]${options.url}|[${flv}]${options.recordTo}`,
      ];
const ffmpeg = spawn(
  process.env['FFMPEG_PATH'] || 'ffmpeg',
  [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...['-f', 'rawvideo', '-pixel_format', 'yuv420p', '-video_size', `${widthPx}x${heightPx}`],
    ...['-framerate', String(fps), '-i', 'pipe:3'],
    // There is nothing to find out: without this ffmpeg waits for a second of sound before it begins.
    ...[
      '-probesize',
      '32',
      '-analyzeduration',
      '0',
      '-f',
      's16le',
      '-ar',
      String(BEEP_SAMPLE_RATE_HZ),
      '-ac',
      '1',
      '-i',
      'pipe:4',
    ],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1', '-bf', '0'],
    ...[
      '-b:v',
      '2500k',
      '-maxrate',
      '3000k',
      '-bufsize',
      '1500k',
      '-g',
      String(fps * 2),
      '-sc_threshold',
      '0',
    ],
    ...['-c:a', 'aac', '-b:a', '96k', '-flags', '+global_header'],
    ...output,
  ],
  { stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'] },
);
const [, , , videoPipe, audioPipe] = ffmpeg.stdio as [null, null, null, Writable, Writable];
for (const pipe of [videoPipe, audioPipe]) pipe.on('error', () => {});
ffmpeg.once('close', (status, signal) => {
  tell({ kind: 'ended', how: String(signal ?? status) });
  process.exit(0);
});
process.once('SIGTERM', () => {
  // The end of its input lets ffmpeg leave RTMP in order.
  videoPipe.end();
  audioPipe.end();
  setTimeout(() => ffmpeg.kill('SIGKILL'), 3000).unref();
});
process.once('exit', () => ffmpeg.kill('SIGKILL'));

// Frame 0 and sample 0 are at a full second of the wall clock.
const startMs = Math.ceil((Date.now() + 200) / 1000) * 1000;
let soundSamples = 0;
let stamps: number[] = [];
tell({ kind: 'started', startMs, ffmpegPid: ffmpeg.pid ?? -1 });

for (let index = 0; !videoPipe.writableEnded; index += 1) {
  const dueMs = startMs + (index * 1000) / fps;
  const waitMs = dueMs - Date.now();
  if (waitMs > 0) await after(waitMs);
  const soundDue = Math.floor(((dueMs + 1000 / fps + SOUND_AHEAD_MS - startMs) * BEEP_SAMPLE_RATE_HZ) / 1000);
  if (audioPipe.writable) audioPipe.write(beeps(soundSamples, soundDue - soundSamples));
  soundSamples = soundDue;
  const isFlash = options.flash === true && index % fps === 0;
  const picture = isFlash ? white : (pictures[index % pictures.length] ?? white);
  const stampMs = Date.now();
  drawBars(picture, widthPx, heightPx, stampMs);
  if (!videoPipe.writable) break;
  // What is written is read by the kernel in turns; the next picture of the ring must not change it meanwhile.
  await new Promise((resolve) => videoPipe.write(picture, resolve));
  stamps.push(stampMs);
  if (stamps.length >= fps) {
    tell({ kind: 'stamps', first: index + 1 - stamps.length, stamps });
    stamps = [];
  }
}
