import { Counter, Gauge } from 'prom-client';
import { lagGauge, lagHistogram, type LabelledLag } from '../shared/lag-metrics.ts';
import { addGauge, type Metrics } from '../shared/metrics.ts';
import type { Publication } from './publish/publication.ts';
import type { RefusalReason } from './rtmp/rtmp-session.ts';

/** Ingest's metrics. */
export type IngestMetrics = {
  readonly publishers: Gauge;
  readonly receivedBytes: Counter;
  readonly droppedReaders: Counter;
  /** Jumps of publishers' clocks that were taken out. */
  readonly clockJumps: Counter;
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
    clockJumps: new Counter({
      name: name('clock_jumps_total'),
      help: "Jumps of publishers' clocks that were taken out of their timestamps",
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

/**
 * Registers the metrics of the line: how late media arrives from publishers.
 *
 * @param publications what is on air, by channel
 * @returns a function that counts the lag of each publication; to be called once a second
 */
export function registerLineLag(
  metrics: Metrics,
  nowMs: () => number,
  publications: () => Iterable<readonly [channel: string, publication: Pick<Publication, 'lineLagMs'>]>,
): () => void {
  const name = 'lectern_ingest_line_lag';
  const all = lagHistogram(
    metrics,
    name,
    'Age of the newest frame at its arrival from the publisher',
    'kind',
  );
  const read = function* (): Generator<LabelledLag> {
    const now = nowMs();
    for (const [channel, publication] of publications()) {
      const { picture, sound } = publication.lineLagMs(now);
      yield { labels: { channel, kind: 'picture' }, lagMs: picture };
      yield { labels: { channel, kind: 'sound' }, lagMs: sound };
    }
  };
  lagGauge(metrics, 'lectern_ingest_line_lag_worst', 'The latest publisher', ['kind'], read);
  lagGauge(metrics, 'lectern_ingest_channel_line_lag', 'Of channels on air', ['channel', 'kind'], read);
  return () => {
    for (const { labels, lagMs } of read()) all.observe(labels['kind'] ?? '', lagMs);
  };
}
