import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Logger } from '../shared/logger.ts';
import { lectureArguments } from './demo-lecture.ts';

/** The sample teacher. */
export type DemoPublisher = {
  /** Process id of the current ffmpeg; null while none runs. */
  pid(): number | null;
  /** Ends the broadcast; resolves when ffmpeg has ended. */
  stop(): Promise<void>;
};

const RESTART_MS = 1000;
const KILL_AFTER_MS = 2000;

/**
 * Publishes the sample lecture; when ffmpeg ends, for whatever reason, it is started again after a second.
 *
 * @param rtmpUrl where to publish, with its key; its query is never logged
 */
export function startDemoPublisher(options: {
  readonly ffmpegPath: string;
  readonly rtmpUrl: string;
  readonly fontFile: string | null;
  readonly logger: Logger;
}): DemoPublisher {
  const { ffmpegPath, rtmpUrl, fontFile, logger } = options;
  let child: ChildProcess | null = null;
  let again: NodeJS.Timeout | null = null;
  let stopped = false;

  const publish = (): void => {
    again = null;
    const current = spawn(ffmpegPath, lectureArguments(rtmpUrl, fontFile), {
      stdio: ['ignore', 'ignore', 'pipe'],
      // A process group of its own: Ctrl-C reaches only this process, which then stops ffmpeg in order.
      detached: true,
    });
    child = current;
    let said = '';
    current.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500);
    });
    const ended = (how: string): void => {
      if (child !== current) return;
      child = null;
      if (stopped) return;
      // The message of ffmpeg contains the address, and with it the key.
      const reason = said.trim().replaceAll(/\?key=\S*/g, '?key=(redacted)') || how;
      logger.warn({ reason }, 'the sample lecture ended; starting it again');
      again = setTimeout(publish, RESTART_MS);
    };
    current.once('error', (error) => ended(error.message));
    current.once('close', (status, signal) => ended(`ffmpeg ended with ${signal ?? status}`));
  };
  publish();

  return {
    pid: () => child?.pid ?? null,
    stop: async () => {
      stopped = true;
      if (again !== null) clearTimeout(again);
      const current = child;
      if (current === null) return;
      const closed = once(current, 'close');
      current.kill('SIGTERM');
      const late = setTimeout(() => current.kill('SIGKILL'), KILL_AFTER_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

/** Paths of fonts on systems without fontconfig's program. */
const KNOWN_FONTS = [
  '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/dejavu/DejaVuSans.ttf',
  '/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf',
  '/System/Library/Fonts/Helvetica.ttc',
];

/**
 * Finds a font and checks that this ffmpeg can draw text.
 *
 * @returns path of a font file; null where there is none, or where ffmpeg was built without drawtext
 */
export async function findFont(ffmpegPath: string): Promise<string | null> {
  const run = promisify(execFile);
  const filters = await run(ffmpegPath, ['-hide_banner', '-filters']).catch(() => null);
  if (filters === null || !/\bdrawtext\b/.test(filters.stdout)) return null;
  const match = await run('fc-match', ['-f', '%{file}', 'sans']).catch(() => null);
  const candidates = match === null ? KNOWN_FONTS : [match.stdout.trim(), ...KNOWN_FONTS];
  return candidates.find((path) => path !== '' && existsSync(path)) ?? null;
}
