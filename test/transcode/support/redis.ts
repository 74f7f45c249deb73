import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis of the test's own, on a free port, keeping nothing. */
export type TestRedis = {
  readonly url: string;
  stop(): Promise<void>;
};

/** Starts redis-server. @throws when it is not installed or does not come up */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'lectern-redis-'));
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const failed = once(server, 'error').then(([error]: unknown[]) => {
    throw new Error('these tests need redis-server on the PATH', { cause: error });
  });
  await Promise.race([ready(server), failed]);
  failed.catch(() => {});
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      server.kill('SIGKILL');
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ready(server: ChildProcess): Promise<void> {
  let text = '';
  server.stdout?.setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    server.stdout?.on('data', (part: string) => {
      if (text.length < 100_000) text += part;
      if (text.includes('Ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`redis-server did not start: ${text}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
