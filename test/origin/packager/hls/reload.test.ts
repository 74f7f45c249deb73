import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalQuery, parseDirectives } from '../../../../origin/packager/hls/directives.ts';
import { decideReload, type ReloadWindow, reloadWindow } from '../../../../origin/packager/hls/reload.ts';
import {
  FIRST_NUMBER,
  makeInit,
  makeRendition,
  makeSegment,
  makeView,
  steadyView,
  wholeParts,
} from './view-fixture.ts';

describe('delivery directives (RFC 8216bis §6.2.5)', () => {
  const none = { number: null, part: null, skip: false };
  const good = [
    { query: '', want: none, canonical: '' },
    { query: '?', want: none, canonical: '' },
    { query: '?start=5&x=_HLS_msn', want: none, canonical: '' },
    { query: '?_HLS_msn=7', want: { ...none, number: 7 }, canonical: '_HLS_msn=7' },
    {
      query: '_HLS_part=0&_HLS_msn=007',
      want: { number: 7, part: 0, skip: false },
      canonical: '_HLS_msn=7&_HLS_part=0',
    },
    {
      query: '?v=1&_HLS_skip=YES&_HLS_part=2&_HLS_msn=7&_HLS_push=1',
      want: { number: 7, part: 2, skip: true },
      canonical: '_HLS_msn=7&_HLS_part=2&_HLS_skip=YES',
    },
    { query: '_HLS_skip=v2', want: { ...none, skip: true }, canonical: '_HLS_skip=YES' },
    { query: '%5FHLS_msn=%37', want: { ...none, number: 7 }, canonical: '_HLS_msn=7' },
  ];
  for (const { query, want, canonical } of good) {
    it(`reads ${JSON.stringify(query)}`, () => {
      const directives = parseDirectives(query);
      assert.deepEqual(directives, want);
      assert.equal(canonicalQuery(directives), canonical);
    });
  }

  const bad = [
    { query: '_HLS_part=3', code: 'part-without-msn' },
    { query: '_HLS_msn=', code: 'bad-directive' },
    { query: '_HLS_msn=-1', code: 'bad-directive' },
    { query: '_HLS_msn=1.5', code: 'bad-directive' },
    { query: '_HLS_msn=1e3', code: 'bad-directive' },
    { query: '_HLS_msn=0x10', code: 'bad-directive' },
    { query: '_HLS_msn=%D9%A3', code: 'bad-directive' },
    { query: '_HLS_msn=1&_HLS_msn=2', code: 'bad-directive' },
    { query: '_HLS_msn=1&_HLS_part=x', code: 'bad-directive' },
    { query: '_HLS_skip=yes', code: 'bad-directive' },
    { query: '_HLS_msn=99999999999999999999', code: 'directive-too-large' },
    { query: '_HLS_msn=1000000000000000', code: 'directive-too-large' },
    { query: '_HLS_msn=1&_HLS_part=100000', code: 'directive-too-large' },
    { query: `_HLS_msn=1&x=${'y'.repeat(3000)}`, code: 'directive-too-large' },
  ];
  for (const { query, code } of bad) {
    it(`refuses ${JSON.stringify(query.slice(0, 50))} with ${code}`, () => {
      assert.throws(() => parseDirectives(query), { name: 'DirectiveError', code, status: 400 });
    });
  }

  it('raises nothing but a DirectiveError, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, value) => {
        try {
          parseDirectives(`_HLS_${name}=${value}&_HLS_msn=${value}`);
        } catch (error) {
          assert.equal(error instanceof Error && error.name, 'DirectiveError');
        }
      }),
    );
  });
});

