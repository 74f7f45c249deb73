import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setWorkPriority } from '../../shared/process-priority.ts';
import { ArchiveError } from '../archive/archive-error.ts';
import { PICTURE, SHEET } from './storyboard.ts';

/** Pictures that ffmpeg has made. */
export type Drawn = {
  /** JPEG, in order. */
  readonly sheets: readonly Buffer[];
  /** One picture of some size, JPEG. */
  readonly poster: Buffer;
};

/** ffmpeg is killed after this, milliseconds. */
const PATIENCE_MS = 120_000;
const POSTER_WIDTH_PX = 640;
const MAX_SAID = 2000;

/**
 * Renders sheets of small pictures, and a poster, with one ffmpeg that decodes only keyframes, at background priority.
 *
 * @param program ffmpeg
 * @param init the init segment of all chunks
 * @param chunks each begins with a keyframe; iterated one at a time
 * @param posterAt index of the poster's picture, zero-based
 * @param signal kills ffmpeg when it is aborted
 * @throws {ArchiveError} `storyboard-failed` with ffmpeg's last message; what `chunks` throws
 */
export async function renderSheets(
  program: string,
  init: Buffer,
  chunks: AsyncIterable<Buffer>,
  posterAt: number,
  signal: AbortSignal,
): Promise<Drawn> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-storyboard-'));
  try {
    await runFfmpeg(program, folder, init, chunks, posterAt, signal);
    const names = (await readdir(folder)).filter((name) => name.startsWith('sheet-')).toSorted();
    const sheets = await Promise.all(names.map((name) => readFile(join(folder, name))));
    if (sheets.length === 0) throw failed('ffmpeg made no picture');
    return { sheets, poster: await readFile(join(folder, 'poster.jpg')) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runFfmpeg(
  program: string,
  folder: string,
  init: Buffer,
  chunks: AsyncIterable<Buffer>,
  posterAt: number,
  signal: AbortSignal,
): Promise<void> {
  const { widthPx, heightPx } = PICTURE;
  const fit = `scale=${widthPx}:${heightPx}:force_original_aspect_ratio=decrease`;
  const small = `${fit},pad=${widthPx}:${heightPx}:(ow-iw)/2:(oh-ih)/2,tile=${SHEET.columns}x${SHEET.rows}`;
  const poster = `select=eq(n\\,${posterAt}),scale=${POSTER_WIDTH_PX}:-2`;
  const output = ['-fps_mode', 'passthrough', '-q:v', '5', '-f', 'image2'];
  const child = spawn(
    program,
    [
      ...['-hide_banner', '-loglevel', 'error', '-y'],
      ...['-skip_frame', 'nokey', '-f', 'mp4', '-i', 'pipe:0'],
      ...['-filter_complex', `[0:v]split[a][b];[a]${small}[sheets];[b]${poster}[poster]`],
      ...['-map', '[sheets]', ...output, join(folder, 'sheet-%03d.jpg')],
      ...['-map', '[poster]', ...output, '-frames:v', '1', '-update', '1', join(folder, 'poster.jpg')],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'], timeout: PATIENCE_MS, killSignal: 'SIGKILL', signal },
  );
  // Storyboards must not slow down live transcoding.
  if (child.pid !== undefined) setWorkPriority(child.pid, 'background');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID);
  });
  const closed = once(child, 'close').catch((error: unknown) => {
    throw failed(`${program} cannot be run`, error);
  });
  // Awaited below; it may be rejected before that.
  closed.catch(() => {});
  child.stdin.on('error', () => {
    // ffmpeg ended before it had read all input: 'close' has its status.
  });
  try {
    for await (const bytes of withFirst(init, chunks)) {
      if (child.exitCode !== null || child.stdin.destroyed) break;
      if (!child.stdin.write(bytes)) await Promise.race([once(child.stdin, 'drain'), closed]);
    }
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  child.stdin.end();
  const [status] = await closed;
  if (status !== 0) throw failed(`ffmpeg ended with ${String(status)}: ${said.trim()}`);
}

async function* withFirst(
  first: Buffer,
  rest: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  yield* rest;
}

function failed(message: string, cause?: unknown): ArchiveError {
  return new ArchiveError(`storyboard: ${message}`, { code: 'storyboard-failed', cause });
}
