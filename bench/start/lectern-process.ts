import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoleName } from '../../shared/role.ts';
import { mintToken, type TokenRole } from '../../shared/token.ts';
import { freePort } from '../../test/support/free-port.ts';
import { start } from '../../test/support/process.ts';
import { waitForRunState } from '../../test/support/run-state.ts';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { inOwnSession, pinned } from './cores.ts';

/** Lectern as people run it: built, in a process of its own. */
export type LecternProcess = {
  readonly pid: number;
  readonly url: string;
  readonly httpPort: number;
  readonly rtmpPort: number;
  /** `rtmp://127.0.0.1:…/live/{channel}?key=…`. */
  publishUrl(channel: string, key: string): string;
  /** A token for all channels. */
  token(role: TokenRole): Promise<string>;
  /** Waits until a channel's own playlist says that it is in a state. */
  waitForState(channel: string, state: string): Promise<void>;
  /** The end of its log, for a report of what went wrong. */
  log(): string;
  stop(): Promise<void>;
};

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');
/** Signs the tokens of every Lectern that is measured. */
export const SECRET = 'a-secret-of-the-benchmarks';

/**
 * Path of the built program.
 *
 * @throws {Error} when it is not built
 */
export function builtMain(): string {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build`);
  return MAIN;
}

/**
 * Starts `lectern up`.
 *
 * @param yaml the configuration, but for ports and secret
 * @param options.role starts one role alone
 * @param options.redisUrl where roles meet; nowhere when left out
 * @param options.core where it is to run; null for anywhere
 * @param options.ownSession starts it as a service is started: the scheduler then treats it as one competitor (autogroup)
 * @param options.prepare fills the data folder before it starts
 * @throws {Error} when it is not built
 */
export async function startLectern(
  yaml: string,
  options: {
    readonly role?: RoleName;
    readonly redisUrl?: string;
    readonly core?: number | null;
    readonly httpPort?: number;
    readonly prepare?: (dataDir: string) => Promise<void>;
    readonly ownSession?: boolean;
  } = {},
): Promise<LecternProcess> {
  const main = builtMain();
  const dir = makeTempDir();
  const file = join(dir.path, 'lectern.yaml');
  writeFileSync(file, yaml);
  await options.prepare?.(dir.path);
  const httpPort = options.httpPort ?? (await freePort());
  const rtmpPort = await freePort();
  const role = options.role === undefined ? [] : ['--role', options.role];
  const [command = '', ...args] = pinned(options.core ?? null, [
    ...(options.ownSession === true ? inOwnSession() : []),
    process.execPath,
    main,
    'up',
    '--config',
    file,
    ...role,
  ]);
  const program = start(command, args, {
    env: {
      LECTERN_CONFIG: '',
      LECTERN_HTTP_PORT: String(httpPort),
      LECTERN_RTMP_PORT: String(rtmpPort),
      LECTERN_DATA_DIR: dir.path,
      LECTERN_SECRET: SECRET,
      // A role by itself wants to know where the queue is; the origin never asks it.
      REDIS_URL: options.redisUrl ?? (options.role === undefined ? '' : 'redis://127.0.0.1:1'),
    },
  });
  await program.waitForOutput(`http://127.0.0.1:${httpPort}`, 30_000);
  const url = `http://127.0.0.1:${httpPort}`;
  return {
    pid: program.child.pid ?? -1,
    url,
    httpPort,
    rtmpPort,
    publishUrl: (channel, key) => `rtmp://127.0.0.1:${rtmpPort}/live/${channel}?key=${key}`,
    token: (tokenRole) =>
      mintToken(SECRET, {
        ...{ sub: 'bench', name: 'bench', channel: '*', role: tokenRole },
        exp: Math.floor(Date.now() / 1000) + 86_400,
      }),
    waitForState: (channel, state) =>
      waitForRunState(url, channel, state, 60_000, () => program.stderr().slice(-1000)),
    log: () => program.stderr().slice(-4000),
    stop: async () => {
      await program.stop();
      dir.remove();
    },
  };
}
