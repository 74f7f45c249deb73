import { segmentStartMs } from '../../../shared/grid.ts';
import { formatDate } from '../hls/decimal.ts';
import type { ChannelView, RenditionInfo, RenditionView, Run, TrackInit } from '../media.ts';
import { type PeriodTrack, renderAdaptationSet } from './adaptation-set.ts';
import { renderEventStream } from './event-stream.ts';
import { element, formatXmlDuration } from './xml.ts';

/**
 * Writes the Period of a run. Its id and start never change, however much of it has left the window.
 *
 * A rendition without media in this run (it has begun nothing yet, or all of it is a gap) is left out. Single gaps are
 * not signalled, SegmentTemplate has no player-supported way to: the segment's URL answers 404, and players go on with
 * the next number. Where the twins of a run differ in their init segments, the newest one is named.
 *
 * @param utcTiming the MPD's own UTCTiming element
 * @returns null while no rendition has media in it
 * @see ISO/IEC 23009-1 §5.3.2
 */
export function renderPeriod(
  view: ChannelView,
  run: Run,
  infos: readonly RenditionInfo[],
  utcTiming: string,
): string | null {
  const startMs = segmentStartMs(run.firstNumber, view.gridUnits);
  const start = { number: run.firstNumber, wallClock: formatDate(startMs) };
  const sets = new Map<string, [PeriodTrack, ...PeriodTrack[]]>();
  for (const rendition of view.renditions) {
    const init = newestInit(rendition, run, view);
    if (init === null) continue;
    const track = { id: rendition.id, init, info: infos.find((info) => info.id === rendition.id) };
    // Tracks of a switching set share their timescale (ISO/IEC 23000-19 §7.3.4).
    const key = `${init.kind}/${init.timescaleHz}`;
    const set = sets.get(key);
    if (set === undefined) sets.set(key, [track]);
    else set.push(track);
  }
  if (sets.size === 0) return null;
  return element(
    'Period',
    {
      id: run.id,
      start: formatXmlDuration(startMs),
      duration: run.endMs === null ? undefined : formatXmlDuration(run.endMs - startMs),
    },
    [
      ...renderEventStream(view.marks, startMs, run.endMs ?? Number.POSITIVE_INFINITY),
      ...[...sets.values()].map((tracks, index) =>
        renderAdaptationSet(view, index + 1, tracks, start, utcTiming),
      ),
    ],
  );
}

/** The init segment of the newest media that a rendition has in a run. */
function newestInit(rendition: RenditionView, run: Run, view: ChannelView): TrackInit | null {
  for (let i = rendition.segments.length - 1; i >= 0; i -= 1) {
    const segment = rendition.segments[i];
    if (segment === undefined || segment.number < run.firstNumber) break;
    const inRun = run.endMs === null || segmentStartMs(segment.number, view.gridUnits) < run.endMs;
    if (inRun && !segment.gap) return segment.init;
  }
  return null;
}
