import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ChannelView, Segment } from '../../../../origin/packager/media.ts';
import {
  FIRST_NUMBER,
  makeInit,
  makeRendition,
  makeRun,
  makeSegment,
  makeView,
  steadyView,
  wholeParts,
  renderLive,
} from './view-fixture.ts';

const HEADER = [
  '#EXTM3U',
  '#EXT-X-VERSION:9',
  '#EXT-X-TARGETDURATION:2',
  '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=0.6',
  '#EXT-X-PART-INF:PART-TARGET=0.2',
  '#EXT-X-INDEPENDENT-SEGMENTS',
];
const ON_AIR =
  '#EXT-X-DATERANGE:ID="988687125-live",CLASS="org.lectern.run",START-DATE="2020-02-17T00:30:00.000Z",' +
  'X-STATE="on-air",X-BROADCAST="b1"';
const AT = '../../media/hall-7/720p/';

/** The eight parts of a whole segment. */
function partLines(number: number, count = 8, folder = AT): string[] {
  return Array.from(
    { length: count },
    (_, index) =>
      `#EXT-X-PART:DURATION=0.2,URI="${folder}${number}.${index}.m4s"${index === 0 ? ',INDEPENDENT=YES' : ''}`,
  );
}

function tagged(playlist: string, tag: string): string[] {
  return playlist.split('\n').filter((line) => line.startsWith(`#EXT-X-${tag}`));
}

const first = makeInit('video', 'aa');
const second = makeInit('video', 'cc');
const n = FIRST_NUMBER;
const whole = (number: number, over: Partial<Parameters<typeof makeSegment>[0]> = {}): Segment =>
  makeSegment({ init: first, number, partsMs: wholeParts('video'), ...over });

describe('a media playlist, to the letter', () => {
  const cases: { name: string; view: ChannelView; skip?: boolean; want: string[] }[] = [
    {
      name: 'at the start: one part and nothing else',
      view: steadyView(0, 1),
      want: [
        ...HEADER,
        '#EXT-X-MEDIA-SEQUENCE:988687125',
        '#EXT-X-DISCONTINUITY-SEQUENCE:0',
        ON_AIR,
        `#EXT-X-MAP:URI="${AT}init-aa0000000000.mp4"`,
        '#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:00.000Z',
        ...partLines(n, 1),
        `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${AT}988687125.1.m4s"`,
        '#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=988687125,LAST-PART=0',
      ],
    },
    {
      name: 'mid-segment: a whole one and three parts of the next',
      view: steadyView(1, 3),
      want: [
        ...HEADER,
        '#EXT-X-MEDIA-SEQUENCE:988687125',
        '#EXT-X-DISCONTINUITY-SEQUENCE:0',
        ON_AIR,
        `#EXT-X-MAP:URI="${AT}init-aa0000000000.mp4"`,
        '#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:00.000Z',
        ...partLines(n),
        '#EXTINF:1.6,',
        `${AT}988687125.m4s`,
        '#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:01.600Z',
        ...partLines(n + 1, 3),
        `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${AT}988687126.3.m4s"`,
        '#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=988687126,LAST-PART=2',
      ],
    },
    {
      name: 'a segment just ended: the hint names part 0 of the next',
      view: steadyView(1, -1),
      want: [
        ...HEADER,
        '#EXT-X-MEDIA-SEQUENCE:988687125',
        '#EXT-X-DISCONTINUITY-SEQUENCE:0',
        ON_AIR,
        `#EXT-X-MAP:URI="${AT}init-aa0000000000.mp4"`,
        '#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:00.000Z',
        ...partLines(n),
        '#EXTINF:1.6,',
        `${AT}988687125.m4s`,
        `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${AT}988687126.0.m4s"`,
        '#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=988687125,LAST-PART=8',
      ],
    },
    {
      name: 'after a discontinuity: its tag, the init segment and the date come before the first part',
      view: makeView(
        [
          makeRendition(
            '720p',
            [
              whole(n, { partsMs: [200, 200, 80] }),
              whole(n + 1, { init: second, partsMs: [200], closed: false, discontinuity: true }),
            ],
            3,
          ),
        ],
        {
          runs: [
            makeRun({ endMs: (n + 1) * 1600 }),
            makeRun({ id: `${n + 1}-slate`, state: 'interrupted', broadcast: '', firstNumber: n + 1 }),
          ],
        },
      ),
      want: [
        ...HEADER,
        '#EXT-X-MEDIA-SEQUENCE:988687125',
        '#EXT-X-DISCONTINUITY-SEQUENCE:3',
        ON_AIR.replace(',X-STATE', ',END-DATE="2020-02-17T00:30:01.600Z",X-STATE'),
        '#EXT-X-DATERANGE:ID="988687126-slate",CLASS="org.lectern.run",START-DATE="2020-02-17T00:30:01.600Z",X-STATE="interrupted"',
        `#EXT-X-MAP:URI="${AT}init-aa0000000000.mp4"`,
        '#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:00.000Z',
        ...partLines(n, 2),
        `#EXT-X-PART:DURATION=0.08,URI="${AT}988687125.2.m4s"`,
        '#EXTINF:0.48,',
        `${AT}988687125.m4s`,
        '#EXT-X-DISCONTINUITY',
        `#EXT-X-MAP:URI="${AT}init-cc0000000000.mp4"`,
        '#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:01.600Z',
        ...partLines(n + 1, 1),
        `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${AT}988687126.1.m4s"`,
      ],
    },
    {
      name: 'a gap: EXT-X-GAP, gap parts, and no hint after it',
      view: makeView([makeRendition('720p', [whole(n), whole(n + 1, { partsMs: [], gap: true })])], {
        runs: [],
      }),
      want: [
        ...HEADER,
        '#EXT-X-MEDIA-SEQUENCE:988687125',
        '#EXT-X-DISCONTINUITY-SEQUENCE:0',
        `#EXT-X-MAP:URI="${AT}init-aa0000000000.mp4"`,
        '#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:00.000Z',
        ...partLines(n),
        '#EXTINF:1.6,',
        `${AT}988687125.m4s`,
        '#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:01.600Z',
        ...Array.from(
          { length: 8 },
          (_, i) => `#EXT-X-PART:DURATION=0.2,URI="${AT}988687126.${i}.m4s",GAP=YES`,
        ),
        '#EXT-X-GAP',
        '#EXTINF:1.6,',
        `${AT}988687126.m4s`,
      ],
    },
    {
      name: 'a delta update: what lies more than 12 s before the end is skipped',
      view: makeView(
        [
          makeRendition(
            '720p',
            Array.from({ length: 10 }, (_, i) => whole(n + i)),
          ),
        ],
        { runs: [] },
      ),
      skip: true,
      want: [
        ...HEADER,
        '#EXT-X-MEDIA-SEQUENCE:988687125',
        '#EXT-X-DISCONTINUITY-SEQUENCE:0',
        '#EXT-X-SKIP:SKIPPED-SEGMENTS=2',
        ...['03.200', '04.800', '06.400', '08.000', '09.600'].flatMap((at, i) => [
          `#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:${at}Z`,
          '#EXTINF:1.6,',
          `${AT}${n + 2 + i}.m4s`,
        ]),
        ...['11.200', '12.800', '14.400'].flatMap((at, i) => [
          `#EXT-X-PROGRAM-DATE-TIME:2020-02-17T00:30:${at}Z`,
          ...partLines(n + 7 + i),
          '#EXTINF:1.6,',
          `${AT}${n + 7 + i}.m4s`,
        ]),
        `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${AT}988687135.0.m4s"`,
      ],
    },
  ];
  for (const { name, view, skip = false, want } of cases) {
    it(name, () => {
      assert.equal(renderLive(view, '720p', { skip }), `${want.join('\n')}\n`);
    });
  }
});

