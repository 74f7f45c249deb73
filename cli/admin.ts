import type { IncomingMessage } from 'node:http';
import type { Router } from 'express';
import type { LecternConfig } from '../config/schema.ts';
import { ClientAddresses } from '../shared/client-address.ts';
import type { Clock } from '../shared/clock.ts';
import type { HttpServer } from '../shared/http-server.ts';
import { addGauge, type Metrics } from '../shared/metrics.ts';
import type { Role, RoleName } from '../shared/role.ts';
import { authorize } from '../shared/token.ts';

/** Input of `/healthz`. */
export type HealthSource = {
  /** The roles that this process should run. */
  readonly expected: readonly RoleName[];
  /** Those that have started. */
  readonly roles: readonly Role[];
  /** Describes the recent errors in a role's log; null for none. */
  recentErrors(role: RoleName): string | null;
  isStopping(): boolean;
};

/** The body of `/healthz`. */
export type Health = {
  readonly status: 'ready' | 'not-ready' | 'stopping';
  /** By role: null when it is ready, else the reason why it is not. */
  readonly roles: Readonly<Record<string, string | null>>;
  /** By role: its recent errors. Left out when there are none. Errors alone do not make a role unready. */
  readonly errors?: Readonly<Record<string, string>>;
};

/** The health of a process, as its roles report it. */
export function healthOf(source: HealthSource): Health {
  const roles = Object.fromEntries(
    source.expected.map((name) => {
      const role = source.roles.find((candidate) => candidate.name === name);
      return [name, role === undefined ? 'starting' : role.notReady()];
    }),
  );
  const ready = Object.values(roles).every((reason) => reason === null);
  const status = source.isStopping() ? 'stopping' : ready ? 'ready' : 'not-ready';
  const errors = source.expected.flatMap((name) => {
    const recent = source.recentErrors(name);
    return recent === null ? [] : [[name, recent] as const];
  });
  return errors.length === 0 ? { status, roles } : { status, roles, errors: Object.fromEntries(errors) };
}

/** Adds `GET /healthz`: 200 when every role is ready, else 503 with the reasons. Never cached. */
export function addHealth(routes: Router, source: HealthSource): void {
  routes.get('/healthz', (_req, res) => {
    const health = healthOf(source);
    res.set('Cache-Control', 'no-store');
    res.status(health.status === 'ready' ? 200 : 503).json(health);
  });
}

/**
 * Who may read the metrics on the address that viewers use: this machine, and an operator of all channels. They name channels, and
 * tell how a school's day goes.
 *
 * @returns a check that throws {TokenError} `no-token`, `bad-token`, `expired-token` (401), `forbidden` (403)
 */
export function metricsReaders(
  { secret, http }: Pick<LecternConfig, 'secret' | 'http'>,
  clock: Clock,
): (req: IncomingMessage) => void {
  const addresses = new ClientAddresses(http.trustedProxies);
  return (req) => {
    if (addresses.isLocal(req)) return;
    authorize(secret, req.headers.authorization, null, ['operator'], clock.nowMs());
  };
}

/**
 * Adds `GET /metrics` in Prometheus's text format, with the number of connections.
 *
 * @param mayRead throws what a reader is refused with who may not
 */
export function addMetrics(
  routes: Router,
  metrics: Metrics,
  servers: readonly HttpServer[],
  mayRead: (req: IncomingMessage) => void,
): void {
  addGauge(metrics, 'lectern_http_connections', 'HTTP connections that are open now', () =>
    servers.reduce((sum, server) => sum + server.connectionCount(), 0),
  );
  routes.get('/metrics', (req, res, fail) => {
    mayRead(req);
    metrics
      .metrics()
      .then((text) => {
        res.set({ 'Cache-Control': 'no-store', 'Content-Type': metrics.contentType });
        res.send(text);
      })
      .catch(fail);
  });
}
