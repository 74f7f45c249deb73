import { SEGMENT_DURATION_MS, segmentStartMs } from '../../../shared/grid.ts';
import { formatDate } from '../hls/decimal.ts';
import type { ChannelView, RenditionInfo } from '../media.ts';
import { REFERENCE_ID } from './adaptation-set.ts';
import { latencyTargets } from './latency.ts';
import { renderPeriod } from './period.ts';
import { element, escapeXml, formatXmlDuration } from './xml.ts';

const PROFILES = [
  'urn:mpeg:dash:profile:isoff-live:2011',
  'urn:mpeg:dash:profile:cmaf:2019',
  'http://www.dashif.org/guidelines/low-latency-live-v5',
];

/** Served by the origin; relative, so that a path prefix in front of `/live` and `/api` stays in place. */
const TIME_SOURCE = '../../api/time';

/**
 * Writes a channel's MPD: dynamic, a Period for each run that touches the window, `$Number$` on the epoch grid.
 *
 * AvailabilityStartTime is the Unix epoch for ever, so a Period's start is UTC and a segment's number is its place on
 * the grid. The text changes with the runs, the window and the measured bit rates only.
 *
 * @param infos what is measured of the view's renditions
 * @param nowMs UTC milliseconds; `@publishTime` is never later
 * @returns XML whose URIs are relative to `/live/{channel}/manifest.mpd`
 * @see ISO/IEC 23009-1 §5.3.1; DASH-IF IOP, low-latency change request, §9.X.4
 */
export function renderMpd(view: ChannelView, infos: readonly RenditionInfo[], nowMs: number): string {
  const segmentMs = SEGMENT_DURATION_MS * view.gridUnits;
  const latency = latencyTargets(view.partTargetMs);
  const utcTiming = element('UTCTiming', {
    schemeIdUri: 'urn:mpeg:dash:utc:http-iso:2014',
    value: TIME_SOURCE,
  });
  const periods = view.runs
    .map((run) => renderPeriod(view, run, infos, utcTiming))
    .filter((period) => period !== null);
  const listed = Math.max(0, ...view.renditions.map((rendition) => rendition.segments.length));
  const mpd = element(
    'MPD',
    {
      xmlns: 'urn:mpeg:dash:schema:mpd:2011',
      profiles: PROFILES.join(','),
      type: 'dynamic',
      availabilityStartTime: '1970-01-01T00:00:00Z',
      publishTime: formatDate(Math.min(nowMs, newestStartMs(view, nowMs))),
      // A new run shows within a second; the segments themselves ask for no update.
      minimumUpdatePeriod: formatXmlDuration(1000),
      minBufferTime: formatXmlDuration(view.partTargetMs),
      timeShiftBufferDepth: formatXmlDuration(Math.max(1, listed) * segmentMs),
      suggestedPresentationDelay: formatXmlDuration(latency.targetMs),
      maxSegmentDuration: formatXmlDuration(segmentMs),
    },
    [
      element('ProgramInformation', {}, [element('Title', {}, [escapeXml(view.title)])]),
      element('ServiceDescription', { id: 0 }, [
        element('Latency', {
          referenceId: REFERENCE_ID,
          target: latency.targetMs,
          max: Math.max(latency.maxMs, 2 * latency.targetMs),
          min: Math.min(latency.minMs, latency.targetMs),
        }),
        element('PlaybackRate', { max: '1.08', min: '0.95' }),
      ]),
      ...periods,
      utcTiming,
    ],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${mpd}\n`;
}

/** When the newest segment began: MPDs that differ in their Periods have different times, on every origin the same. */
function newestStartMs(view: ChannelView, nowMs: number): number {
  const newest = Math.max(...view.renditions.map((rendition) => rendition.segments.at(-1)?.number ?? 0));
  return newest > 0 ? segmentStartMs(newest, view.gridUnits) : nowMs;
}
