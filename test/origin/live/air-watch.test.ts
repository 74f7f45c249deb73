import assert from 'node:assert/strict';
import type { AirStatus } from '../../../origin/live/air-status.ts';
import { AirWatch } from '../../../origin/live/air-watch.ts';
import { type Logger, silentLogger } from '../../../shared/logger.ts';
import { createMetrics } from '../../../shared/metrics.ts';
import { stageLags } from '../../../shared/stage-lags.ts';
import { feedReport } from '../support/feed-report.ts';

describe('watching the classes on air', () => {
  const airOf = (lateMs: number): AirStatus => ({
    ...{ lateMs, lagMs: stageLags(null, lateMs), renditionsMs: { '720p': lateMs, '360p': 300, audio: 250 } },
    ...{
      fault: { stage: 'rung', excessMs: 1800 },
      awaited: [],
      plan: feedReport({}, { level: 3, name: 'top-rung' }).plan,
    },
  });
  const setUp = () => {
    let nowMs = 1e12;
    const air = new Map<string, AirStatus | null>();
    const lines: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      info: (_fields, message) => void lines.push(`info ${message}`),
      warn: (_fields, message) => void lines.push(`warn ${message}`),
    };
    const metrics = createMetrics();
    const open = new Map(['hall-7', 'hall-8'].map((id) => [id, { air: () => air.get(id) ?? null }]));
    const watch = new AirWatch({ channels: { open }, clock: { nowMs: () => nowMs }, metrics, logger });
    /** Shows the watch these lags, once a second for so many seconds. */
    const look = (lags: Readonly<Record<string, number | null>>, seconds: number): void => {
      for (const [id, lateMs] of Object.entries(lags)) air.set(id, lateMs === null ? null : airOf(lateMs));
      for (let i = 0; i < seconds; i++) {
        nowMs += 1000;
        watch.look();
      }
    };
    return { look, lines, metrics };
  };

  it('counts each rendition once a second, and has gauges of channels on air alone', async () => {
    const { look, metrics } = setUp();
    look({ 'hall-7': 2000, 'hall-8': 400 }, 3);
    const text = await metrics.metrics();
    assert.match(text, /^lectern_origin_lag_seconds_count\{kind="picture"\} 12$/m);
    assert.match(text, /^lectern_origin_lag_seconds_count\{kind="sound"\} 6$/m);
    assert.match(text, /^lectern_origin_lag_worst_seconds 2$/m);
    assert.match(text, /^lectern_channel_lag_seconds\{channel="hall-8"\} 0\.4$/m);
    assert.match(text, /^lectern_channel_plan_level\{channel="hall-7"\} 3$/m);
    look({ 'hall-7': null }, 1);
    const later = await metrics.metrics();
    assert.doesNotMatch(later, /channel="hall-7"/);
    assert.match(later, /^lectern_origin_lag_worst_seconds 0\.4$/m);
  });

  it('logs when a class is late and when it is back, each by itself', () => {
    const { look, lines } = setUp();
    look({ 'hall-7': 2340, 'hall-8': 400 }, 30);
    look({ 'hall-7': 500 }, 30);
    assert.deepEqual(lines, [
      'warn hall-7: 2.3 s behind, 1.8 s of it at the transcode worker, which encodes pictures too slowly; encoding plan top-rung',
      'info hall-7: on time again, 0.5 s behind; encoding plan top-rung',
    ]);
  });

  it('begins anew with the next broadcast', () => {
    const { look, lines } = setUp();
    look({ 'hall-7': 2340 }, 3);
    look({ 'hall-7': null }, 1);
    look({ 'hall-7': 400 }, 10);
    assert.equal(lines.length, 1);
  });
});
