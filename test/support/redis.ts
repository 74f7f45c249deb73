import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from './free-port.ts';
import { start } from './process.ts';
import { makeTempDir } from './temp-dir.ts';

/** A Redis server of a test's own. */
export type Redis = {
  /** `redis://127.0.0.1:40123`. */
  readonly url: string;
  readonly port: number;
  /** Folder of its files. */
  readonly folder: string;
  /** Ends it at once, as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Has it stand still: its connections stay, and nothing is answered (SIGSTOP); and go on after that. */
  pause(): void;
  resume(): void;
  /** Changes one of its settings (CONFIG SET). */
  configure(name: string, value: string): Promise<void>;
  /** Starts it again on the same port with what it had kept. */
  restart(): Promise<void>;
  /** Ends it and deletes its files. */
  stop(): Promise<void>;
};

/**
 * Starts a real Redis on a free port with an append-only file that is synced at each write.
 *
 * @throws {Error} when redis-server is missing: the test fails and says so
 */
export async function startRedis(): Promise<Redis> {
  const directory = makeTempDir();
  const port = await freePort();
  const launch = async () => {
    const started = start(process.env['REDIS_SERVER_PATH'] || 'redis-server', [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory.path],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
    ]);
    await started.waitForOutput('Ready to accept connections');
    return started;
  };
  let server = await launch();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    folder: directory.path,
    kill: () => server.stop('SIGKILL'),
    pause: () => void server.child.kill('SIGSTOP'),
    resume: () => void server.child.kill('SIGCONT'),
    configure: async (name, value) => {
      const said = await say(port, `CONFIG SET ${name} ${value}`);
      if (said !== '+OK') throw new Error(`CONFIG SET ${name} ${value}: ${said}`);
    },
    restart: async () => {
      await server.stop();
      server = await launch();
    },
    stop: async () => {
      await server.stop();
      directory.remove();
    },
  };
}

/** Sends one inline command, and gives the first line of what comes back. */
async function say(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(`${command}\r\n`);
  const [text] = (await once(socket, 'data')) as [string];
  socket.destroy();
  return text.split('\r\n', 1)[0] ?? '';
}