describe('a media playlist', () => {
  it('is refused for a rendition that the channel does not have', () => {
    assert.throws(() => renderLive(steadyView(1, 0), '1080p', { skip: false }), {
      code: 'unknown-rendition',
      status: 404,
    });
  });

  it('§6.2.4 says the same of hold-back, part target and target duration in every rendition', () => {
    const view = steadyView(8, 3);
    const control = (id: string): string[] =>
      ['SERVER-CONTROL', 'PART-INF', 'TARGETDURATION'].flatMap((tag) =>
        tagged(renderLive(view, id, { skip: false }), tag),
      );
    assert.equal(control('720p').length, 3);
    assert.deepEqual(control('720p'), control('audio'));
  });

  it('has a line for nothing while the growing segment has no part', () => {
    const without = renderLive(steadyView(3, -1), '720p', { skip: false });
    assert.equal(renderLive(steadyView(3, 0), '720p', { skip: false }), without);
  });

  it('§4.4.2.1 does not claim independence in passthrough, nor with a segment that lacks its keyframe', () => {
    const odd = makeView([makeRendition('720p', [whole(n), whole(n + 1, { independent: false })])]);
    assert.deepEqual(tagged(renderLive(odd, '720p', { skip: false }), 'INDEPENDENT'), []);
    const passthrough = steadyView(1, 0, { gridUnits: 2, targetDurationS: 4 });
    assert.deepEqual(tagged(renderLive(passthrough, '720p', { skip: false }), 'INDEPENDENT'), []);
  });

  it('§6.2.6 gives no hint in a segment that is full and waits for its end', () => {
    const full = makeView([makeRendition('720p', [whole(n, { closed: false })])]);
    assert.deepEqual(tagged(renderLive(full, '720p', { skip: false }), 'PRELOAD-HINT'), []);
    const nearly = makeView([
      makeRendition('720p', [whole(n, { closed: false, partsMs: wholeParts('video').slice(1) })]),
    ]);
    assert.deepEqual(tagged(renderLive(nearly, '720p', { skip: false }), 'PRELOAD-HINT'), [
      `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${AT}988687125.7.m4s"`,
    ]);
  });

  it('names the init segment again where it changes without a discontinuity', () => {
    const view = makeView([makeRendition('720p', [whole(n), whole(n + 1), whole(n + 2, { init: second })])]);
    assert.deepEqual(tagged(renderLive(view, '720p', { skip: false }), 'MAP'), [
      `#EXT-X-MAP:URI="${AT}init-aa0000000000.mp4"`,
      `#EXT-X-MAP:URI="${AT}init-cc0000000000.mp4"`,
    ]);
  });

  it('lets no text from outside add a line or an attribute', () => {
    const view = steadyView(1, 0, { runs: [makeRun({ broadcast: 'b"\n#EXT-X-ENDLIST\n\u2028' })] });
    assert.deepEqual(tagged(renderLive(view, '720p', { skip: false }), 'DATERANGE'), [
      ON_AIR.replace('"b1"', `"b' #EXT-X-ENDLIST  "`),
    ]);
  });

  it('writes a segment that two channels share with the paths of each', () => {
    const segment = whole(n);
    const text = (id: string): string =>
      renderLive(makeView([makeRendition('720p', [segment])], { id }), '720p', { skip: false });
    assert.match(text('one'), /media\/one\/720p\/988687125\.m4s/);
    assert.match(text('two'), /media\/two\/720p\/988687125\.m4s/);
    assert.doesNotMatch(text('one'), /two/);
  });
});

