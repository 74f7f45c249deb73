import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { S3Store } from '../../origin/store/s3-store.ts';
import { freePort } from './free-port.ts';
import { start } from './process.ts';
import { makeTempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

/** An S3 server of a test's own, on loopback. */
export type S3Server = {
  /** `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** What it keeps its objects in. */
  readonly folder: string;
  /** Ends it at once, as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port with what it had kept. */
  restart(): Promise<void>;
  /** Ends it and deletes its files. */
  stop(): Promise<void>;
};

/** How one kind of server is started. */
export type S3Program = {
  readonly name: 'minio' | 'versitygw';
  /** The variable that may name another path of it. */
  readonly variable: string;
  readonly arguments: (address: string, folder: string, temporary: string) => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

/** The key of every server that tests start. */
export const TEST_KEYS = { accessKey: 'lectern-tests', secretKey: 'lectern-tests-secret' };

/**
 * Finds a server's program: where its variable says, else where `./lectern test` has put it.
 *
 * @throws {Error} when it is missing: the test fails and says so
 */
export function programPath({ name, variable }: Pick<S3Program, 'name' | 'variable'>): string {
  const { LECTERN_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  const cache = LECTERN_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'lectern');
  const path = process.env[variable] || join(cache, 'bin', name);
  if (!existsSync(path))
    throw new Error(`${path} is missing: ./lectern test builds it, or ${variable} names it`);
  return path;
}

/**
 * Starts a real S3 server on a free port.
 *
 * @param folder where it keeps its objects; one of its own, which goes with it, when left out
 */
export async function startS3Server(program: S3Program, folder?: string): Promise<S3Server> {
  const path = programPath(program);
  const temporary = makeTempDir();
  const data = folder ?? join(temporary.path, 'data');
  mkdirSync(data, { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const endpoint = `http://${address}`;
  const launch = async () => {
    const started = start(path, program.arguments(address, data, temporary.path), {
      env: program.environment,
    });
    // MinIO answers at its health path a moment before it does anything else.
    const probe = new S3Store({
      ...TEST_KEYS,
      endpoint,
      bucket: 'is-ready',
      prefix: '',
      region: 'us-east-1',
    });
    await waitFor(`${program.name} is ready`, async () => {
      if (started.child.exitCode !== null) throw new Error(started.stdout() + started.stderr());
      await probe.check();
      return true;
    });
    await probe.close();
    return started;
  };
  let server = await launch();
  return {
    ...TEST_KEYS,
    endpoint,
    folder: data,
    kill: () => server.stop('SIGKILL'),
    restart: async () => {
      await server.stop();
      server = await launch();
    },
    stop: async () => {
      await server.stop();
      temporary.remove();
    },
  };
}
