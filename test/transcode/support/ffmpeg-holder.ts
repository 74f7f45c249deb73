import { PassThrough } from 'node:stream';
import { soundArguments } from '../../../transcode/ffmpeg/ffmpeg-arguments.ts';
import { runFfmpeg } from '../../../transcode/ffmpeg/run-ffmpeg.ts';

/** A process that holds one ffmpeg, for the test to kill. Writes ffmpeg's process id to standard output. */
const input = new PassThrough();
const running = await runFfmpeg(process.env['FFMPEG_PATH'] ?? 'ffmpeg', soundArguments(96, 0), input, {
  onData: () => {},
  onLine: () => {},
  onExit: () => {},
});
const ask = setInterval(() => {
  const pid = running.pid();
  if (pid === null) return;
  process.stdout.write(`${pid}\n`);
  clearInterval(ask);
}, 20);
// Keeps the process, and with it ffmpeg's input, alive.
setInterval(() => {}, 60_000);
