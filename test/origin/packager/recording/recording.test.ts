import assert from 'node:assert/strict';
import { renderVodMpd } from '../../../../origin/packager/dash/vod-mpd.ts';
import { renderMediaPlaylistInPieces } from '../../../../origin/packager/hls/playlist/media-playlist-text.ts';
import { replayPlaylist } from '../../../../origin/packager/hls/replay-playlist.ts';
import type { TrackInit } from '../../../../origin/packager/media.ts';
import type { Recording } from '../../../../origin/packager/recording/recording.ts';
import { RecordingLayout } from '../../../../origin/packager/recording/recording-layout.ts';
import type { StoredSegment } from '../../../../origin/packager/recording/stored-segment.ts';
import { audioInit, videoInit } from '../../support/cmaf-init.ts';

const VIDEO = videoInit(360);
const OTHER = videoInit(720);
const SOUND = audioInit();

function stored(number: number, rendition = '360p', init: TrackInit = VIDEO): StoredSegment {
  const ticks = (init.timescaleHz * 16) / 10;
  return {
    ...{ rendition, number, startTicks: number * ticks, durationTicks: ticks, timescaleHz: init.timescaleHz },
    ...{ frames: 40, initHash: init.hash, sizeBytes: 20_000 },
  };
}

const INITS = new Map([
  [`360p/${VIDEO.hash}`, VIDEO],
  [`360p/${OTHER.hash}`, OTHER],
  [`audio/${SOUND.hash}`, SOUND],
]);

function layRecording(
  segments: readonly StoredSegment[],
  inits: ReadonlyMap<string, TrackInit>,
): Recording | null {
  const layout = new RecordingLayout();
  layout.add(segments, inits);
  return layout.finish();
}

/** Numbers of a rendition, `|` before a discontinuity, `-` for a gap. */
function shape(recording: Recording | null, id: string): string {
  const rendition = recording?.renditions.find((candidate) => candidate.id === id);
  return (rendition?.segments ?? [])
    .map(({ number, gap, discontinuity }) => `${discontinuity ? '|' : ''}${gap ? '-' : number}`)
    .join(' ');
}

