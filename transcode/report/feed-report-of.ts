import type { FeedReport } from '../../shared/feed-report.ts';
import type { SessionStatus } from '../session-status.ts';
import { SOUND_TRACK } from '../tracks/track-names.ts';

/**
 * Makes the report of a feed for one origin. Pure.
 *
 * @param line ages at ingest
 * @param unsentMs media that the origin was not sent yet, milliseconds, by track
 * @param nowMs UTC milliseconds
 */
export function feedReportOf(
  { plan, owedMs, lagMs }: SessionStatus,
  line: FeedReport['lagMs']['line'],
  unsentMs: ReadonlyMap<string, number>,
  nowMs: number,
): FeedReport {
  const rungs = Object.fromEntries(Object.entries(lagMs.rungs).map(([id, ms]) => [id, rounded(ms)]));
  const encoded = { ...lagMs.rungs, [SOUND_TRACK]: lagMs.sound };
  const sent = Object.entries(encoded).flatMap(([track, ageMs]) =>
    ageMs === null ? [] : [ageMs + (unsentMs.get(track) ?? 0)],
  );
  return {
    atMs: nowMs,
    plan,
    owedMs,
    lagMs: {
      line: { picture: rounded(line.picture), sound: rounded(line.sound) },
      source: { picture: rounded(lagMs.source.picture), sound: rounded(lagMs.source.sound) },
      queue: rounded(lagMs.queue),
      rungs,
      sound: rounded(lagMs.sound),
      uplink: sent.length === 0 ? null : rounded(Math.max(...sent)),
    },
  };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
