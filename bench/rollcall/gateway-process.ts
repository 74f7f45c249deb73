import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { start } from '../../test/support/process.ts';
import type { TokenRole } from '../../shared/token.ts';
import { pinned } from '../start/cores.ts';
import { builtMain } from '../start/lectern-process.ts';
import { quickToken } from './tokens.ts';

/** The secret of the gateways that are measured. */
export const SECRET = 'a-secret-of-the-benchmarks';
/** Their one channel. */
export const CHANNEL = 'hall-7';

const YAML = `channels:
  - {id: ${CHANNEL}, title: Hall 7, publishKey: hall-7-key}
`;

/** What a gateway is started with. */
export type GatewayOptions = {
  /** Its files: the configuration, and a log on disk where there is no Redis. */
  readonly dataDir: string;
  /** Where answers are kept; null for a log in the data folder. */
  readonly redisUrl: string | null;
  /** Where it runs; null for anywhere. */
  readonly core?: number | null;
};

/** A gateway of the roll call in a process of its own. */
export type GatewayProcess = {
  readonly port: number;
  readonly url: string;
  readonly pid: () => number;
  stop(): Promise<void>;
};

/**
 * Starts a gateway: all roles with a log on disk, since a role by itself asks for Redis; the role alone with Redis.
 *
 * @throws {AppError} `not-built`
 */
export async function startGateway(options: GatewayOptions): Promise<GatewayProcess> {
  const { dataDir, redisUrl, core = null } = options;
  const port = await freePort();
  const rtmpPort = await freePort();
  const file = join(dataDir, `lectern-${port}.yaml`);
  // Nobody is there to take marks and attendance: they are no part of this.
  writeFileSync(file, `${YAML}origins: ["http://127.0.0.1:1"]\n`);
  const [command = '', ...args] = pinned(core, [
    ...[process.execPath, builtMain(), 'up'],
    ...['--config', file, ...(redisUrl === null ? [] : ['--role', 'rollcall'])],
  ]);
  const program = start(command, args, {
    env: {
      LECTERN_CONFIG: '',
      LECTERN_HTTP_PORT: String(port),
      LECTERN_RTMP_PORT: String(rtmpPort),
      LECTERN_DATA_DIR: dataDir,
      LECTERN_SECRET: SECRET,
      REDIS_URL: redisUrl ?? '',
    },
  });
  await program.waitForOutput(`http://127.0.0.1:${port}`, 60_000);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pid: () => program.child.pid ?? -1,
    stop: () => program.stop(),
  };
}

/** A token for {@link CHANNEL}, for a day. */
export function tokenFor(sub: string, role: TokenRole): string {
  const exp = Math.floor(Date.now() / 1000) + 86_400;
  return quickToken(SECRET, { sub, name: sub, channel: CHANNEL, role, exp });
}

/** Memory of a process that is in RAM, bytes. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/** Files, sockets among them, that a process may have open. */
export function openFilesAllowed(pid: number | 'self'): number {
  const most = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  return most === 'unlimited' ? Number.POSITIVE_INFINITY : Number(most);
}
