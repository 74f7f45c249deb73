import { allCaptions } from '../cmaf/captions-of.ts';
import { initName, segmentName } from '../hls/media-uri.ts';
import type { Mark, Segment, TrackInit } from '../media.ts';
import type { RecordedRendition, RecordedSpan, Recording } from '../recording/recording.ts';
import { renderRepresentation } from './adaptation-set.ts';
import { renderAccessibility } from './accessibility.ts';
import { renderEventStream } from './event-stream.ts';
import { element, escapeXml, formatXmlDuration } from './xml.ts';

/** What an MPD of a recording says of it besides its media. */
export type VodTitle = {
  readonly title: string;
  /** BCP 47; the language of the sound. */
  readonly language: string;
};

const PROFILES = ['urn:mpeg:dash:profile:isoff-live:2011', 'urn:mpeg:dash:profile:cmaf:2019'];

/**
 * Writes a recording as a static MPD: a Period for each stretch of it, `$Number$` with a SegmentTimeline, so that every
 * segment has its true length and the URL that it had live.
 *
 * @param marks of its range, oldest first
 * @param folderOf where a rendition's media lies, seen from the MPD, with the closing slash
 * @see ISO/IEC 23009-1 §5.3.1, §5.3.9.6
 */
export function renderVodMpd(
  recording: Recording,
  { title, language }: VodTitle,
  folderOf: (rendition: string) => string,
  marks: readonly Mark[],
): string {
  let atMs = 0;
  const periods = recording.spans.map((span) => {
    const period = renderPeriod(recording, span, atMs, language, folderOf, marks);
    atMs += lengthMs(span);
    return period;
  });
  const mpd = element(
    'MPD',
    {
      xmlns: 'urn:mpeg:dash:schema:mpd:2011',
      profiles: PROFILES.join(','),
      type: 'static',
      mediaPresentationDuration: formatXmlDuration(atMs),
      minBufferTime: formatXmlDuration(recording.longestMs),
      maxSegmentDuration: formatXmlDuration(recording.longestMs),
    },
    [element('ProgramInformation', {}, [element('Title', {}, [escapeXml(title)])]), ...periods],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${mpd}\n`;
}

function lengthMs({ startMs, endMs }: RecordedSpan): number {
  return Math.round(endMs - startMs);
}

function renderPeriod(
  recording: Recording,
  span: RecordedSpan,
  atMs: number,
  language: string,
  folderOf: (rendition: string) => string,
  marks: readonly Mark[],
): string {
  const sets = new Map<string, RecordedRendition[]>();
  for (const rendition of recording.renditions) {
    const first = rendition.segments[span.from];
    if (first === undefined || first.gap) continue;
    // Tracks of a switching set share their timescale (ISO/IEC 23000-19 §7.3.4).
    const key = `${rendition.kind}/${first.init.timescaleHz}`;
    sets.set(key, [...(sets.get(key) ?? []), rendition]);
  }
  const adaptationSets = [...sets.values()].map((renditions, index) =>
    renderSet(recording, span, renditions, index + 1, language, folderOf),
  );
  return element(
    'Period',
    {
      id: `p${Math.round(span.startMs)}`,
      start: formatXmlDuration(atMs),
      duration: formatXmlDuration(lengthMs(span)),
    },
    [...renderEventStream(marks, span.startMs, span.endMs), ...adaptationSets],
  );
}

function renderSet(
  recording: Recording,
  span: RecordedSpan,
  renditions: readonly RecordedRendition[],
  id: number,
  language: string,
  folderOf: (rendition: string) => string,
): string {
  const isVideo = renditions[0]?.kind === 'video';
  const inits = renditions.flatMap(({ segments }) => segments[span.from]?.init ?? []);
  return element(
    'AdaptationSet',
    {
      id,
      contentType: isVideo ? 'video' : 'audio',
      mimeType: isVideo ? 'video/mp4' : 'audio/mp4',
      lang: isVideo ? undefined : language,
      maxWidth: isVideo ? Math.max(...inits.map(({ widthPx }) => widthPx)) : undefined,
      maxHeight: isVideo ? Math.max(...inits.map(({ heightPx }) => heightPx)) : undefined,
      segmentAlignment: 'true',
      startWithSAP: isVideo && !recording.isIndependent ? undefined : 1,
    },
    [
      ...(isVideo ? renderAccessibility(allCaptions(renditions.map(({ info }) => info)), language) : []),
      ...renditions.map((rendition) => {
        const segments = rendition.segments.slice(span.from, span.to);
        const init = segments[0]?.init;
        if (init === undefined) return '';
        const template = renderTemplate(
          init,
          segments,
          span.startMs,
          folderOf(segments[0]?.storedAs ?? rendition.id),
        );
        return renderRepresentation(rendition.id, init, rendition.info, template);
      }),
    ],
  );
}

function renderTemplate(
  init: TrackInit,
  segments: readonly Segment[],
  startMs: number,
  folder: string,
): string {
  return element(
    'SegmentTemplate',
    {
      timescale: init.timescaleHz,
      startNumber: segments[0]?.number ?? 0,
      // The same moment for all tracks, so that sound and picture stay as far apart as they were.
      presentationTimeOffset: Math.round((startMs / 1000) * init.timescaleHz),
      initialization: folder + initName(init.hash),
      media: folder + segmentName('$Number$'),
    },
    [element('SegmentTimeline', {}, timeline(segments))],
  );
}

/** `S` elements (§5.3.9.6): one for each run of segments of one length that follow each other. */
function timeline(segments: readonly Segment[]): string[] {
  const lines: string[] = [];
  let nextTicks = Number.NaN;
  for (let i = 0; i < segments.length; ) {
    const segment = segments[i];
    if (segment === undefined) break;
    const { startTicks, durationTicks } = segment;
    let count = 1;
    for (; segments[i + count]?.durationTicks === durationTicks; count += 1) {
      if (segments[i + count]?.startTicks !== startTicks + count * durationTicks) break;
    }
    lines.push(
      element('S', {
        t: startTicks === nextTicks ? undefined : startTicks,
        d: durationTicks,
        r: count === 1 ? undefined : count - 1,
      }),
    );
    nextTicks = startTicks + count * durationTicks;
    i += count;
  }
  return lines;
}