describe('a blocking reload (RFC 8216bis §6.2.5.2)', () => {
  const growing: ReloadWindow = {
    firstNumber: 80,
    lastNumber: 100,
    partsInLast: 3,
    lastClosed: false,
    partTargetMs: 200,
  };
  const whole: ReloadWindow = { ...growing, partsInLast: 8, lastClosed: true };
  const cases: {
    name: string;
    window: ReloadWindow;
    number: number | null;
    part: number | null;
    want: string;
  }[] = [
    { name: 'no directive is answered at once', window: growing, number: null, part: null, want: 'ready' },
    { name: 'a segment that is whole', window: growing, number: 99, part: null, want: 'ready' },
    { name: 'one that has left the window, at once', window: growing, number: 3, part: null, want: 'ready' },
    {
      name: 'a part of one that has left the window, at once',
      window: growing,
      number: 3,
      part: 2,
      want: 'ready',
    },
    {
      name: '_HLS_msn alone waits for the whole segment',
      window: growing,
      number: 100,
      part: null,
      want: 'wait',
    },
    { name: '_HLS_msn alone, whole by now', window: whole, number: 100, part: null, want: 'ready' },
    { name: 'a part that is there', window: growing, number: 100, part: 2, want: 'ready' },
    { name: 'the next part', window: growing, number: 100, part: 3, want: 'wait' },
    {
      name: 'a part past the end of a segment is part 0 of the next: there',
      window: growing,
      number: 99,
      part: 8,
      want: 'ready',
    },
    {
      name: 'a part past the end of a segment is part 0 of the next: not yet',
      window: whole,
      number: 100,
      part: 8,
      want: 'wait',
    },
    { name: 'the next segment', window: whole, number: 101, part: 0, want: 'wait' },
    { name: 'last + 2', window: growing, number: 102, part: null, want: 'wait' },
    { name: 'last + 3', window: growing, number: 103, part: null, want: 'reject' },
    { name: 'last + 3 with a part', window: growing, number: 103, part: 0, want: 'reject' },
    { name: 'at the Advance Part Limit of 3 s', window: growing, number: 100, part: 17, want: 'wait' },
    { name: 'beyond the Advance Part Limit', window: growing, number: 100, part: 18, want: 'reject' },
    { name: 'beyond it in the next segment', window: growing, number: 101, part: 15, want: 'reject' },
    {
      name: 'a high part of an old segment is part 0 of the next',
      window: growing,
      number: 90,
      part: 500,
      want: 'ready',
    },
  ];
  for (const { name, window, number, part, want } of cases) {
    it(`${name}: ${want}`, () => {
      assert.equal(decideReload(window, { number, part }), want);
    });
  }

  it('is ready for ever once it was ready', () => {
    const steps = Array.from({ length: 4 }, (_, segment) =>
      Array.from({ length: 9 }, (_unused, parts) => ({
        ...growing,
        lastNumber: 100 + segment,
        partsInLast: Math.max(1, Math.min(parts, 8)),
        lastClosed: parts === 8,
      })),
    ).flat();
    fc.assert(
      fc.property(
        fc.integer({ min: 95, max: 102 }),
        fc.option(fc.integer({ min: 0, max: 10 })),
        (number, part) => {
          const answers = steps.map((window) => decideReload(window, { number, part }));
          const at = answers.indexOf('ready');
          assert.ok(at >= 0);
          assert.ok(answers.slice(at).every((answer) => answer === 'ready'));
        },
      ),
    );
  });
});

describe('the window of a reload', () => {
  const gap = makeSegment({
    init: makeInit('video', 'aa'),
    number: FIRST_NUMBER + 1,
    partsMs: [],
    gap: true,
  });
  const before = makeSegment({
    init: makeInit('video', 'aa'),
    number: FIRST_NUMBER,
    partsMs: wholeParts('video'),
  });
  const cases = [
    {
      name: 'ends with the growing segment',
      view: steadyView(2, 3),
      want: { firstNumber: FIRST_NUMBER, lastNumber: FIRST_NUMBER + 2, partsInLast: 3, lastClosed: false },
    },
    {
      name: 'leaves out a growing segment without parts',
      view: steadyView(2, 0),
      want: { firstNumber: FIRST_NUMBER, lastNumber: FIRST_NUMBER + 1, partsInLast: 8, lastClosed: true },
    },
    {
      name: 'counts the parts that a gap is listed with',
      view: makeView([makeRendition('720p', [before, gap])]),
      want: { firstNumber: FIRST_NUMBER, lastNumber: FIRST_NUMBER + 1, partsInLast: 8, lastClosed: true },
    },
    {
      name: 'of an empty rendition ends before now',
      view: makeView([makeRendition('720p', [])]),
      want: { firstNumber: FIRST_NUMBER + 4, lastNumber: FIRST_NUMBER + 4, partsInLast: 0, lastClosed: true },
    },
  ];
  for (const { name, view, want } of cases) {
    it(name, () => {
      const [rendition] = view.renditions;
      assert.ok(rendition);
      assert.deepEqual(reloadWindow(view, rendition, (FIRST_NUMBER + 5) * 1600), {
        ...want,
        partTargetMs: 200,
      });
    });
  }
});
