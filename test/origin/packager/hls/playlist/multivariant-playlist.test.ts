import assert from 'node:assert/strict';
import fc from 'fast-check';
import { multivariantPlaylist } from '../../../../../origin/packager/hls/multivariant.ts';
import {
  type MultivariantPlaylist,
  parseMultivariantPlaylist,
  renderMultivariantPlaylist,
} from '../../../../../origin/packager/hls/playlist/multivariant-playlist.ts';
import { makeInfo } from '../view-fixture.ts';

/** A plain object, as the reader makes them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });
const text = fc
  .string({ unit: 'grapheme' })
  .filter((value) => !/["\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value));
const uri = fc.stringMatching(/^[a-z0-9./-][a-z0-9./?=-]{0,20}$/);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const bps = fc.nat({ max: 2 ** 30 });
const px = fc.integer({ min: 1, max: 8192 });

const playlist: fc.Arbitrary<MultivariantPlaylist> = record({
  version: fc.integer({ min: 1, max: 13 }),
  independentSegments: fc.boolean(),
  renditions: fc.array(
    record({
      type: fc.constantFrom('AUDIO', 'CLOSED-CAPTIONS'),
      groupId: text,
      language: maybe(text),
      name: text,
      isDefault: fc.boolean(),
      autoselect: fc.boolean(),
      channels: maybe(text),
      instreamId: maybe(text),
      uri: maybe(uri),
    }),
    { maxLength: 3 },
  ),
  variants: fc.array(
    record({
      bandwidthBps: bps,
      averageBandwidthBps: maybe(bps),
      codecs: text,
      resolution: maybe(record({ widthPx: px, heightPx: px })),
      frameRate: maybe(fc.integer({ min: 0, max: 120_000 }).map((milli) => milli / 1000)),
      audioGroupId: maybe(text),
      closedCaptionsGroupId: maybe(text),
      uri,
    }),
    { maxLength: 4 },
  ),
});

describe('a multivariant playlist as a type', () => {
  it('is read back as it was written, whatever stands in it', () => {
    fc.assert(
      fc.property(playlist, (written) => {
        assert.deepEqual(parseMultivariantPlaylist(renderMultivariantPlaylist(written)), written);
      }),
    );
  });

  it('names the media playlists of a start-over with the time at which they begin', () => {
    const input = { language: 'zh', gridUnits: 1 };
    const infos = [makeInfo('720p'), makeInfo('audio')];
    const live = multivariantPlaylist(input, infos);
    const startOver = multivariantPlaylist({ ...input, startMs: 1_581_899_400_000 }, infos);
    const from = <T extends { readonly uri: string | null }>(one: T): T => ({
      ...one,
      uri: `${one.uri}?start=1581899400000`,
    });
    assert.deepEqual(startOver, {
      ...live,
      renditions: live.renditions.map(from),
      variants: live.variants.map(from),
    });
  });

  const HEAD = '#EXTM3U\n#EXT-X-VERSION:9\n';
  const cases: { name: string; text: string; want: RegExp }[] = [
    {
      name: 'a URI without a variant',
      text: `${HEAD}720p.m3u8\n`,
      want: /STREAM-INF: none in front of 720p.m3u8/,
    },
    {
      name: 'a variant without a URI',
      text: `${HEAD}#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="a"\n`,
      want: /no URI follows/,
    },
    {
      name: 'a variant without a bit rate',
      text: `${HEAD}#EXT-X-STREAM-INF:CODECS="a"\na\n`,
      want: /no BANDWIDTH/,
    },
    {
      name: 'a size that is none',
      text: `${HEAD}#EXT-X-STREAM-INF:RESOLUTION=1280\na\n`,
      want: /want a decimal-resolution/,
    },
    { name: 'no version', text: '#EXTM3U\n', want: /no EXT-X-VERSION/ },
  ];
  for (const { name, text, want } of cases) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parseMultivariantPlaylist(text), { code: 'bad-playlist', message: want });
    });
  }
});
