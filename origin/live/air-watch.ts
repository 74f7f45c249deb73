import { Gauge } from 'prom-client';
import type { Clock } from '../../shared/clock.ts';
import { lagGauge, lagHistogram, type LabelledLag, type LagHistogram } from '../../shared/lag-metrics.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Metrics } from '../../shared/metrics.ts';
import type { AirStatus } from './air-status.ts';
import { LAG_UNKNOWN, type LagWatch, lagLine, watchLag } from './lag-watch.ts';
import type { LiveChannel } from './live-channel.ts';

/** What watching the classes on air needs. */
export type AirWatchDeps = {
  readonly channels: { readonly open: ReadonlyMap<string, Pick<LiveChannel, 'air'>> };
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
};

/** Counts the lag of all classes on air for the metrics, and logs when one is late and when it is back. */
export class AirWatch {
  readonly #deps: AirWatchDeps;
  readonly #lags: LagHistogram;
  readonly #watches = new Map<string, LagWatch>();

  constructor(deps: AirWatchDeps) {
    this.#deps = deps;
    const { metrics } = deps;
    const help = 'Age of the newest part, of each rendition on air once a second';
    this.#lags = lagHistogram(metrics, 'lectern_origin_lag', help, 'kind');
    lagGauge(metrics, 'lectern_origin_lag_worst', 'Age of the newest part of the latest class', [], () =>
      this.#byChannel(),
    );
    const ofChannel = 'Age of the newest part of the latest rendition, of channels on air';
    lagGauge(metrics, 'lectern_channel_lag', ofChannel, ['channel'], () => this.#byChannel());
    const plans = new Gauge({
      name: 'lectern_channel_plan_level',
      help: 'Level of the encoding plan of channels on air; 0 is the full ladder',
      labelNames: ['channel'],
      registers: [metrics],
      collect: () => {
        plans.reset();
        for (const [channel, { plan }] of this.#onAir())
          if (plan !== null) plans.set({ channel }, plan.level);
      },
    });
  }

  /** Counts and logs. To be called once a second. */
  look(): void {
    const nowMs = this.#deps.clock.nowMs();
    const seen = new Set<string>();
    for (const [id, air] of this.#onAir()) {
      seen.add(id);
      for (const [rendition, lagMs] of Object.entries(air.renditionsMs)) {
        this.#lags.observe(rendition === 'audio' ? 'sound' : 'picture', lagMs);
      }
      const { watch, news } = watchLag(this.#watches.get(id) ?? LAG_UNKNOWN, air.lateMs, nowMs);
      this.#watches.set(id, watch);
      if (news === null) continue;
      const fields = {
        channel: id,
        lagMs: air.lagMs,
        fault: air.fault?.stage ?? null,
        plan: air.plan?.name ?? null,
      };
      this.#deps.logger[news === 'late' ? 'warn' : 'info'](fields, lagLine(id, news, air));
    }
    for (const id of this.#watches.keys()) if (!seen.has(id)) this.#watches.delete(id);
  }

  *#onAir(): Generator<readonly [string, AirStatus]> {
    const nowMs = this.#deps.clock.nowMs();
    for (const [id, channel] of this.#deps.channels.open) {
      const air = channel.air(nowMs);
      if (air !== null) yield [id, air];
    }
  }

  *#byChannel(): Generator<LabelledLag> {
    for (const [channel, { lateMs }] of this.#onAir()) yield { labels: { channel }, lagMs: lateMs };
  }
}
