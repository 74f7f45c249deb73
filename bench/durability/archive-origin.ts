import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { start } from '../../test/support/process.ts';
import { waitForRunState } from '../../test/support/run-state.ts';
import type { S3Server } from '../../test/support/s3-server.ts';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { builtMain } from '../start/lectern-process.ts';

/** An origin with a MinIO as store, in a process that can be killed. */
export type ArchiveOrigin = {
  readonly url: string;
  /** Kills it (SIGKILL), and starts it again with the same data folder. */
  killAndStart(): Promise<void>;
  /** Stops it in order, runs `lectern store …`, and starts it again. @returns the command's output */
  storeCommand(...args: readonly string[]): Promise<string>;
  /** Waits until the channel's playlist has this state. */
  waitForState(channel: string, state: string): Promise<void>;
  /** Its memory now, MiB (VmRSS). */
  residentMiB(): Promise<number>;
  stop(): Promise<void>;
};

/**
 * Starts it.
 *
 * @param yaml channels and ladder
 * @throws {Error} when it is not built
 */
export async function startArchiveOrigin(yaml: string, minio: S3Server): Promise<ArchiveOrigin> {
  const main = builtMain();
  const dir = makeTempDir();
  const file = join(dir.path, 'lectern.yaml');
  const { endpoint, accessKey, secretKey } = minio;
  writeFileSync(file, `${yaml}\nstore: ${JSON.stringify({ s3: { endpoint, accessKey, secretKey } })}\n`);
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const env = {
    LECTERN_CONFIG: '',
    LECTERN_HTTP_PORT: port,
    LECTERN_DATA_DIR: dir.path,
    // The secret of the tests' pipelines.
    LECTERN_SECRET: 'a-secret-of-some-length',
    // A single role requires the address of the queue; the origin never connects to it.
    REDIS_URL: 'redis://127.0.0.1:1',
  };
  const lectern = (...args: readonly string[]) =>
    start(process.execPath, [main, ...args, '--config', file], { env });
  const startOrigin = async () => {
    const program = lectern('up', '--role', 'origin');
    await program.waitForOutput(url, 30_000);
    return program;
  };
  let program = await startOrigin();
  return {
    url,
    killAndStart: async () => {
      await program.stop('SIGKILL');
      program = await startOrigin();
    },
    storeCommand: async (...args) => {
      await program.stop();
      const command = lectern('store', ...args);
      const status = await command.exited(600_000);
      if (status !== 0) throw new Error(`lectern store ${args.join(' ')}: ${status} ${command.stderr()}`);
      program = await startOrigin();
      return command.stdout();
    },
    waitForState: (channel, state) => waitForRunState(url, channel, state, 60_000),
    residentMiB: async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return Number(/^process_resident_memory_bytes (\d+)/m.exec(metrics)?.[1]) / 2 ** 20;
    },
    stop: async () => {
      await program.stop();
      dir.remove();
    },
  };
}
