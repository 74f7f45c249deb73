import { segmentTicks } from '../../../shared/grid.ts';
import { allCaptions } from '../cmaf/captions-of.ts';
import { initName, mediaFolder, segmentName } from '../hls/media-uri.ts';
import type { ChannelView, RenditionInfo, TrackInit } from '../media.ts';
import { renderAccessibility } from './accessibility.ts';
import { element, escapeXml } from './xml.ts';

/** A rendition in one Period: its init segment there, and what is measured of it. */
export type PeriodTrack = {
  readonly id: string;
  readonly init: TrackInit;
  readonly info: RenditionInfo | undefined;
};

/** Where a Period begins. */
export type PeriodStart = {
  /** Number of its first segment. */
  readonly number: number;
  /** UTC, ISO 8601, of the beginning of that segment. */
  readonly wallClock: string;
};

/** `@id` of every ProducerReferenceTime, and the Latency's `@referenceId`; dash.js takes 0 for none. */
export const REFERENCE_ID = 1;

/**
 * Writes an AdaptationSet.
 *
 * @param tracks of one kind and timescale, best first; at least one
 * @param utcTiming the MPD's own UTCTiming element
 * @see ISO/IEC 23009-1 §5.3.3; DASH-IF IOP, low-latency change request, §9.X.4.3
 */
export function renderAdaptationSet(
  view: ChannelView,
  id: number,
  tracks: readonly [PeriodTrack, ...PeriodTrack[]],
  start: PeriodStart,
  utcTiming: string,
): string {
  const { kind, timescaleHz } = tracks[0].init;
  const isVideo = kind === 'video';
  const presentationTime = start.number * segmentTicks(timescaleHz, view.gridUnits);
  return element(
    'AdaptationSet',
    {
      id,
      contentType: kind,
      mimeType: `${kind}/mp4`,
      lang: isVideo ? undefined : view.language,
      maxWidth: isVideo ? Math.max(...tracks.map((track) => track.init.widthPx)) : undefined,
      maxHeight: isVideo ? Math.max(...tracks.map((track) => track.init.heightPx)) : undefined,
      segmentAlignment: 'true',
      // Passthrough cannot promise that a segment begins with a closed GOP.
      startWithSAP: isVideo && view.gridUnits !== 1 ? undefined : 1,
    },
    [
      element('Label', {}, [escapeXml(view.title)]),
      // "at least one ProducerReferenceTime element with a unique @id, a @type of 'encoder' or 'captured', a UTCTiming
      // identical to the one in the MPD, a @wallClockTime equal to @presentationTime and a @presentationTime equal to
      // @presentationTimeOffset" (§9.X.4.3). Media time is UTC here, so the two clocks are one.
      element(
        'ProducerReferenceTime',
        {
          id: REFERENCE_ID,
          inband: 'false',
          type: 'encoder',
          wallClockTime: start.wallClock,
          presentationTime,
        },
        [utcTiming],
      ),
      // Type 0: a part's moof can be parsed from; type 1: and played from, which holds for sound only.
      element('Resync', { type: isVideo ? 0 : 1, dT: Math.round((view.partTargetMs * timescaleHz) / 1000) }),
      ...(isVideo
        ? renderAccessibility(allCaptions(tracks.map(({ info }) => info ?? {})), view.language)
        : []),
      element('Role', { schemeIdUri: 'urn:mpeg:dash:role:2011', value: 'main' }),
      ...tracks.map(({ id: name, init, info }) =>
        renderRepresentation(name, init, info, renderSegmentTemplate(view, name, init, start.number)),
      ),
    ],
  );
}

/**
 * Writes a Representation (ISO/IEC 23009-1 §5.3.5).
 *
 * @param info what is measured of it
 * @param template its SegmentTemplate
 */
export function renderRepresentation(
  id: string,
  init: TrackInit,
  info: RenditionInfo | undefined,
  template: string,
): string {
  const isVideo = init.kind === 'video';
  const children = isVideo
    ? []
    : [
        element('AudioChannelConfiguration', {
          schemeIdUri: 'urn:mpeg:dash:23003:3:audio_channel_configuration:2011',
          value: init.channels,
        }),
      ];
  children.push(template);
  return element(
    'Representation',
    {
      id,
      bandwidth: Math.max(1, Math.ceil(info?.peakBps ?? 0)),
      codecs: init.codec,
      width: isVideo ? init.widthPx : undefined,
      height: isVideo ? init.heightPx : undefined,
      sar: isVideo ? sarOf(init) : undefined,
      frameRate:
        isVideo && info !== undefined && info.frameRate > 0 ? formatFrameRate(info.frameRate) : undefined,
      audioSamplingRate: isVideo ? undefined : init.sampleRateHz,
    },
    children,
  );
}

/**
 * SegmentTemplate (ISO/IEC 23009-1 §5.3.9.4): `$Number$` on the epoch grid. It stands on the Representation because the
 * name of the init segment is its own.
 */
function renderSegmentTemplate(view: ChannelView, id: string, init: TrackInit, startNumber: number): string {
  const duration = segmentTicks(init.timescaleHz, view.gridUnits);
  const folder = mediaFolder(view.id, id);
  return element('SegmentTemplate', {
    timescale: init.timescaleHz,
    duration,
    startNumber,
    presentationTimeOffset: startNumber * duration,
    // A segment may be requested once its first part is complete; the rest follows as it is made.
    availabilityTimeOffset: Math.round((duration / init.timescaleHz) * 1000 - view.partTargetMs) / 1000,
    availabilityTimeComplete: 'false',
    initialization: folder + initName(init.hash),
    media: folder + segmentName('$Number$'),
  });
}

/** `@frameRate`: a whole number, or a fraction for the rates of NTSC. */
function formatFrameRate(frameRate: number): string {
  const ntsc = Math.round((frameRate * 1001) / 1000);
  const isNtsc = Math.abs((ntsc * 1000) / 1001 - frameRate) < Math.abs(Math.round(frameRate) - frameRate);
  return isNtsc ? `${ntsc * 1000}/1001` : String(Math.max(1, Math.round(frameRate)));
}

/** @sar (ISO/IEC 23009-1 §5.3.7.2): width and height are those of the samples. */
function sarOf({ pixelAspect }: TrackInit): string {
  return pixelAspect === undefined ? '1:1' : `${pixelAspect.horizontal}:${pixelAspect.vertical}`;
}
