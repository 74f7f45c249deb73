import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { ROOT } from '../house/source-files.ts';
import { type Started, start } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

/** What the script itself needs of a system; nothing else is on the PATH of these tests. */
const TOOLS = [
  'sh',
  'dirname',
  'find',
  'head',
  'id',
  'mkdir',
  'touch',
  'mv',
  'cat',
  'grep',
  'env',
  'chmod',
  'rm',
  'uname',
  'sleep',
];

/** An old machine with Node.js, npm and little else: its programs are stand-ins that write down how they were called. */
export class Machine {
  readonly root: TempDir = makeTempDir();
  readonly #bin = join(this.root.path, 'bin');
  readonly #tree = join(this.root.path, 'tree');
  readonly #calls = join(this.root.path, 'calls');

  constructor() {
    mkdirSync(this.#bin);
    mkdirSync(join(this.root.path, 'home'));
    mkdirSync(join(this.#tree, 'node_modules', '.bin'), { recursive: true });
    copyFileSync(join(ROOT, 'lectern'), join(this.#tree, 'lectern'));
    for (const tool of TOOLS) symlinkSync(which(tool), join(this.#bin, tool));
    symlinkSync(process.execPath, join(this.#bin, 'real-node'));
    writeFileSync(this.#calls, '');
    this.add('npm', 'case "$*" in *build*) mkdir -p dist;; ci*) : > node_modules/.package-lock.json;; esac');
    // Version checks run in the real one; the program that the script starts in the end is only noted.
    this.add('node', 'case "$1" in -e | --version) exec real-node "$@";; esac');
    writeFileSync(join(this.#tree, 'package-lock.json'), '{}');
    writeFileSync(join(this.#tree, 'package.json'), '{}');
    mkdirSync(join(this.#tree, 'cli'));
    copyFileSync(join(ROOT, 'cli', 'install.sh'), join(this.#tree, 'cli', 'install.sh'));
    writeFileSync(join(this.#tree, 'cli', 'main.ts'), '');
  }

  /** Adds a program: notes its call, then runs the script. */
  add(name: string, script = ''): void {
    const path = join(this.#bin, name);
    writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> '${this.#calls}'\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** An ffmpeg that has what is needed. */
  addFfmpeg(): void {
    this.add('ffmpeg', 'echo " V..... libx264"');
  }

  /**
   * Has what the tests need but S3 servers.
   *
   * @param script mocha's; left out, it tells where the S3 servers are
   */
  addTestPrograms(script = '#!/bin/sh\nprintf "%s\\n" "$MINIO_SERVER_PATH" "$VERSITYGW_PATH"\n'): void {
    this.addFfmpeg();
    this.add('chromium');
    this.add('redis-server');
    this.add('varnishd');
    this.add('caddy');
    const mocha = join(this.#tree, 'node_modules', '.bin', 'mocha');
    writeFileSync(mocha, script);
    chmodSync(mocha, 0o755);
  }

  /** Has S3 servers for the tests. @returns the variables that name them */
  addServers(): Readonly<Record<string, string>> {
    this.add('my-minio');
    this.add('my-gateway');
    return { MINIO_SERVER_PATH: 'my-minio', VERSITYGW_PATH: 'my-gateway' };
  }

  /** Sets a file's time to the future, as an edit after the last build would. */
  edit(path: string): void {
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(this.#tree, path), later, later);
  }

  lectern(args: readonly string[], env: Record<string, string | undefined> = {}): Started {
    return start(join(this.#tree, 'lectern'), args, {
      cwd: this.root.path,
      env: {
        PATH: this.#bin,
        HOME: join(this.root.path, 'home'),
        FFMPEG_PATH: undefined,
        CHROMIUM_PATH: undefined,
        REDIS_SERVER_PATH: undefined,
        MINIO_SERVER_PATH: undefined,
        VERSITYGW_PATH: undefined,
        VARNISHD_PATH: undefined,
        CADDY_PATH: undefined,
        LECTERN_SBIN: join(this.root.path, 'sbin'),
        LECTERN_CACHE_DIR: undefined,
        XDG_CACHE_HOME: undefined,
        ...env,
      },
    });
  }

  calls(): string[] {
    return readFileSync(this.#calls, 'utf8').trim().split('\n');
  }

  /** The calls of one program. */
  callsOf(program: string): string[] {
    return this.calls().filter((line) => line.startsWith(`${program} `) && !line.includes(' -e '));
  }
}

function which(tool: string): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, tool);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${tool} is not on the PATH`);
}
