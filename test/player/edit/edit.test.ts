import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseBroadcast } from '../../../player/channel/broadcast-info.ts';
import { changeOf, formOf } from '../../../player/edit/form-change.ts';
import { offsetAt, readOffset, trimOf, utcAt, wholeMs } from '../../../player/edit/trim.ts';
import { fakeBroadcast } from '../pages/fake-library.ts';

const START = 1_000_000;
/** Ten minutes, of which the third was an interruption. */
const recorded = {
  startMs: START,
  endMs: START + 600_000,
  gaps: [{ startMs: START + 120_000, endMs: START + 180_000 }],
};

describe('a time in a recording', () => {
  it('is written in many ways', () => {
    const cases: [string, number | null][] = [
      ['4:05', 245_000],
      [' 1:04:05 ', 3_845_000],
      ['4：05', 245_000],
      ['75', 75_000],
      ['75:00', 4_500_000],
      ['4:75', null],
      ['', null],
      ['-1:00', null],
      ['1:2:3:4', null],
      ['x', null],
    ];
    for (const [text, want] of cases) assert.equal(readOffset(text), want, text);
  });

  it('takes no notice of interruptions', () => {
    assert.equal(wholeMs(recorded), 540_000);
    assert.equal(offsetAt(recorded, START + 60_000), 60_000);
    assert.equal(offsetAt(recorded, START + 150_000), 120_000);
    assert.equal(offsetAt(recorded, START + 240_000), 180_000);
    assert.equal(utcAt(recorded, 60_000), START + 60_000);
    assert.equal(utcAt(recorded, 180_000), START + 240_000);
    assert.equal(wholeMs({ ...recorded, endMs: null }), 0);
  });

  it('takes no notice of what was down before the class began', () => {
    const early = {
      ...recorded,
      gaps: [{ startMs: START - 60_000, endMs: START - 30_000 }, ...recorded.gaps],
    };
    assert.equal(utcAt(early, 60_000), START + 60_000);
    assert.equal(offsetAt(early, START + 60_000), 60_000);
  });

  it('comes back from where it leads', () => {
    const gap = fc.tuple(fc.nat(600_000), fc.integer({ min: 1, max: 60_000 }));
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 5 }), fc.nat(600_000), (wanted, offsetMs) => {
        let endMs = START;
        const gaps = wanted
          .sort((a, b) => a[0] - b[0])
          .flatMap(([from, lasts]) => {
            const startMs = Math.max(endMs + 1, START + from);
            endMs = startMs + lasts;
            return endMs < START + 600_000 ? [{ startMs, endMs }] : [];
          });
        const own = { ...recorded, gaps };
        const atMs = Math.min(offsetMs, wholeMs(own));
        assert.equal(offsetAt(own, utcAt(own, atMs)), atMs);
      }),
    );
  });
});

describe('a trim', () => {
  const cases: { name: string; start: string; end: string; want: unknown }[] = [
    { name: 'nothing is cut off', start: '', end: '', want: { trimStartMs: null, trimEndMs: null } },
    { name: 'the beginning', start: '1:00', end: '', want: { trimStartMs: START + 60_000, trimEndMs: null } },
    {
      name: 'the end, behind a gap',
      start: '',
      end: '5:00',
      want: { trimStartMs: null, trimEndMs: START + 360_000 },
    },
    {
      name: 'the very beginning and end',
      start: '0',
      end: '9:00',
      want: { trimStartMs: null, trimEndMs: null },
    },
    {
      name: 'beyond the end is the end',
      start: '',
      end: '59:00',
      want: { trimStartMs: null, trimEndMs: null },
    },
    { name: 'no time at the start', start: 'x', end: '', want: 'bad-start' },
    { name: 'a start beyond the end', start: '9:01', end: '', want: 'bad-start' },
    { name: 'no time at the end', start: '', end: 'x', want: 'bad-end' },
    { name: 'an end before the start', start: '3:00', end: '2:00', want: 'nothing-left' },
    { name: 'nothing between them', start: '3:00', end: '3:00', want: 'nothing-left' },
  ];
  for (const { name, start, end, want } of cases) {
    it(name, () => assert.deepEqual(trimOf(recorded, start, end), want));
  }
});

describe('the form', () => {
  const broadcast = parseBroadcast(
    fakeBroadcast({ id: 'x', ...recorded, grade: 7, teacher: 'Ms Li', trimStartMs: START + 60_000 }),
  );
  assert.ok(broadcast !== null);
  const form = formOf(broadcast);

  it('begins with what is there', () => {
    assert.deepEqual(form, {
      ...{ title: 'Lesson x', teacher: 'Ms Li', subject: '', grade: '7' },
      ...{ trimStart: '1:00', trimEnd: '', keep: false },
    });
  });

  const cases: { name: string; change: object; want: unknown }[] = [
    { name: 'what was not touched is left alone', change: {}, want: {} },
    { name: 'a title', change: { title: ' New ' }, want: { title: 'New' } },
    { name: 'a teacher may be taken away', change: { teacher: '' }, want: { teacher: '' } },
    { name: 'a grade', change: { grade: '8' }, want: { grade: 8 } },
    { name: 'to keep', change: { keep: true }, want: { keep: true } },
    { name: 'a trim is taken away', change: { trimStart: '' }, want: { trimStartMs: null, trimEndMs: null } },
    {
      name: 'a trim at the other end',
      change: { trimEnd: '8:00' },
      want: { trimStartMs: START + 60_000, trimEndMs: START + 540_000 },
    },
    { name: 'no title', change: { title: ' ' }, want: 'no-title' },
    { name: 'a trim that cannot be', change: { trimEnd: '0:30' }, want: 'nothing-left' },
  ];
  for (const { name, change, want } of cases) {
    it(name, () => assert.deepEqual(changeOf(broadcast, { ...form, ...change }), want));
  }
});
