import { basename, dirname, join } from 'node:path';
import type { LecternConfig } from '../config/schema.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import { WatchedClock } from '../shared/watched-clock.ts';
import { describeError } from '../shared/errors.ts';
import { ErrorWatch } from '../shared/error-watch.ts';
import { type HttpServer, startHttpServer } from '../shared/http-server.ts';
import { type Logger, sparing } from '../shared/logger.ts';
import { createMetrics, type Metrics } from '../shared/metrics.ts';
import { makePrivate } from '../shared/private-folder.ts';
import type { Role, RoleName } from '../shared/role.ts';
import { addHealth, addMetrics, metricsReaders } from './admin.ts';
import { startRoles } from './roles.ts';

/** Options of {@link startPipeline}. */
export type PipelineOptions = {
  readonly config: LecternConfig;
  /** Which roles run in this process. */
  readonly roles: readonly RoleName[];
  readonly logger: Logger;
  readonly clock?: Clock;
  /** False leaves figures of the process out of `/metrics`; tests start many pipelines in one process. */
  readonly withProcessMetrics?: boolean;
  /** See {@link startHttpServer}. */
  readonly acceptsPerTurn?: number;
  /** Folder of the built pages. */
  readonly pagesDir?: string;
};

/** A running pipeline. */
export type Pipeline = {
  /** Where the HTTP server is reached from this machine. */
  readonly url: string;
  /** Where publishers go, `rtmp://127.0.0.1:1935/live`; null without the role ingest. */
  readonly rtmpUrl: string | null;
  /** Address of `/metrics`; the main one unless the configuration gives it its own. */
  readonly adminUrl: string;
  readonly metrics: Metrics;
  readonly roles: readonly Role[];
  /** Stops all roles; resolves when sockets and child processes are closed. */
  readonly stop: () => Promise<void>;
};

/** Time for requests in progress when a pipeline stops, in milliseconds. */
const STOP_GRACE_MS = 3000;

/** Where the build leaves the pages: beside this file's folder in `dist/`, or there when the sources run. */
const PAGES_DIR =
  basename(dirname(import.meta.dirname)) === 'dist'
    ? join(import.meta.dirname, '..', 'player')
    : join(import.meta.dirname, '..', 'dist', 'player');

/**
 * Starts the roles behind one HTTP server. The server listens first, so that its address is known to all of them.
 *
 * @throws {AppError} any error of a role's start; roles that had started are stopped
 */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { config, logger } = options;
  const clock = new WatchedClock(options.clock ?? systemClock);
  const metrics = createMetrics(options.withProcessMetrics ?? false);
  const roles: Role[] = [];
  const servers: HttpServer[] = [];

  const letGo = async (): Promise<void> => {
    // Stopped in reverse order: ingest ends before the origin, so that media in flight still reaches the origin.
    for (const role of roles.toReversed()) {
      await role.stop().catch((error: unknown) => {
        logger.error({ role: role.name, error: describeError(error) }, `${role.name} did not stop cleanly`);
      });
    }
    await Promise.all(servers.map((server) => server.close(STOP_GRACE_MS)));
  };
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= letGo();
    return stopped;
  };

  try {
    closeDataFolder(config.dataDir, logger);
    const main = await startHttpServer({
      host: config.http.host,
      port: config.http.port,
      reusePort: config.http.reusePort,
      ...{ basePath: config.http.basePath, limits: { keepAliveMs: config.http.keepAliveMs } },
      acceptsPerTurn: options.acceptsPerTurn ?? 1,
      logger,
      handle: (req, res) => roles.some((role) => role.handle?.(req, res) === true),
      upgrade: (req, socket, head) => roles.some((role) => role.upgrade?.(req, socket, head) === true),
    });
    servers.push(main);
    const admin = await startAdmin(config, logger);
    if (admin !== null) servers.push(admin);
    const expected = options.roles.filter((name) => name !== 'rollcall' || config.rollCall.enabled);
    const watches = new Map(expected.map((name) => [name, new ErrorWatch()]));
    const recentErrors = (name: RoleName): string | null => watches.get(name)?.recent() ?? null;
    const health = { expected, roles, recentErrors, isStopping: () => stopped !== null };
    for (const server of servers) addHealth(server.routes, health);
    const mayRead = admin === null ? metricsReaders(config, clock) : () => {};
    addMetrics((admin ?? main).routes, metrics, servers, mayRead);

    const started = await startRoles({
      config,
      loggerOf: (name) => watches.get(name)?.watch(logger) ?? logger,
      clock,
      metrics,
      names: options.roles,
      publicUrl: main.url,
      pagesDir: options.pagesDir ?? PAGES_DIR,
      // Each role serves requests as soon as it has started: a later role may request from an earlier one during its start.
      onStarted: (role) => {
        roles.push(role);
        if (role.router !== undefined) main.routes.use(role.router);
      },
    });
    return {
      url: main.url,
      rtmpUrl: started.rtmpUrl,
      adminUrl: (admin ?? main).url,
      metrics,
      roles,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Takes the rights of other accounts from what earlier versions have written, beside the start: there may be a million files. */
function closeDataFolder(dataDir: string, logger: Logger): void {
  const report = sparing(logger, 60_000, () => Date.now());
  makePrivate(dataDir, (path, error) => {
    report.warn(
      { path, error: describeError(error) },
      `${path}: other accounts of this machine may read it, and that cannot be changed`,
    );
  }).catch((error: unknown) => {
    report.warn({ error: describeError(error) }, 'the permissions of the data folder cannot be checked');
  });
}

/** A server for `/metrics` where the configuration sets an address for it; a missing host or port is that of the main server. */
async function startAdmin({ http }: LecternConfig, logger: Logger): Promise<HttpServer | null> {
  if (http.adminHost === undefined && http.adminPort === undefined) return null;
  const host = http.adminHost ?? http.host;
  const port = http.adminPort ?? http.port;
  if (host === http.host && port === http.port && port !== 0) return null;
  return startHttpServer({ host, port, logger });
}
