import { Gauge, Histogram } from 'prom-client';
import type { Metrics } from './metrics.ts';

/** Upper bounds of the buckets for lags, seconds. */
export const LAG_BUCKETS_S = [0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30];

/** What counts the lags of all classes. Unlike gauges by channel it has the same size however many classes are on air. */
export type LagHistogram = {
  /**
   * Counts the lag of one class. To be called once a second for each class on air.
   *
   * @param lagMs milliseconds; null is not counted, and what is ahead of time counts as 0
   */
  observe(label: string, lagMs: number | null): void;
};

/**
 * Registers a histogram of lags.
 *
 * @param name without its unit: `lectern_transcode_lag`
 * @param label name of its one label
 */
export function lagHistogram(metrics: Metrics, name: string, help: string, label: string): LagHistogram {
  const histogram = new Histogram({
    ...{ name: `${name}_seconds`, help, labelNames: [label], buckets: LAG_BUCKETS_S, registers: [metrics] },
  });
  return {
    observe: (value, lagMs) => {
      if (lagMs !== null) histogram.observe({ [label]: value }, Math.max(0, lagMs) / 1000);
    },
  };
}

/** A value of a gauge, with its labels. Null is left out. */
export type LabelledLag = {
  readonly labels: Readonly<Record<string, string>>;
  readonly lagMs: number | null;
};

/**
 * Registers a gauge of lags that is read anew at each scrape, so that classes that are over leave it.
 *
 * @param name without its unit
 * @param read called at each scrape; of several values with the same labels the largest counts
 */
export function lagGauge(
  metrics: Metrics,
  name: string,
  help: string,
  labelNames: readonly string[],
  read: () => Iterable<LabelledLag>,
): void {
  new Gauge({
    ...{ name: `${name}_seconds`, help, labelNames: [...labelNames], registers: [metrics] },
    collect() {
      this.reset();
      const worst = new Map<string, { readonly labels: Record<string, string>; readonly lagMs: number }>();
      for (const { labels, lagMs } of read()) {
        const own = Object.fromEntries(labelNames.map((label) => [label, labels[label] ?? '']));
        const key = JSON.stringify(own);
        if (lagMs !== null && lagMs > (worst.get(key)?.lagMs ?? Number.NEGATIVE_INFINITY)) {
          worst.set(key, { labels: own, lagMs });
        }
      }
      for (const { labels, lagMs } of worst.values()) this.set(labels, lagMs / 1000);
    },
  });
}
