import { Counter, Gauge } from 'prom-client';
import { addGauge, type Metrics } from '../shared/metrics.ts';
import type { RefusalReason } from './rtmp/rtmp-session.ts';

/** What ingest counts. */
export type IngestMetrics = {
  readonly publishers: Gauge;
  readonly receivedBytes: Counter;
  readonly droppedReaders: Counter;
  /** By {@link RefusalReason}: refused and closed connections. */
  readonly refused: Counter<'reason'>;
};

/** Registers ingest's metrics; to be called once a registry. */
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
      help: 'Feed readers that were cut because they did not keep up',
      registers,
    }),
    refused: new Counter({
      name: name('refused_total'),
      help: 'RTMP connections refused or closed by us',
      labelNames: ['reason'],
      registers,
    }),
  };
}

/** Registers the number of RTMP connections, which is asked for when the metrics are read. */
export function registerConnections(metrics: Metrics, connections: () => number): void {
  addGauge(metrics, 'lectern_ingest_connections', 'RTMP connections', connections);
}

/** Counts one refusal. */
export function countRefusal(metrics: IngestMetrics, reason: RefusalReason): void {
  metrics.refused.inc({ reason });
}
