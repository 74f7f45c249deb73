import type { Router } from 'express';
import type { HttpServer } from '../shared/http-server.ts';
import { addGauge, type Metrics } from '../shared/metrics.ts';
import type { Role, RoleName } from '../shared/role.ts';

/** What `/healthz` is made from. */
export type HealthSource = {
  /** The roles that this process is to run. */
  readonly expected: readonly RoleName[];
  /** Those that have started. */
  readonly roles: readonly Role[];
  /** Whether a role has logged an error lately, in words; null when it has not. */
  recentErrors(role: RoleName): string | null;
  isStopping(): boolean;
};

/** The body of `/healthz`. */
export type Health = {
  readonly status: 'ready' | 'not-ready' | 'stopping';
  /** By role: null when it is ready, else what it still lacks, in words. */
  readonly roles: Readonly<Record<string, string | null>>;
  /** By role: that it has logged errors lately. Left out when no role has. Errors alone do not make a role unready. */
  readonly errors?: Readonly<Record<string, string>>;
};

/** The health of a process, as its roles tell it. */
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

/** Adds `GET /metrics` in Prometheus's text format, with the number of connections. */
export function addMetrics(routes: Router, metrics: Metrics, servers: readonly HttpServer[]): void {
  addGauge(metrics, 'lectern_http_connections', 'HTTP connections that are open now', () =>
    servers.reduce((sum, server) => sum + server.connectionCount(), 0),
  );
  routes.get('/metrics', async (_req, res) => {
    res.set({ 'Cache-Control': 'no-store', 'Content-Type': metrics.contentType });
    res.send(await metrics.metrics());
  });
}
