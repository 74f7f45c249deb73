import { livePlaylist, type LivePlaylistOptions } from '../../../../origin/packager/hls/live-playlist.ts';
import { renderMediaPlaylist } from '../../../../origin/packager/hls/playlist/media-playlist-text.ts';
import type {
  ChannelView,
  Part,
  RenditionInfo,
  RenditionView,
  Run,
  Segment,
  TrackInit,
} from '../../../../origin/packager/media.ts';
import { SEGMENT_DURATION_MS } from '../../../../shared/grid.ts';

/** Number of the segment that begins at 2020-02-17T00:30:00.000Z. */
export const FIRST_NUMBER = 988_687_125;

/** An init segment whose hash is `hash` filled up to 12 digits. */
export function makeInit(kind: 'video' | 'audio', hash: string, timescaleHz?: number): TrackInit {
  const isVideo = kind === 'video';
  return {
    kind,
    timescaleHz: timescaleHz ?? (isVideo ? 90_000 : 48_000),
    trackId: 1,
    codec: isVideo ? 'avc1.64001f' : 'mp4a.40.2',
    widthPx: isVideo ? 1280 : 0,
    heightPx: isVideo ? 720 : 0,
    sampleRateHz: isVideo ? 0 : 48_000,
    channels: isVideo ? 0 : 2,
    defaultDurationTicks: 0,
    defaultSizeBytes: 0,
    defaultFlags: 0,
    bytes: Buffer.alloc(0),
    hash: hash.padEnd(12, '0'),
  };
}

/** What a test says of a segment. */
export type SegmentSpec = {
  readonly init: TrackInit;
  readonly number: number;
  /** Durations of its parts, in milliseconds. */
  readonly partsMs: readonly number[];
  readonly closed?: boolean;
  readonly gap?: boolean;
  readonly discontinuity?: boolean;
  readonly gridUnits?: number;
  /** False for a segment that begins with no keyframe. */
  readonly independent?: boolean;
};

/** A segment on the grid; only its first part is independent, in sound all of them. */
export function makeSegment(spec: SegmentSpec): Segment {
  const { init, number, partsMs, gap = false, gridUnits = 1, independent = true } = spec;
  const startTicks = (number * SEGMENT_DURATION_MS * gridUnits * init.timescaleHz) / 1000;
  const parts: Part[] = [];
  let at = startTicks;
  partsMs.forEach((durationMs, index) => {
    const durationTicks = Math.round((durationMs * init.timescaleHz) / 1000);
    parts.push({
      index,
      startTicks: at,
      durationTicks,
      independent: init.kind === 'audio' || (index === 0 && independent),
      bytes: Buffer.alloc(0),
    });
    at += durationTicks;
  });
  return {
    number,
    init,
    parts,
    startTicks,
    durationTicks: gap ? (SEGMENT_DURATION_MS * gridUnits * init.timescaleHz) / 1000 : at - startTicks,
    closed: spec.closed ?? true,
    gap,
    discontinuity: spec.discontinuity ?? false,
  };
}

/** The parts of a whole segment of `partMs` each; of sound, in whole AAC frames. */
export function wholeParts(kind: 'video' | 'audio', partMs = 200): number[] {
  if (kind === 'video') return Array<number>(SEGMENT_DURATION_MS / partMs).fill(partMs);
  const perPart = Math.floor((partMs * 48) / 1024);
  const parts = Array<number>(Math.floor(75 / perPart)).fill((perPart * 1024) / 48);
  const rest = 75 % perPart;
  return rest === 0 ? parts : [...parts, (rest * 1024) / 48];
}

/** A rendition with its segments. */
export function makeRendition(
  id: string,
  segments: readonly Segment[],
  discontinuitySequence = 0,
): RenditionView {
  return { id, kind: id === 'audio' ? 'audio' : 'video', segments, discontinuitySequence };
}

/** The run that a channel of the tests is in. */
export function makeRun(over: Partial<Run> = {}): Run {
  const firstNumber = over.firstNumber ?? FIRST_NUMBER;
  return {
    id: `${firstNumber}-live`,
    state: 'on-air',
    broadcast: 'b1',
    firstNumber,
    startMs: firstNumber * SEGMENT_DURATION_MS,
    endMs: null,
    ...over,
  };
}

/** A channel in profile `fast`. */
export function makeView(renditions: readonly RenditionView[], over: Partial<ChannelView> = {}): ChannelView {
  return {
    id: 'hall-7',
    title: 'Grade 7 mathematics',
    language: 'zh',
    partTargetMs: 200,
    gridUnits: 1,
    targetDurationS: 2,
    runs: [makeRun()],
    marks: [],
    renditions,
    ...over,
  };
}

/** What is measured of a rendition of the tests. */
export function makeInfo(id: string, over: Partial<RenditionInfo> = {}): RenditionInfo {
  const isVideo = id !== 'audio';
  return {
    id,
    kind: isVideo ? 'video' : 'audio',
    codec: isVideo ? 'avc1.64001f' : 'mp4a.40.2',
    widthPx: isVideo ? 1280 : 0,
    heightPx: isVideo ? 720 : 0,
    frameRate: isVideo ? 25 : 0,
    sampleRateHz: isVideo ? 0 : 48_000,
    channels: isVideo ? 0 : 2,
    peakBps: isVideo ? 2_500_000 : 100_000,
    averageBps: isVideo ? 2_000_000 : 96_000,
    ...over,
  };
}

/**
 * A channel of one video and one audio rendition, a whole number of segments and then some parts of the next.
 *
 * @param openParts parts of the growing segment, in both; -1 for no growing segment at all
 */
export function steadyView(
  wholeSegments: number,
  openParts: number,
  over: Partial<ChannelView> = {},
): ChannelView {
  const partMs = over.partTargetMs ?? 200;
  const make = (kind: 'video' | 'audio'): Segment[] => {
    const init = makeInit(kind, kind === 'video' ? 'aa' : 'bb');
    const segments = Array.from({ length: wholeSegments }, (_, i) =>
      makeSegment({ init, number: FIRST_NUMBER + i, partsMs: wholeParts(kind, partMs) }),
    );
    if (openParts < 0) return segments;
    const partsMs = wholeParts(kind, partMs).slice(0, openParts);
    return [...segments, makeSegment({ init, number: FIRST_NUMBER + wholeSegments, partsMs, closed: false })];
  };
  return makeView([makeRendition('720p', make('video')), makeRendition('audio', make('audio'))], over);
}

/** The text of a live playlist. */
export function renderLive(view: ChannelView, renditionId: string, options: LivePlaylistOptions): string {
  return renderMediaPlaylist(livePlaylist(view, renditionId, options));
}
