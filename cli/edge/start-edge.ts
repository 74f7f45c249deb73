import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';
import { localAddress } from '../../shared/http-server.ts';
import { type EdgeSite, siteVcl } from './site-vcl.ts';

/** Options of {@link startEdge}. */
export type EdgeOptions = EdgeSite & {
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  /** Memory for objects, MiB. */
  readonly storageMiB: number;
  /** Called with what it says when it ends by itself. */
  readonly onEnded?: (said: string) => void;
};

/** A running Varnish with the configuration of deploy/edge. */
export type Edge = {
  /** `http://127.0.0.1:6081` */
  readonly url: string;
  /** Of its first process, which starts another one when that dies. */
  readonly pid: number;
  /** Ends it, and deletes its files. */
  stop(): Promise<void>;
};

const START_MS = 60_000;
const POLL_MS = 20;
const KILL_AFTER_MS = 5000;

/** The files of the configuration, from the sources and from the build. */
const EDGE_DIR = ['../../deploy/edge', '../../../deploy/edge']
  .map((path) => join(import.meta.dirname, path))
  .find((path) => existsSync(path));

/**
 * Starts Varnish, or Vinyl Cache, in front of origins: with deploy/edge as it is, and a site of its own. For the demo, the benchmarks
 * and the tests; an operator uses the system's package (deploy/edge/README.md).
 *
 * @throws {AppError} `edge-failed` when it does not start: with what it said
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const folder = mkdtempSync(join(tmpdir(), 'lectern-edge-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    writeSite(folder, options);
  } catch (error) {
    remove();
    throw error;
  }
  const program = process.env['VARNISHD_PATH'] || 'varnishd';
  const child = spawn(program, edgeArguments(folder, options), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C reaches only this process, which then stops it in order.
    detached: true,
  });
  let said = '';
  let isGone = false;
  let isStarted = false;
  const ended = once(child, 'close').catch((error: Error) => {
    said += error.message;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  }
  // Whatever ends this process must not leave it behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let isStopping = false;
  const gone = ended.then(() => {
    isGone = true;
    process.removeListener('exit', kill);
    if (isStarted && !isStopping) options.onEnded?.(said.trim());
    remove();
  });
  isStarted = await untilUp(
    options,
    () => /Child .*(Started|launched)/.test(said),
    () => isGone,
  );
  if (!isStarted) {
    kill();
    await gone;
    throw new AppError(`edge: ${program} did not start: ${said.trim()}`, { code: 'edge-failed' });
  }
  return {
    url: `http://${localAddress(options.host)}:${options.port}`,
    pid: child.pid ?? 0,
    stop: async () => {
      isStopping = true;
      child.kill('SIGTERM');
      const late = setTimeout(kill, KILL_AFTER_MS);
      await gone;
      clearTimeout(late);
    },
  };
}

function writeSite(folder: string, options: EdgeSite): void {
  if (EDGE_DIR === undefined) throw new AppError('edge: deploy/edge is missing', { code: 'edge-failed' });
  for (const name of ['lectern.vcl', 'tokens.vcl', 'without-tokens.vcl']) {
    copyFileSync(join(EDGE_DIR, name), join(folder, name));
  }
  const site = siteVcl(readFileSync(join(EDGE_DIR, 'site.vcl'), 'utf8'), options);
  writeFileSync(join(folder, 'site.vcl'), site, { mode: 0o600 });
}

/** Without its jail it runs as whoever starts it, and reads a folder that nobody else may. */
function edgeArguments(folder: string, { host, port, storageMiB }: EdgeOptions): string[] {
  return [
    ...['-F', '-j', 'none', '-T', 'none', '-n', join(folder, 'work')],
    ...['-f', join(folder, 'lectern.vcl'), '-a', `${host}:${port}`, '-s', `malloc,${storageMiB}m`],
    ...['-p', 'thread_pool_min=50', '-p', 'pipe_timeout=180', '-p', 'timeout_idle=65', '-p', 'vsl_space=16M'],
  ];
}

/** Its child listens a moment after it says that it has started. */
async function untilUp(
  { port, host }: EdgeOptions,
  saysSo: () => boolean,
  isGone: () => boolean,
): Promise<boolean> {
  for (const endMs = Date.now() + START_MS; Date.now() < endMs && !isGone(); ) {
    if (saysSo() && (await accepts(port, localAddress(host)))) return true;
    await after(POLL_MS);
  }
  return false;
}

async function accepts(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host.replace(/^\[|\]$/g, ''));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
