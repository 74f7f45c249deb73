import type { Clock } from '../../shared/clock.ts';
import { addGauge, type Metrics } from '../../shared/metrics.ts';
import type { Channels } from './channels.ts';
import type { LiveChannel } from './live-channel.ts';

/** Registers the gauges of the channels. */
export function addChannelMetrics(metrics: Metrics, channels: Channels, clock: Clock): void {
  const count = (is: (channel: LiveChannel, nowMs: number) => boolean): number => {
    const nowMs = clock.nowMs();
    return [...channels.open.values()].filter((channel) => is(channel, nowMs)).length;
  };
  addGauge(metrics, 'lectern_channels_awake', 'Channels that are watched or published to', () =>
    count((channel, nowMs) => channel.isAwake(nowMs)),
  );
  addGauge(metrics, 'lectern_channels_on_air', 'Channels with a broadcast on air', () =>
    count((channel, nowMs) => channel.state(nowMs).state === 'on-air'),
  );
}
