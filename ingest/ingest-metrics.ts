import { Counter, Gauge } from 'prom-client';
import { addGauge, type Metrics } from '../shared/metrics.ts';
import type { RefusalReason } from './rtmp/rtmp-session.ts';

/** Ingest's metrics. */
export type IngestMetrics = {
  readonly publishers: Gauge;
  readonly receivedBytes: Counter;
  readonly droppedReaders: Counter;
  /** Refused and closed connections, by {@link RefusalReason}. */
  readonly refused: Counter<'reason'>;
};

/** Registers ingest's metrics; call it once per registry. */
export function createIngestMetrics(metrics: Metrics): IngestMetrics {
  const registers = [metrics];
  const name = (suffix: string) => `lectern_ingest_${suffix}`;
  return {
    publishers: new Gauge({ name: name('publishers'), help: 'Channels with a publisher', registers }),
    receivedBytes: new Counter({
      name: name('received_bytes_total'),
      help: 'Audio and video bytes of accepted publishers',
      registers,
    }),
    droppedReaders: new Counter({
      name: name('dropped_readers_total'),
      help: 'Source readers that were disconnected because they were too slow',
      registers,
    }),
    refused: new Counter({
      name: name('refused_total'),
      help: 'RTMP connections refused or closed by the server',
      labelNames: ['reason'],
      registers,
    }),
  };
}

/** Registers a gauge of RTMP connections; it is read when the metrics are collected. */
export function registerConnections(metrics: Metrics, connections: () => number): void {
  addGauge(metrics, 'lectern_ingest_connections', 'RTMP connections', connections);
}

/** Counts one refusal. */
export function countRefusal(metrics: IngestMetrics, reason: RefusalReason): void {
  metrics.refused.inc({ reason });
}
