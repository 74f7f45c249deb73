import { lagGauge, lagHistogram } from '../../shared/lag-metrics.ts';
import { addGauge, type Metrics } from '../../shared/metrics.ts';
import { type StageLags, stageLags } from '../../shared/stage-lags.ts';
import type { BroadcastReport } from './broadcast-report.ts';

/** The stages that a worker measures; ingest and origin measure theirs. */
const STAGES = ['source', 'queue', 'rung', 'sound', 'uplink'] as const;

/**
 * Registers the metrics of the lag at each stage inside a worker.
 *
 * @param nowMs the time, UTC milliseconds
 * @param reports of the broadcasts that are transcoded now
 * @returns a function that counts the lags of each broadcast; to be called once a second
 */
export function registerReportMetrics(
  metrics: Metrics,
  nowMs: () => number,
  reports: () => Iterable<Pick<BroadcastReport, 'worst'>>,
): () => void {
  const all = lagHistogram(
    metrics,
    'lectern_transcode_lag',
    'Age of the newest frame that has passed a stage, of each broadcast once a second',
    'stage',
  );
  const lags = (): StageLags[] => {
    const now = nowMs();
    return [...reports()].map((report) => stageLags(report.worst(now)?.lagMs ?? null, null));
  };
  lagGauge(metrics, 'lectern_transcode_lag_worst', 'The latest broadcast at each stage', ['stage'], () =>
    lags().flatMap((of) => STAGES.map((stage) => ({ labels: { stage }, lagMs: of[stage] }))),
  );
  addGauge(
    metrics,
    'lectern_transcode_owed_seconds',
    'Pictures that encoders owe, of the latest broadcast',
    () => Math.max(0, ...[...reports()].map((report) => (report.worst(nowMs())?.owedMs ?? 0) / 1000)),
  );
  return () => {
    for (const of of lags()) for (const stage of STAGES) all.observe(stage, of[stage]);
  };
}
