import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '../shared/metrics.ts';

/** Metrics of a transcode worker. */
export type TranscodeMetrics = {
  jobStarted(): void;
  /** @param end `over`, `lost`, `stopped` or `failed` */
  jobEnded(end: string): void;
  ffmpegRestarted(kind: 'picture' | 'sound'): void;
  sourceJumped(): void;
  uplinkSent(origin: string, bytes: number): void;
  uplinkReconnected(origin: string): void;
};

/**
 * Registers the worker's metrics.
 *
 * @param lagOf called at each scrape: media not yet sent, milliseconds, by origin
 */
export function createTranscodeMetrics(
  registry: Metrics,
  lagOf: () => ReadonlyMap<string, number>,
): TranscodeMetrics {
  const registers = [registry];
  const running = new Gauge({
    name: 'lectern_transcode_jobs',
    help: 'Broadcasts being transcoded',
    registers,
  });
  const ended = new Counter({
    name: 'lectern_transcode_jobs_ended_total',
    help: 'Broadcasts that ended, by ending',
    labelNames: ['end'],
    registers,
  });
  const restarts = new Counter({
    name: 'lectern_transcode_ffmpeg_restarts_total',
    help: 'Restarts of an ffmpeg that failed while its source was alive',
    labelNames: ['kind'],
    registers,
  });
  const jumps = new Counter({
    name: 'lectern_transcode_source_jumps_total',
    help: 'Jumps of source timestamps that were removed',
    registers,
  });
  // Added up here and not in the counter, whose labels would be looked up for every chunk.
  const sent = new Map<string, number>();
  const bytes = new Counter({
    name: 'lectern_transcode_uplink_bytes_total',
    help: 'Bytes of chunks sent, by origin',
    labelNames: ['origin'],
    registers,
    collect: () => {
      for (const [origin, count] of sent) bytes.inc({ origin }, count);
      sent.clear();
    },
  });
  const reconnects = new Counter({
    name: 'lectern_transcode_uplink_reconnects_total',
    help: 'Uplink connections that broke and were retried, by origin',
    labelNames: ['origin'],
    registers,
  });
  const lag = new Gauge({
    name: 'lectern_transcode_uplink_lag_seconds',
    help: 'Media not yet sent to an origin, what waits for its socket too; the most of all tracks',
    labelNames: ['origin'],
    registers,
    collect: () => {
      lag.reset();
      for (const [origin, lagMs] of lagOf()) lag.set({ origin }, lagMs / 1000);
    },
  });
  return {
    jobStarted: () => running.inc(),
    jobEnded: (end) => {
      running.dec();
      ended.inc({ end });
    },
    ffmpegRestarted: (kind) => restarts.inc({ kind }),
    sourceJumped: () => jumps.inc(),
    uplinkSent: (origin, count) => void sent.set(origin, (sent.get(origin) ?? 0) + count),
    uplinkReconnected: (origin) => reconnects.inc({ origin }),
  };
}
