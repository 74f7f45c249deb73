import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TranscodeError } from '../transcode-error.ts';

const run = promisify(execFile);

/** The ffmpeg that was found. */
export type FoundFfmpeg = {
  /** As configured: a path, or a name on the PATH. */
  readonly program: string;
  /** As ffmpeg writes it: `5.1.9-0+deb12u1`. */
  readonly version: string;
};

const HOW_TO_GET =
  'install ffmpeg 5.1 or newer with libx264 (Debian, Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg), ' +
  'or set FFMPEG_PATH to one';

/**
 * Checks ffmpeg once, at the start: that it exists, runs, is new enough and has the encoders and formats that a ladder needs.
 *
 * @param program path, or a name to look up on the PATH
 * @throws {TranscodeError} `ffmpeg-missing`, `ffmpeg-broken`, `ffmpeg-too-old`, or `ffmpeg-incomplete`; each names the
 *   program, what was found, and how to install a suitable one
 */
export async function detectFfmpeg(program: string): Promise<FoundFfmpeg> {
  const version = readVersion(await ask(program, '-version'));
  if (version === null) {
    throw new TranscodeError(`${program} does not print its version, so it is not ffmpeg; ${HOW_TO_GET}`, {
      code: 'ffmpeg-broken',
    });
  }
  if (!isAtLeast(version, 5, 1)) {
    throw new TranscodeError(`${program} is ffmpeg ${version}, want 5.1 or newer; ${HOW_TO_GET}`, {
      code: 'ffmpeg-too-old',
    });
  }
  const [encoders, demuxers] = await Promise.all([ask(program, '-encoders'), ask(program, '-demuxers')]);
  const missing = [
    ...['libx264', 'aac'].filter((name) => !lists(encoders, name)).map((name) => `encoder ${name}`),
    ...['flv', 'mov', 'rawvideo'].filter((name) => !lists(demuxers, name)).map((name) => `demuxer ${name}`),
  ];
  if (missing.length > 0) {
    throw new TranscodeError(`${program} (${version}) lacks ${missing.join(', ')}; ${HOW_TO_GET}`, {
      code: 'ffmpeg-incomplete',
    });
  }
  return { program, version };
}

async function ask(program: string, option: string): Promise<string> {
  try {
    const { stdout } = await run(program, ['-hide_banner', option], { timeout: 10_000, maxBuffer: 4 << 20 });
    return stdout;
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new TranscodeError(
      missing
        ? `${program} was not found; ${HOW_TO_GET}`
        : `${program} ${option} failed, so it cannot be used; ${HOW_TO_GET}`,
      { code: missing ? 'ffmpeg-missing' : 'ffmpeg-broken', cause },
    );
  }
}

/**
 * Reads the version out of what `ffmpeg -version` writes. Pure.
 *
 * @returns null where there is none
 */
export function readVersion(text: string): string | null {
  return /^ffmpeg version (\S+)/m.exec(text)?.[1] ?? null;
}

function lists(table: string, name: string): boolean {
  return table.split('\n').some((line) => line.trim().split(/\s+/)[1]?.split(',').includes(name) === true);
}

/** A build from git (`N-109542-g…`) has no version number; it counts as newer than any required version. */
function isAtLeast(version: string, major: number, minor: number): boolean {
  if (/^(N-\d|git-)/.test(version)) return true;
  const match = /^n?(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [have, haveMinor] = [Number(match[1]), Number(match[2])];
  return have > major || (have === major && haveMinor >= minor);
}

/** Decoders by the codec of a publisher; ffmpeg's own of AV1 needs hardware. */
const DECODERS: Readonly<Record<string, readonly string[]>> = {
  hevc: ['hevc'],
  av1: ['libdav1d', 'libaom-av1', 'libgav1'],
  opus: ['opus', 'libopus'],
  flac: ['flac'],
  ac3: ['ac3', 'ac3_fixed'],
  eac3: ['eac3'],
};

/**
 * Finds what an ffmpeg cannot decode of what publishers may send. H.264 and AAC are decoded by every ffmpeg.
 *
 * @param program path, or a name to look up on the PATH
 * @returns codecs: `hevc`, `av1`, `opus`, `flac`, `ac3`, `eac3`
 * @throws {TranscodeError} `ffmpeg-missing` or `ffmpeg-broken`
 */
export async function undecodableCodecs(program: string): Promise<ReadonlySet<string>> {
  const table = await ask(program, '-decoders');
  const codecs = Object.keys(DECODERS);
  return new Set(codecs.filter((codec) => DECODERS[codec]?.every((name) => !lists(table, name)) === true));
}
