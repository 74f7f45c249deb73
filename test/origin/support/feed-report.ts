import type { FeedReport } from '../../../shared/feed-report.ts';

/** The report of a feed that is on time, with some of its fields changed. */
export function feedReport(
  lagMs: Partial<FeedReport['lagMs']> = {},
  plan: Partial<FeedReport['plan']> = {},
): FeedReport {
  return {
    atMs: 1_700_000_000_000,
    plan: {
      ...{ level: 0, name: 'full', sinceMs: 1_699_999_000_000, reason: '', presetName: 'superfast' },
      ...{ frameRate: 25, tracks: ['720p', '360p'], away: [] },
      ...plan,
    },
    lagMs: {
      ...{ line: { picture: 30, sound: 20 }, source: { picture: 40, sound: 30 }, queue: null },
      ...{ rungs: { '720p': 190, '360p': 180 }, sound: 90, uplink: 200 },
      ...lagMs,
    },
  };
}
