import assert from 'node:assert/strict';
import fc from 'fast-check';
import { livePlaylist } from '../../../../../origin/packager/hls/live-playlist.ts';
import type { DateRange } from '../../../../../origin/packager/hls/playlist/date-range.ts';
import type {
  MediaPlaylistFoot,
  MediaPlaylistHead,
} from '../../../../../origin/packager/hls/playlist/media-playlist.ts';
import {
  parseMediaPlaylist,
  renderMediaPlaylist,
  renderMediaPlaylistInPieces,
} from '../../../../../origin/packager/hls/playlist/media-playlist-text.ts';
import type {
  MediaSegment,
  PlaylistPart,
} from '../../../../../origin/packager/hls/playlist/media-segment.ts';
import { replayPlaylist } from '../../../../../origin/packager/hls/replay-playlist.ts';
import { startOverPlaylist } from '../../../../../origin/packager/hls/start-over-playlist.ts';
import type { RecordedRendition, Recording } from '../../../../../origin/packager/recording/recording.ts';
import { makeInfo, steadyView } from '../view-fixture.ts';

/** A plain object, as the reader makes them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });
/** Seconds to the microsecond, as playlists write them. */
const seconds = fc.integer({ min: 0, max: 3_600_000_000 }).map((micros) => micros / 1e6);
const integer = fc.nat({ max: 2 ** 40 });
const timeMs = fc.integer({ min: 0, max: 4_102_444_800_000 });
/** Anything that a quoted-string may hold. */
const text = fc
  .string({ unit: 'grapheme' })
  .filter((value) => !/["\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value));
const uri = fc.stringMatching(/^[a-z0-9./-][a-z0-9./?=-]{0,20}$/);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const part: fc.Arbitrary<PlaylistPart> = record({
  durationS: seconds,
  uri,
  independent: fc.boolean(),
  gap: fc.boolean(),
});
const segmentTags = {
  discontinuity: fc.boolean(),
  map: maybe(record({ uri })),
  programDateTimeMs: maybe(timeMs),
  gap: fc.boolean(),
};
const wholeSegment: fc.Arbitrary<MediaSegment> = record({
  ...segmentTags,
  parts: fc.array(part, { maxLength: 3 }),
  durationS: seconds,
  uri,
});
const growingSegment: fc.Arbitrary<MediaSegment> = record({
  ...segmentTags,
  parts: fc.array(part, { minLength: 1, maxLength: 3 }),
  durationS: fc.constant(null),
  uri: fc.constant(null),
});
const dateRange: fc.Arbitrary<DateRange> = record({
  id: text,
  class: text,
  startMs: timeMs,
  endMs: maybe(timeMs),
  durationS: maybe(seconds),
  state: maybe(text),
  broadcast: maybe(text),
  kind: maybe(text),
  ask: maybe(text),
  reopens: maybe(text),
});
const head: fc.Arbitrary<MediaPlaylistHead> = record({
  version: fc.integer({ min: 1, max: 13 }),
  targetDurationS: fc.integer({ min: 1, max: 100 }),
  playlistType: maybe(fc.constantFrom('EVENT', 'VOD')),
  start: maybe(record({ timeOffsetS: seconds, precise: fc.boolean() })),
  serverControl: maybe(
    record({
      canBlockReload: fc.constant(true),
      canSkipUntilS: maybe(seconds),
      holdBackS: maybe(seconds),
      partHoldBackS: maybe(seconds),
    }),
  ),
  partInf: maybe(record({ partTargetS: seconds })),
  independentSegments: fc.boolean(),
  mediaSequence: integer,
  discontinuitySequence: maybe(integer),
  dateRanges: fc.array(dateRange, { maxLength: 3 }),
  skip: maybe(record({ skippedSegments: integer })),
});
const foot: fc.Arbitrary<MediaPlaylistFoot> = record({
  preloadHint: maybe(record({ type: fc.constantFrom('PART', 'MAP'), uri })),
  renditionReports: fc.array(record({ uri, lastNumber: integer, lastPart: maybe(integer) }), {
    maxLength: 3,
  }),
  hasEnd: fc.boolean(),
});
const playlist = fc
  .tuple(head, foot, fc.array(wholeSegment, { maxLength: 4 }), maybe(growingSegment))
  .map(([head, foot, whole, growing]) => ({
    ...head,
    ...foot,
    segments: growing === null ? whole : [...whole, growing],
  }));

describe('a media playlist as a type', () => {
  it('is read back as it was written, whatever stands in it', () => {
    fc.assert(
      fc.property(playlist, (written) => {
        assert.deepEqual(parseMediaPlaylist(renderMediaPlaylist(written)), written);
      }),
    );
  });

  it('is the same text when it is written twice, in pieces, or after it was read', () => {
    fc.assert(
      fc.property(playlist, (written) => {
        const once = renderMediaPlaylist(written);
        assert.equal(renderMediaPlaylist(written), once);
        assert.equal([...renderMediaPlaylistInPieces(written)].join(''), once);
        assert.equal(renderMediaPlaylist(parseMediaPlaylist(once)), once);
      }),
    );
  });

  it('is written in pieces of 1000 segments', () => {
    const segments = Array.from({ length: 2500 }, (_, index) => ({
      ...{ discontinuity: false, map: null, programDateTimeMs: null, parts: [], gap: false },
      ...{ durationS: 1.6, uri: `${index}.m4s` },
    }));
    const pieces = [...renderMediaPlaylistInPieces({ ...parseMediaPlaylist(MINIMAL), segments })];
    assert.deepEqual(
      pieces.map((piece) => piece.match(/\.m4s\n/g)?.length),
      [1000, 1000, 500],
    );
  });

  it('has another text as soon as one of its segments is another one', () => {
    const base = parseMediaPlaylist(`${MINIMAL}#EXTINF:1.6,\n1.m4s\n#EXTINF:1.6,\n2.m4s\n`);
    const [first, second] = base.segments;
    assert.ok(first !== undefined && second !== undefined);
    for (const segments of [
      [first, second],
      [first, { ...second, uri: '3.m4s' }],
      [first],
      [second, first],
    ]) {
      assert.deepEqual(parseMediaPlaylist(renderMediaPlaylist({ ...base, segments })).segments, segments);
    }
  });

  it('holds text from outside that would end a value, or add a tag, without harm', () => {
    fc.assert(
      fc.property(playlist, fc.string({ unit: 'binary' }), (written, hostile) => {
        const dateRanges = [
          {
            id: 'a',
            class: hostile,
            startMs: 0,
            endMs: null,
            durationS: null,
            state: hostile,
            broadcast: null,
            kind: null,
            ask: null,
            reopens: null,
          },
        ];
        const read = parseMediaPlaylist(renderMediaPlaylist({ ...written, dateRanges }));
        assert.equal(read.dateRanges[0]?.class.length, hostile.length);
        assert.deepEqual({ ...read, dateRanges: [] }, { ...written, dateRanges: [] });
      }),
    );
  });

  const view = steadyView(20, 3);
  const [video] = view.renditions;
  assert.ok(video !== undefined);
  const whole = video.segments.filter(({ closed }) => closed);
  const recorded: RecordedRendition = { id: '720p', kind: 'video', segments: whole, info: makeInfo('720p') };
  const recording: Recording = { renditions: [recorded], spans: [], longestMs: 1600, isIndependent: true };
  const mark = { id: 'c1', kind: 'presence', atMs: 1_581_899_400_000, endMs: null };
  for (const [name, made] of [
    ['live', livePlaylist(view, '720p', { skip: false })],
    ['a delta update', livePlaylist(view, '720p', { skip: true })],
    ['start-over', startOverPlaylist(view, video, { skip: false, slides: false })],
    ['a replay', replayPlaylist(recording, recorded, () => 'media/', [mark])],
  ] as const) {
    it(`is made of ${name}, and read back with the same segments`, () => {
      const read = parseMediaPlaylist(renderMediaPlaylist(made));
      assert.deepEqual(read, { ...made, segments: [...made.segments] });
      assert.ok(read.segments.length > 5);
    });
  }
});

const MINIMAL = '#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7\n';

describe('a text that is no media playlist', () => {
  const cases: { name: string; text: string; want: RegExp }[] = [
    { name: 'another first line', text: `\n${MINIMAL}`, want: /EXTM3U: first line is ""/ },
    {
      name: 'no target duration',
      text: MINIMAL.replace(/.*TARGET.*\n/, ''),
      want: /no EXT-X-TARGETDURATION/,
    },
    {
      name: 'a number that is none',
      text: MINIMAL.replace(':7', ':-7'),
      want: /MEDIA-SEQUENCE: "-7": want a decimal-int/,
    },
    { name: 'a URI without a duration', text: `${MINIMAL}7.m4s\n`, want: /EXTINF: none in front of 7.m4s/ },
    { name: 'a duration without a URI', text: `${MINIMAL}#EXTINF:1,\n`, want: /EXTINF: no URI follows/ },
    { name: 'a part without a URI', text: `${MINIMAL}#EXT-X-PART:DURATION=1\n`, want: /EXT-X-PART: no URI/ },
    { name: 'an attribute twice', text: `${MINIMAL}#EXT-X-MAP:URI="a",URI="b"\n`, want: /URI appears twice/ },
    {
      name: 'a quote that does not end',
      text: `${MINIMAL}#EXT-X-MAP:URI="a\n`,
      want: /EXT-X-MAP: no attribute at "URI=/,
    },
    {
      name: 'another playlist type',
      text: `${MINIMAL}#EXT-X-PLAYLIST-TYPE:LIVE\n`,
      want: /"LIVE": want EVENT or VOD/,
    },
    {
      name: 'a date that is none',
      text: `${MINIMAL}#EXT-X-PROGRAM-DATE-TIME:noon\n`,
      want: /"noon": want a date/,
    },
    { name: 'a flag with a value', text: `${MINIMAL}#EXT-X-GAP:YES\n`, want: /EXT-X-GAP: has a value/ },
  ];
  for (const { name, text, want } of cases) {
    it(name, () => {
      assert.throws(() => parseMediaPlaylist(text), { code: 'bad-playlist', message: want });
    });
  }

  it('is read without its comments, and without tags and attributes that are not known', () => {
    const plain = `${MINIMAL}#EXT-X-MAP:URI="a"\n#EXTINF:1.6,\n7.m4s\n`;
    const more = `${MINIMAL}# a comment\n\n#EXT-X-NEW:1\n#EXT-X-MAP:URI="a",X-NEW="b, c"\r\n#EXTINF:1.6,a title\n7.m4s\n`;
    assert.deepEqual(parseMediaPlaylist(more), parseMediaPlaylist(plain));
  });
});
