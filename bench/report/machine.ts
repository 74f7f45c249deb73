import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

/** What a figure was measured on. */
export type Machine = {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  /** Versions of the programs that take part; null for one that is not on the PATH. */
  readonly programs: Readonly<Record<string, string | null>>;
  /** Processes that wanted to run in the minute before: well below 1 on a machine that is idle. */
  readonly loadBefore: number;
};

const PROGRAMS: Readonly<
  Record<string, readonly [command: string, args: readonly string[], version: RegExp]>
> = {
  ffmpeg: [process.env['FFMPEG_PATH'] || 'ffmpeg', ['-version'], /version (\S+)/],
  chromium: [process.env['CHROMIUM_PATH'] || 'chromium', ['--version'], /(\d+\.\d+[\d.]*)/],
  nginx: ['nginx', ['-v'], /nginx\/(\S+)/],
  wrk: ['wrk', ['-v'], /wrk (\S+)/],
  mediamtx: ['mediamtx', ['--version'], /v?(\S+)/],
};

/** Describes this machine. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cores: processors.length,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    programs: Object.fromEntries(
      Object.entries(PROGRAMS).map(([name, [command, args, pattern]]) => [
        name,
        versionOf(command, args, pattern),
      ]),
    ),
    loadBefore: loadavg()[0] ?? 0,
  };
}

/** The machine in one line, for a heading. */
export function machineLine({ cores, cpu, memoryGib, node, programs, loadBefore }: Machine): string {
  const known = Object.entries(programs).flatMap(([name, version]) =>
    version === null ? [] : [`${name} ${version}`],
  );
  return [
    `${cores} cores, ${cpu}, ${memoryGib} GiB`,
    `node ${node}`,
    ...known,
    `load before ${loadBefore.toFixed(2)}`,
  ].join(' · ');
}

/** Tells whether a program can be started by its name. */
export function isOnPath(program: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function versionOf(command: string, args: readonly string[], pattern: RegExp): string | null {
  if (!isOnPath(command)) return null;
  // Some write it on standard error, and some end with a status that is not 0.
  const script = '"$0" "$@" 2>&1 | head -n 20';
  try {
    const text = execFileSync('/bin/sh', ['-c', script, command, ...args], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    return pattern.exec(text)?.[1] ?? 'of unknown version';
  } catch {
    return 'of unknown version';
  }
}