describe('a recording', () => {
  const sound = (number: number) => stored(number, 'audio', SOUND);
  /** One picture of a segment whose line was cut. */
  const stub = (number: number): StoredSegment => ({ ...stored(number), durationTicks: 3600, frames: 1 });
  const table: { name: string; segments: StoredSegment[]; video: string; audio: string; spans: number }[] = [
    {
      name: 'leaves out a moment that only its picture has, where a line was cut',
      segments: [...[1, 2, 8, 9].flatMap((n) => [stored(n), sound(n)]), stub(3), stub(10)],
      video: '1 2 |8 9',
      audio: '1 2 |8 9',
      spans: 2,
    },
    {
      name: 'keeps one in the middle of a run, and one that is longer than a moment',
      segments: [...[1, 3, 9].flatMap((n) => [stored(n), sound(n)]), stub(2), stored(4)],
      video: '1 2 3 4 |9',
      audio: '1 - 3 - |9',
      spans: 5,
    },
    {
      name: 'goes on where numbers follow each other',
      segments: [1, 2, 3].flatMap((n) => [stored(n), sound(n)]),
      video: '1 2 3',
      audio: '1 2 3',
      spans: 1,
    },
    {
      name: 'has a discontinuity where numbers jump',
      segments: [1, 2, 9].flatMap((n) => [stored(n), sound(n)]),
      video: '1 2 |9',
      audio: '1 2 |9',
      spans: 2,
    },
    {
      name: 'has one for all where an init segment changes',
      segments: [stored(1), sound(1), stored(2, '360p', OTHER), sound(2)],
      video: '1 |2',
      audio: '1 |2',
      spans: 2,
    },
    {
      name: 'has a gap where one rendition has nothing',
      segments: [stored(1), sound(1), sound(2), stored(3), sound(3)],
      video: '1 - 3',
      audio: '1 2 3',
      spans: 3,
    },
    {
      name: 'leaves out what has no init segment',
      segments: [stored(1), sound(1), { ...stored(2), initHash: '000000000000' }, sound(2)],
      video: '1 -',
      audio: '1 2',
      spans: 2,
    },
  ];
  for (const { name, segments, video, audio, spans } of table) {
    it(name, () => {
      const recording = layRecording(segments.toReversed(), INITS);
      assert.equal(shape(recording, '360p'), video);
      assert.equal(shape(recording, 'audio'), audio);
      assert.equal(recording?.spans.length, spans);
    });
  }

  it('lists rungs that only repeat each other once, and those that differ in one segment both', () => {
    const inits = new Map([...INITS, [`480p/${VIDEO.hash}`, VIDEO] as const]);
    const same = [1, 2].flatMap((n) => [stored(n), stored(n, '480p'), sound(n)]);
    const idsOf = (segments: StoredSegment[]) =>
      layRecording(segments, inits)?.renditions.map(({ id }) => id);
    assert.deepEqual(idsOf(same), ['360p', 'audio']);
    assert.deepEqual(idsOf([...same, { ...stored(3, '480p'), sizeBytes: 1 }, stored(3)]), [
      '360p',
      '480p',
      'audio',
    ]);
  });

  it('is nothing where there is nothing', () => {
    assert.equal(layRecording([], INITS), null);
    assert.equal(layRecording([{ ...stored(1), initHash: '000000000000' }], INITS), null);
  });

  describe('with media that came late', () => {
    const late = (number: number, frames = 40): StoredSegment => ({
      ...stored(number, '360p--late'),
      frames,
    });
    const lateSound = (number: number): StoredSegment => stored(number, 'audio--late', SOUND);
    const inits = new Map([
      ...INITS,
      [`360p--late/${VIDEO.hash}`, VIDEO],
      [`audio--late/${SOUND.hash}`, SOUND],
    ]);
    const onAir = [1, 2, 5, 6].flatMap((n) => [stored(n), sound(n)]);

    it('is whole, under the URLs of what came late, in one piece', () => {
      const recording = layRecording([...onAir, ...[3, 4].flatMap((n) => [late(n), lateSound(n)])], inits);
      assert.ok(recording !== null);
      assert.equal(shape(recording, '360p'), '1 2 3 4 5 6');
      assert.equal(shape(recording, 'audio'), '1 2 3 4 5 6');
      assert.deepEqual(
        recording.renditions.map(({ id }) => id),
        ['360p', 'audio'],
      );
      const [video] = recording.renditions;
      assert.ok(video !== undefined);
      const text = [...renderMediaPlaylistInPieces(replayPlaylist(recording, video, (id) => `${id}/`, []))];
      assert.deepEqual(text.join('').match(/^\S+m4s$/gm), [
        ...['360p/1.m4s', '360p/2.m4s', '360p--late/3.m4s', '360p--late/4.m4s', '360p/5.m4s', '360p/6.m4s'],
      ]);
      assert.equal(text.join('').match(/EXT-X-DISCONTINUITY\n/g), null);
      const mpd = renderVodMpd(recording, { title: '', language: 'zh' }, (id) => `${id}/`, []);
      assert.equal(mpd.match(/<Period /g)?.length, 3);
      assert.match(mpd, /media="360p--late\/\$Number\$\.m4s"/);
      assert.match(mpd, /mediaPresentationDuration="PT9\.6S"/);
    });

    it('takes the whole segment in place of one that was cut short on air, and never the shorter one', () => {
      const cut = { ...stored(2), frames: 20, durationTicks: 72_000 };
      const recording = layRecording(
        [stored(1), sound(1), cut, sound(2), late(2), stored(3), sound(3), late(3, 10)],
        inits,
      );
      assert.deepEqual(
        recording?.renditions[0]?.segments.map(({ number, storedAs }) => [number, storedAs]),
        [
          [1, undefined],
          [2, '360p--late'],
          [3, undefined],
        ],
      );
    });
  });

  it('of a whole day is written', () => {
    const day = Array.from({ length: 54_000 }, (_, i) => i + 1).flatMap((n) => [stored(n), sound(n)]);
    const recording = layRecording(day, INITS);
    assert.ok(recording !== null);
    const [video] = recording.renditions;
    assert.ok(video !== undefined);
    assert.equal(
      [...renderMediaPlaylistInPieces(replayPlaylist(recording, video, (id) => `${id}/`, []))]
        .join('')
        .match(/\.m4s\n/g)?.length,
      54_000,
    );
    // One S for all of it.
    const mpd = renderVodMpd(recording, { title: 'A day', language: 'zh' }, () => '', []);
    assert.equal(mpd.match(/<S /g)?.length, 2);
    assert.match(mpd, /mediaPresentationDuration="PT86400S"/);
  });

  it('a gap is said in HLS, and is another Period in DASH (§4.4.4.7; ISO/IEC 23009-1 §5.3.2)', () => {
    const recording = layRecording([stored(1), sound(1), sound(2), stored(3), sound(3)], INITS);
    assert.ok(recording !== null);
    const [video] = recording.renditions;
    assert.ok(video !== undefined);
    assert.match(
      [...renderMediaPlaylistInPieces(replayPlaylist(recording, video, (id) => `${id}/`, []))].join(''),
      /#EXT-X-GAP\n#EXTINF:1\.6,\n360p\/2\.m4s\n/,
    );
    const mpd = renderVodMpd(recording, { title: '', language: 'zh' }, (id) => `${id}/`, []);
    assert.equal(mpd.match(/<Period /g)?.length, 3);
    assert.doesNotMatch(mpd, /360p\/2/);
    assert.equal(mpd.match(/<Representation id="360p"/g)?.length, 2);
  });
});
