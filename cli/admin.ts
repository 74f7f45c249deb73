import type { Router } from 'express';
import type { HttpServer } from '../shared/http-server.ts';
import { addGauge, type Metrics } from '../shared/metrics.ts';
import type { Role, RoleName } from '../shared/role.ts';

/** What `/healthz` looks at. */
export type HealthSource = {
  /** The roles that this process is to run. */
  readonly expected: readonly RoleName[];
  /** Those that have started. */
  readonly roles: readonly Role[];
  isStopping(): boolean;
};

/** The body of `/healthz`: null for a role that is ready, else what it still lacks, in words. */
export type Health = {
  readonly status: 'ready' | 'not-ready' | 'stopping';
  readonly roles: Readonly<Record<string, string | null>>;
};

/** Tells how a process is. Pure but for the roles' own word. */
export function healthOf(source: HealthSource): Health {
  const roles = Object.fromEntries(
    source.expected.map((name) => {
      const role = source.roles.find((candidate) => candidate.name === name);
      return [name, role === undefined ? 'starting' : role.notReady()];
    }),
  );
  const ready = Object.values(roles).every((reason) => reason === null);
  return { status: source.isStopping() ? 'stopping' : ready ? 'ready' : 'not-ready', roles };
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
