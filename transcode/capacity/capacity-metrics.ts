import { Gauge } from 'prom-client';
import { addGauge, type Metrics } from '../../shared/metrics.ts';
import type { WorkerCapacity } from './worker-capacity.ts';

/** Registers what a worker bears and uses, and the levels of its broadcasts. */
export function registerCapacityMetrics(registry: Metrics, capacity: WorkerCapacity): void {
  addGauge(
    registry,
    'lectern_transcode_capacity_cores',
    'Cores that the encoders of this worker may use together',
    () => capacity.bearableCores,
  );
  addGauge(
    registry,
    'lectern_transcode_capacity_used_cores',
    'Cores that the broadcasts of this worker need as they are encoded now',
    () => capacity.usedCores,
  );
  addGauge(
    registry,
    'lectern_transcode_capacity_missing_cores',
    'Cores that are missing for the full ladders of all broadcasts of this worker',
    () => capacity.status().missingCores,
  );
  const levels = new Gauge({
    name: 'lectern_transcode_plan_jobs',
    help: 'Broadcasts by the level of their encoding plan; 0 is the full ladder',
    labelNames: ['level'],
    registers: [registry],
    collect: () => {
      levels.reset();
      for (const { level } of capacity.status().jobs) levels.inc({ level });
    },
  });
}
