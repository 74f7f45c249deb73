import { Counter } from 'prom-client';
import type { Metrics } from '../../../shared/metrics.ts';
import type { PushDeps } from './push-handler.ts';

/** Registers the counters of the push endpoint. */
export function createPushMetrics(metrics: Metrics): Pick<PushDeps, 'onBytes' | 'onRefused'> {
  const registers = [metrics];
  const bytes = new Counter({
    name: 'lectern_push_bytes_total',
    help: 'CMAF bytes received from uplinks and encoders',
    registers,
  });
  const refused = new Counter({
    name: 'lectern_push_refused_total',
    help: 'Pushes that were refused, by error code',
    labelNames: ['code'] as const,
    registers,
  });
  return { onBytes: (count) => bytes.inc(count), onRefused: (code) => refused.inc({ code }) };
}
