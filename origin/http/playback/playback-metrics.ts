import { addGauge, type Metrics } from '../../../shared/metrics.ts';
import type { MediaHandler } from './media-handler.ts';

/** Registers the gauge of the playback paths. */
export function addPlaybackMetrics(metrics: Metrics, media: MediaHandler): void {
  addGauge(
    metrics,
    'lectern_waiting_requests',
    'Requests blocked until what they ask for exists',
    () => media.blockedCount,
  );
}
