import { renderMpd } from '../../origin/packager/dash/mpd.ts';
import { livePlaylist } from '../../origin/packager/hls/live-playlist.ts';
import { multivariantPlaylist } from '../../origin/packager/hls/multivariant.ts';
import { renderMediaPlaylist } from '../../origin/packager/hls/playlist/media-playlist-text.ts';
import { renderMultivariantPlaylist } from '../../origin/packager/hls/playlist/multivariant-playlist.ts';
import type { ChannelView, Run, Segment, TrackInit } from '../../origin/packager/media.ts';
import {
  FIRST_NUMBER,
  makeInfo,
  makeInit,
  makeRendition,
  makeRun,
  makeSegment,
  makeView,
  wholeParts,
} from '../origin/packager/hls/view-fixture.ts';
import type { MediaProbe } from './delivery-rules.ts';
import type { Exchange } from './violation.ts';

/** Segments that the simulated channel lists. */
const WINDOW = 9;
/** Segments that it makes while it is watched. */
const WATCHED = 16;
const LIVE_FROM = FIRST_NUMBER + 3;
const INTERRUPTED_FROM = FIRST_NUMBER + 7;
/** The newest segment at the end. */
export const LAST_NUMBER = FIRST_NUMBER + WATCHED - 1;
const INFOS = [makeInfo('720p'), makeInfo('360p'), makeInfo('audio')];

/** UTC at which a part of the simulated channel is out, milliseconds. */
function outMs(number: number, parts: number, partTargetMs: number): number {
  return number * 1600 + parts * partTargetMs + 400;
}

/**
 * A channel whose class begins after a while, is interrupted (with a gap in between), and goes on.
 *
 * @param parts how many parts of segment `number` are out
 */
export function simulatedView(number: number, parts: number, partTargetMs: number): ChannelView {
  const initOf = (kind: 'video' | 'audio', id: string, at: number): TrackInit =>
    makeInit(kind, `${at >= LIVE_FROM && at < INTERRUPTED_FROM ? 'ee' : 'aa'}${id.slice(0, 1)}`);
  const first = number - WINDOW;
  const runs: Run[] = [
    makeRun({
      id: 'r0',
      state: 'before',
      broadcast: '',
      firstNumber: FIRST_NUMBER - WINDOW,
      endMs: LIVE_FROM * 1600,
    }),
    makeRun({ id: 'r1', firstNumber: LIVE_FROM, endMs: INTERRUPTED_FROM * 1600 }),
    makeRun({ id: 'r2', state: 'interrupted', broadcast: '', firstNumber: INTERRUPTED_FROM }),
  ];
  const renditions = ['720p', '360p', 'audio'].map((id) => {
    const kind = id === 'audio' ? 'audio' : 'video';
    const segments: Segment[] = [];
    for (let at = first; at <= number; at += 1) {
      segments.push(
        simulatedSegment(kind, initOf(kind, id, at), at, at === number ? parts : null, partTargetMs),
      );
    }
    const gone = [LIVE_FROM, INTERRUPTED_FROM].filter((from) => from < first).length;
    return makeRendition(id, segments, gone);
  });
  const listed = runs
    .filter((run) => run.firstNumber <= number && (run.endMs === null || run.endMs > first * 1600))
    .map((run) => ({ ...run, endMs: run.endMs !== null && run.endMs <= number * 1600 ? run.endMs : null }));
  return makeView(renditions, { partTargetMs, runs: listed });
}

function simulatedSegment(
  kind: 'video' | 'audio',
  init: TrackInit,
  number: number,
  parts: number | null,
  partTargetMs: number,
): Segment {
  const gap = number === INTERRUPTED_FROM - 1;
  const partsMs = wholeParts(kind, partTargetMs);
  const discontinuity = number === LIVE_FROM || number === INTERRUPTED_FROM;
  if (gap) return makeSegment({ init, number, partsMs: [], gap, discontinuity });
  const last = parts ?? partsMs.length;
  const closed = parts === null || parts >= 1600 / partTargetMs;
  return makeSegment({
    init,
    number,
    partsMs: closed ? partsMs : partsMs.slice(0, last),
    closed,
    discontinuity,
  });
}

/** What a faultless client saw of the simulated channel. */
export type SimulatedHistory = {
  readonly playlists: readonly Exchange[];
  readonly mpds: readonly Exchange[];
  readonly media: readonly MediaProbe[];
};

/** Plays the simulated channel and asks for everything in every way. */
export function simulateHistory(partTargetMs: number): SimulatedHistory {
  const playlists: Exchange[] = [];
  const mpds: Exchange[] = [];
  const media: MediaProbe[] = [];
  const headers = {
    'content-type': 'application/vnd.apple.mpegurl',
    'content-encoding': 'gzip',
    'cache-control': 'public, max-age=1',
  };
  const perSegment = 1600 / partTargetMs;
  for (let number = FIRST_NUMBER; number <= LAST_NUMBER; number += 1) {
    for (let parts = 1; parts <= perSegment; parts += 1) {
      // While a gap is the newest segment, all of it is listed at once.
      const view = simulatedView(number, parts, partTargetMs);
      const atMs = outMs(number, parts, partTargetMs);
      const base = { atMs, sentMs: atMs - partTargetMs, status: 200, headers };
      for (const { id } of view.renditions) {
        const url = `/live/hall-7/${id}.m3u8`;
        const wait = `_HLS_msn=${number}&_HLS_part=${parts - 1}`;
        playlists.push({
          ...base,
          url: `${url}?${wait}`,
          text: renderMediaPlaylist(livePlaylist(view, id, { skip: false })),
        });
        playlists.push({
          ...base,
          url: `${url}?${wait}&_HLS_skip=YES`,
          text: renderMediaPlaylist(livePlaylist(view, id, { skip: true })),
        });
        const part = `/media/hall-7/${id}/${number - 3}.0.m4s`;
        media.push({ ...base, sentMs: atMs, url: part, status: 200, mediaTimeMs: (number - 3) * 1600 });
      }
      if (parts > 1) continue;
      playlists.push({
        ...base,
        url: '/live/hall-7/index.m3u8',
        text: renderMultivariantPlaylist(multivariantPlaylist(view, INFOS)),
      });
      const type = { ...headers, 'content-type': 'application/dash+xml' };
      mpds.push({
        ...base,
        url: '/live/hall-7/manifest.mpd',
        headers: type,
        text: renderMpd(view, INFOS, atMs),
      });
      const odd = (query: string, status: number, text = ''): number =>
        playlists.push({ ...base, sentMs: atMs, url: `/live/hall-7/720p.m3u8?${query}`, status, text });
      odd('_HLS_part=3', 400);
      odd('_HLS_msn=x', 400);
      odd(`_HLS_msn=${number + 5}`, 400);
      odd(`_HLS_msn=${number - 100}`, 200, renderMediaPlaylist(livePlaylist(view, '720p', { skip: false })));
      odd(`_HLS_msn=${number - 1}`, 200, renderMediaPlaylist(livePlaylist(view, '720p', { skip: false })));
    }
  }
  return { playlists, mpds, media };
}
