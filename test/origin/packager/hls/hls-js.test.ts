import assert from 'node:assert/strict';
import { type LevelDetails, M3U8Parser, PlaylistLevelType } from 'hls.js/dist/hls.mjs';
import type { Mark } from '../../../../origin/packager/media.ts';
import { callsOf } from '../../../../player/playback/hls-playlist.ts';
import type { Call } from '../../../../rollcall/protocol/call.ts';
import { callFrame } from '../../../../rollcall/protocol/frames.ts';
import { writeAsk } from '../../../../rollcall/protocol/listed-call.ts';
import { multivariantPlaylist } from '../../../../origin/packager/hls/multivariant.ts';
import { renderMultivariantPlaylist } from '../../../../origin/packager/hls/playlist/multivariant-playlist.ts';
import {
  FIRST_NUMBER,
  makeInfo,
  makeInit,
  makeRendition,
  makeRun,
  makeSegment,
  makeView,
  steadyView,
  wholeParts,
  renderLive,
} from './view-fixture.ts';

const BASE = 'http://origin.test/live/hall-7/720p.m3u8';

function parse(text: string): LevelDetails {
  const details = M3U8Parser.parseLevelPlaylist(text, BASE, 0, PlaylistLevelType.MAIN, 0, null);
  assert.equal(details.playlistParsingError, null);
  return details;
}

describe('what hls.js reads in our playlists', () => {
  it('low latency: hold-back, parts, the hint, the reports', () => {
    const details = parse(renderLive(steadyView(6, 3), '720p', { skip: false }));
    assert.equal(details.live, true);
    assert.equal(details.canBlockReload, true);
    assert.equal(details.canSkipUntil, 12);
    assert.equal(details.partTarget, 0.2);
    assert.equal(details.partHoldBack, 0.6);
    assert.equal(details.startSN, FIRST_NUMBER);
    assert.equal(details.lastPartSn, FIRST_NUMBER + 6);
    assert.equal(details.lastPartIndex, 2);
    assert.equal(
      details.partList?.at(-1)?.url,
      `http://origin.test/media/hall-7/720p/${FIRST_NUMBER + 6}.2.m4s`,
    );
    assert.equal(details.preloadHint?.['URI'], `../../media/hall-7/720p/${FIRST_NUMBER + 6}.3.m4s`);
    assert.equal(details.renditionReports?.[0]?.['LAST-PART'], '2');
  });

  it('media time: every segment has the date of the grid', () => {
    const details = parse(renderLive(steadyView(6, 0), '720p', { skip: false }));
    assert.deepEqual(
      details.fragments.map((fragment) => fragment?.programDateTime),
      Array.from({ length: 6 }, (_, i) => (FIRST_NUMBER + i) * 1600),
    );
  });

  it('runs: valid date ranges with the state of the class', () => {
    const details = parse(renderLive(steadyView(2, 1), '720p', { skip: false }));
    const range = details.dateRanges[makeRun().id];
    assert.equal(range?.isValid, true);
    assert.equal(range?.attr['X-STATE'], 'on-air');
  });

  it('calls: what is asked, and their window as it is now', () => {
    const atMs = FIRST_NUMBER * 1600 + 800;
    const call: Call = {
      ...{
        callId: 'k1',
        channel: 'hall-7',
        kind: 'choice',
        prompt: '"3 < 4", 对吗？\u00a0👩🏽‍🏫',
        openedBy: 'ms-li',
      },
      ...{ choices: ['对', "Nein, 'nie'"], atProgramTimeMs: atMs, windowMs: 20_000, graceMs: 30_000 },
    };
    const ask = { text: writeAsk(call), windowEndMs: atMs + 20_000 };
    const open: Mark = { id: 'k1', kind: 'choice', atMs, endMs: null, ask: { ...ask, changes: [] } };
    const windowOf = (mark: Mark): unknown => {
      const view = { ...steadyView(2, 1), marks: [mark] };
      const [found] = callsOf(parse(renderLive(view, '720p', { skip: false })));
      assert.deepEqual(found && { ...found.frame, windowMs: 20_000 }, callFrame(call));
      return [found?.frame.windowMs, found?.isClosed];
    };
    assert.deepEqual(windowOf(open), [20_000, false]);
    assert.deepEqual(windowOf({ ...open, endMs: atMs + 7000 }), [7000, true]);
    const changes = [{ endMs: atMs + 60_000, reopens: true }];
    assert.deepEqual(windowOf({ ...open, endMs: atMs + 7000, ask: { ...ask, changes } }), [60_000, false]);
  });

  it('discontinuities, init segments and gaps', () => {
    const [a, b] = [makeInit('video', 'aa'), makeInit('video', 'bb')];
    const view = makeView([
      makeRendition(
        '720p',
        [
          makeSegment({ init: a, number: FIRST_NUMBER, partsMs: wholeParts('video') }),
          makeSegment({ init: a, number: FIRST_NUMBER + 1, partsMs: [], gap: true }),
          makeSegment({
            init: b,
            number: FIRST_NUMBER + 2,
            partsMs: wholeParts('video'),
            discontinuity: true,
          }),
        ],
        5,
      ),
    ]);
    const { fragments } = parse(renderLive(view, '720p', { skip: false }));
    assert.deepEqual(
      fragments.map((fragment) => fragment?.cc),
      [5, 5, 6],
    );
    assert.deepEqual(
      fragments.map((fragment) => fragment?.gap ?? false),
      [false, true, false],
    );
    assert.deepEqual(
      fragments.map((fragment) => fragment?.initSegment?.relurl?.slice(-21)),
      ['init-aa0000000000.mp4', 'init-aa0000000000.mp4', 'init-bb0000000000.mp4'],
    );
  });

  it('a delta update: as many segments as the full one, the skipped ones empty', () => {
    const full = parse(renderLive(steadyView(20, 2), '720p', { skip: false }));
    const delta = parse(renderLive(steadyView(20, 2), '720p', { skip: true }));
    assert.equal(delta.skippedSegments, 12);
    assert.equal(delta.fragments.length, full.fragments.length);
    assert.equal(delta.endSN, full.endSN);
    assert.equal(delta.lastPartIndex, full.lastPartIndex);
  });

  it('the multivariant playlist: levels, and sound with its language', () => {
    const text = renderMultivariantPlaylist(
      multivariantPlaylist({ language: 'zh', gridUnits: 1 }, [makeInfo('720p'), makeInfo('audio')]),
    );
    const { levels, playlistParsingError } = M3U8Parser.parseMasterPlaylist(text, BASE);
    assert.equal(playlistParsingError, null);
    assert.deepEqual(
      levels.map(({ bitrate, height, audioCodec, videoCodec }) => ({
        bitrate,
        height,
        audioCodec,
        videoCodec,
      })),
      [
        { bitrate: 2_600_000, height: 720, audioCodec: 'mp4a.40.2', videoCodec: 'avc1.64001f' },
        { bitrate: 100_000, height: undefined, audioCodec: 'mp4a.40.2', videoCodec: undefined },
      ],
    );
    const media = M3U8Parser.parseMasterPlaylistMedia(text, BASE, M3U8Parser.parseMasterPlaylist(text, BASE));
    assert.equal(media.AUDIO?.[0]?.lang, 'zh');
    assert.equal(media.AUDIO?.[0]?.url, 'http://origin.test/live/hall-7/audio.m3u8');
  });
});
