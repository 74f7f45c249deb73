import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoleName } from '../../shared/role.ts';
import { ROOT } from '../house/source-files.ts';
import { freePort } from './free-port.ts';
import { type Started, start } from './process.ts';
import { HALL_7_YAML, TEST_SECRET } from './pipeline.ts';
import { makeTempDir } from './temp-dir.ts';

/** One role in a process of its own. */
export type RoleProcess = Started & {
  readonly role: RoleName;
  /** Address of its HTTP server. */
  readonly url: string;
};

/** Roles in processes of their own, started as an operator starts them, all with one configuration of few lines. */
export type RolesApart = {
  readonly originUrl: string;
  /** Where the channel `hall-7` is published, with its key. */
  readonly publishUrl: string;
  /**
   * Starts a role with the default settings: on its port where that is known to others, and with the data folder that the same
   * role had before. Resolves when it listens.
   */
  up(role: RoleName): Promise<RoleProcess>;
  /** Ends all that run, and deletes their data. */
  stop(): Promise<void>;
};

/** How long a role may take to start, in milliseconds: several start at once on a small machine. */
const START_MS = 60_000;

/** Prepares a configuration, ports and data folders for roles that meet in a Redis. */
export async function rolesApart(redisUrl: string): Promise<RolesApart> {
  const directory = makeTempDir();
  const running: Started[] = [];
  const [ingestPort, originPort, rtmpPort] = [await freePort(), await freePort(), await freePort()];
  const originUrl = `http://127.0.0.1:${originPort}`;
  const file = join(directory.path, 'lectern.yaml');
  const addresses = `origins: [${originUrl}]\ningestUrl: http://127.0.0.1:${ingestPort}\n`;
  writeFileSync(file, HALL_7_YAML + addresses);
  return {
    originUrl,
    publishUrl: `rtmp://127.0.0.1:${rtmpPort}/live/hall-7?key=hall-7-stream-key`,
    up: async (role) => {
      const port = role === 'ingest' ? ingestPort : role === 'origin' ? originPort : await freePort();
      const started = start(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'up', '--role', role], {
        cwd: ROOT,
        env: {
          LECTERN_CONFIG: file,
          LECTERN_DATA_DIR: join(directory.path, role),
          LECTERN_SECRET: TEST_SECRET,
          LECTERN_HTTP_PORT: String(port),
          LECTERN_RTMP_PORT: String(rtmpPort),
          REDIS_URL: redisUrl,
        },
      });
      running.push(started);
      await started.waitForOutput('http://', START_MS);
      return { ...started, role, url: `http://127.0.0.1:${port}` };
    },
    stop: async () => {
      await Promise.all(running.map((started) => started.stop()));
      directory.remove();
    },
  };
}
