import { Counter } from 'prom-client';
import { addGauge, type Metrics } from '../../../shared/metrics.ts';
import type { AdmissionHandler } from './admission-handler.ts';

/** Registers the figures of the admission of viewers. */
export function addAdmissionMetrics(metrics: Metrics, admission: AdmissionHandler): void {
  addGauge(metrics, 'lectern_origin_full', '1 while new viewers are told to come later', () =>
    admission.isFull ? 1 : 0,
  );
  addGauge(
    metrics,
    'lectern_origin_lateness_seconds',
    'A quarter of the last two seconds the event loop was later than this',
    () => admission.lateMs / 1000,
  );
  addGauge(
    metrics,
    'lectern_origin_viewer_connections',
    'Open connections of viewers and caches',
    () => admission.connectionCount,
  );
  new Counter({
    name: 'lectern_origin_refused_total',
    help: 'Requests of new viewers that were told to come later',
    registers: [metrics],
    collect() {
      this.reset();
      this.inc(admission.refusedCount);
    },
  });
}
