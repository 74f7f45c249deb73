import assert from 'node:assert/strict';
import { replayPlaylist } from '../../../../origin/packager/hls/replay-playlist.ts';
import { startOverPlaylist } from '../../../../origin/packager/hls/start-over-playlist.ts';
import type { RenditionView } from '../../../../origin/packager/media.ts';
import { FIRST_NUMBER, makeInfo, steadyView } from './view-fixture.ts';

const view = steadyView(20, 3);
const video: RenditionView | undefined = view.renditions[0];
assert.ok(video !== undefined);

describe('a start-over playlist', () => {
  it('lists whole segments alone, without parts, and asks players to begin at its beginning', () => {
    const made = startOverPlaylist(view, video, { skip: false, slides: false });
    const segments = [...made.segments];
    assert.equal(segments.length, 20);
    assert.ok(segments.every(({ uri, parts }) => uri !== null && parts.length === 0));
    assert.deepEqual(made.start, { timeOffsetS: 0, precise: true });
    assert.deepEqual([made.mediaSequence, made.skip, made.hasEnd], [FIRST_NUMBER, null, false]);
  });

  it('is an EVENT (§4.4.3.5) unless its beginning moves on', () => {
    const typeOf = (slides: boolean) => startOverPlaylist(view, video, { skip: false, slides }).playlistType;
    assert.deepEqual([typeOf(false), typeOf(true)], ['EVENT', null]);
  });

  it('leaves out the oldest segments in a delta update, with the map of those that follow in force', () => {
    const made = startOverPlaylist(view, video, { skip: true, slides: false });
    const [first, ...others] = made.segments;
    // 12 s of Skip Boundary are 7 whole segments and a half: 8 stay.
    assert.deepEqual([made.skip?.skippedSegments, others.length + 1], [12, 8]);
    assert.equal(first?.map, null);
  });
});

describe('a replay playlist', () => {
  it('has an end, and a target duration that no segment exceeds when rounded (§4.4.3.1)', () => {
    const segments = video.segments.filter(({ closed }) => closed);
    const recorded = { id: '720p', kind: 'video' as const, segments, info: makeInfo('720p') };
    for (const [longestMs, want] of [
      [1600, 2],
      [3200, 3],
      [300, 1],
    ] as const) {
      const recording = { renditions: [recorded], spans: [], longestMs, isIndependent: true };
      const made = replayPlaylist(recording, recorded, () => 'media/', []);
      assert.deepEqual([made.targetDurationS, made.hasEnd, made.playlistType], [want, true, 'VOD']);
    }
  });
});