/** Any window: segments that are whole, cut short, or gaps, with discontinuities, and one that grows. */
const anyView = fc
  .record({
    segments: fc.array(
      fc.record({
        parts: fc.integer({ min: 1, max: 8 }),
        gap: fc.boolean(),
        discontinuity: fc.boolean(),
        init: fc.constantFrom(first, second),
      }),
      { minLength: 1, maxLength: 30 },
    ),
    open: fc.integer({ min: -1, max: 7 }),
    partTargetMs: fc.constantFrom(200, 400, 800),
  })
  .map(({ segments, open, partTargetMs }) => {
    const list = segments.map(({ parts, gap, discontinuity, init }, i) =>
      makeSegment({
        init,
        number: n + i,
        partsMs: gap ? [] : wholeParts('video', partTargetMs).slice(0, parts),
        gap,
        discontinuity,
      }),
    );
    if (open >= 0) {
      const partsMs = wholeParts('video', partTargetMs).slice(0, Math.min(open, 1600 / partTargetMs - 1));
      list.push(makeSegment({ init: first, number: n + segments.length, partsMs, closed: false }));
    }
    return makeView([makeRendition('720p', list)], { partTargetMs });
  });

describe('a delta update (RFC 8216bis §6.2.5.1)', () => {
  it('full = skipped + delta, byte for byte', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const full = renderLive(view, '720p', { skip: false });
        const delta = renderLive(view, '720p', { skip: true });
        const skip = /^#EXT-X-SKIP:SKIPPED-SEGMENTS=(\d+)\n/m.exec(delta);
        if (skip === null) {
          assert.equal(delta, full);
          return;
        }
        const header = delta.slice(0, skip.index);
        const rest = delta.slice(skip.index + skip[0].length);
        assert.ok(full.startsWith(header));
        assert.ok(full.endsWith(rest));
        const skipped = full.slice(header.length, full.length - rest.length);
        const uris = skipped.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
        assert.equal(uris.length, Number(skip[1]));
        assert.match(skipped, /\.m4s\n$/);
        assert.doesNotMatch(skipped, /#EXT-X-(PART:|DATERANGE)/);
      }),
    );
  });

  it('skips a segment only if all of it lies beyond the Skip Boundary', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const delta = renderLive(view, '720p', { skip: true });
        const skipped = Number(/SKIPPED-SEGMENTS=(\d+)/.exec(delta)?.[1] ?? 0);
        const closed = (view.renditions[0]?.segments ?? []).filter((segment) => segment.closed);
        const seconds = closed.map((segment) => segment.durationTicks / segment.init.timescaleHz);
        const after = (index: number): number => seconds.slice(index + 1).reduce((sum, s) => sum + s, 0);
        closed.forEach((_, index) => {
          if (index < skipped) assert.ok(after(index) > 12 - 1e-6);
          else assert.ok(after(index) <= 12 + 1e-6);
        });
      }),
    );
  });
});

describe('parts (RFC 8216bis §6.2.2)', () => {
  it('are listed for whole segments within three target durations of the end, and for no others', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const lines = renderLive(view, '720p', { skip: false }).split('\n');
        const segments = view.renditions[0]?.segments ?? [];
        segments.forEach((segment, index) => {
          const fromStart = segments
            .slice(index)
            .reduce((sum, { durationTicks, init }) => sum + durationTicks / init.timescaleHz, 0);
          const listed = lines.filter(
            (line) => line.startsWith('#EXT-X-PART:') && line.includes(`/${segment.number}.`),
          );
          const expected = segment.gap ? 1600 / view.partTargetMs : segment.parts.length;
          assert.equal(listed.length, fromStart <= 6 + 1e-6 ? expected : 0);
        });
      }),
    );
  });
});
