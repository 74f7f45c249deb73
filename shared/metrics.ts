import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** The process's metrics, served at `/metrics` in Prometheus's text format. */
export type Metrics = Registry;

/**
 * Makes an empty registry.
 *
 * @param withProcess adds CPU, memory and event-loop figures of this process
 */
export function createMetrics(withProcess = false): Metrics {
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * Registers a gauge.
 *
 * @param read returns its value; called when the metrics are read
 */
export function addGauge(metrics: Metrics, name: string, help: string, read: () => number): void {
  new Gauge({
    ...{ name, help, registers: [metrics] },
    collect() {
      this.set(read());
    },
  });
}
