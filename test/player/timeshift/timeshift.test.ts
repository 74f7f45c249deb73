import assert from 'node:assert/strict';
import fc from 'fast-check';
import { classEndMs } from '../../../player/timeshift/class-end.ts';
import {
  type TimeshiftStateInput,
  timeshiftState,
  refusalOf,
} from '../../../player/timeshift/timeshift-state.ts';
import { MOST_STOPS, parseStops, resumeAt, withStop } from '../../../player/timeshift/resume-list.ts';
import {
  clockTime,
  fractionOf,
  leftAbove,
  stepped,
  timeAt,
  timeByKey,
} from '../../../player/timeshift/seek-bar.ts';
import { nextSpeed, parseSpeed } from '../../../player/timeshift/speeds.ts';
import { spokenTime } from '../../../player/timeshift/spoken-time.ts';
import { parseStoryboard, thumbnailAt } from '../../../player/timeshift/storyboard.ts';

describe('the seek bar', () => {
  const bar = { positionMs: 60_000, lengthMs: 120_000 };

  it('shows nothing while nothing can be played', () => {
    assert.equal(fractionOf({ positionMs: 5, lengthMs: 0 }), 0);
    assert.equal(timeAt(0, 50, { left: 0, width: 100 }), 0);
    assert.equal(timeAt(1000, 50, { left: 0, width: 0 }), 0);
  });

  it('takes what lies outside as its ends', () => {
    assert.equal(fractionOf({ positionMs: 130_000, lengthMs: 120_000 }), 1);
    assert.equal(timeAt(1000, -20, { left: 0, width: 100 }), 0);
    assert.equal(timeAt(1000, 220, { left: 0, width: 100 }), 1000);
    assert.equal(stepped(bar, -70_000), 0);
    assert.equal(stepped(bar, 70_000), 120_000);
  });

  const keys: { key: string; shift?: boolean; want: number | null }[] = [
    { key: 'ArrowRight', want: 65_000 },
    { key: 'ArrowLeft', want: 55_000 },
    { key: 'ArrowUp', want: 65_000 },
    { key: 'ArrowDown', want: 55_000 },
    { key: 'ArrowRight', shift: true, want: 90_000 },
    { key: 'ArrowLeft', shift: true, want: 30_000 },
    { key: 'PageUp', want: 90_000 },
    { key: 'PageDown', want: 30_000 },
    { key: 'Home', want: 0 },
    { key: 'End', want: 120_000 },
    { key: 'k', want: null },
  ];
  for (const { key, shift = false, want } of keys) {
    it(`${shift ? 'Shift ' : ''}${key} leads to ${want ?? 'nowhere'}`, () => {
      assert.equal(timeByKey(bar, key, shift), want);
    });
  }

  it('a pointer finds the time that is shown under it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 4000 }),
        (at, width) => {
          const timeMs = timeAt(1000, 30 + at * width, { left: 30, width });
          assert.ok(Math.abs(fractionOf({ positionMs: timeMs, lengthMs: 1000 }) - at) < 1e-6);
        },
      ),
    );
  });

  it('what stands above it does not stand out', () => {
    assert.equal(leftAbove(0, 300, 100), 0);
    assert.equal(leftAbove(0.5, 300, 100), 100);
    assert.equal(leftAbove(1, 300, 100), 200);
    assert.equal(leftAbove(1, 50, 100), 0);
  });

  const times: { ms: number; longest?: number; want: string }[] = [
    { ms: 0, want: '0:00' },
    { ms: 65_999, want: '1:05' },
    { ms: 3_600_000, want: '1:00:00' },
    { ms: 65_000, longest: 3_600_000, want: '0:01:05' },
    { ms: -5, want: '0:00' },
  ];
  for (const { ms, longest, want } of times) {
    it(`${ms} ms are ${want}${longest === undefined ? '' : ' beside an hour'}`, () => {
      assert.equal(clockTime(ms, longest), want);
    });
  }

  it('is spoken in words of the language', () => {
    assert.equal(spokenTime(3_661_000, 'en'), '1 hour 1 minute 1 second');
    assert.equal(spokenTime(120_000, 'en'), '2 minutes');
    assert.equal(spokenTime(0, 'en'), '0 seconds');
    assert.match(spokenTime(62_000, 'zh-CN'), /1分钟 2秒/);
  });
});

describe('speeds', () => {
  const steps: { from: number; by: number; want: number }[] = [
    { from: 1, by: 1, want: 1.25 },
    { from: 1, by: -1, want: 0.75 },
    { from: 0.75, by: -1, want: 0.75 },
    { from: 2, by: 1, want: 2 },
  ];
  for (const { from, by, want } of steps)
    it(`${from} goes to ${want}`, () => assert.equal(nextSpeed(from, by), want));

  it('nonsense in the storage is the normal speed', () => {
    for (const stored of [null, '', '3', '1e9', 'x', '-1']) assert.equal(parseSpeed(stored), 1);
    assert.equal(parseSpeed('1.75'), 1.75);
  });
});

describe('a storyboard (WebVTT §6, Media Fragments URI 1.0 §4.2.2)', () => {
  const address = '/api/channels/a/broadcasts/b/storyboard.vtt';
  const cue = (place: string, timing = '00:05.000 --> 00:10.000') => `WEBVTT\n\n${timing}\n${place}\n`;
  const sheet = '/api/channels/a/broadcasts/b/s.jpg';

  it('names sheets beside it, and places on them', () => {
    assert.deepEqual(
      parseStoryboard(cue('s.jpg#xywh=160,90,160,90', '01:00:05.000 --> 01:00:10.500'), address),
      [{ startMs: 3_605_000, endMs: 3_610_500, sheet, x: 160, y: 90, width: 160, height: 90 }],
    );
  });

  const good: { name: string; text: string }[] = [
    { name: 'a byte order mark', text: `\uFEFF${cue('s.jpg#xywh=0,0,1,1')}` },
    { name: 'lines that end as in other systems', text: cue('s.jpg#xywh=0,0,1,1').replaceAll('\n', '\r\n') },
    { name: 'pixels named as such', text: cue('s.jpg#xywh=pixel:0,0,1,1') },
    {
      name: 'settings behind the times',
      text: cue('s.jpg#xywh=0,0,1,1', '00:05.000 --> 00:10.000 align:start'),
    },
    { name: 'a name before the cue', text: cue('s.jpg#xywh=0,0,1,1').replace('\n\n', '\n\nfirst\n') },
  ];
  for (const { name, text } of good)
    it(`may have ${name}`, () => assert.equal(parseStoryboard(text, address).length, 1));

  const bad: { name: string; text: string }[] = [
    { name: 'no signature', text: cue('s.jpg#xywh=0,0,1,1').slice(7) },
    { name: 'no place', text: cue('s.jpg') },
    { name: 'a place in per cent', text: cue('s.jpg#xywh=percent:0,0,1,1') },
    { name: 'nothing on it', text: cue('s.jpg#xywh=0,0,0,1') },
    { name: 'an end before its start', text: cue('s.jpg#xywh=0,0,1,1', '00:10.000 --> 00:05.000') },
    { name: 'another host', text: cue('https://example.com/s.jpg#xywh=0,0,1,1') },
    { name: 'another scheme', text: cue('javascript:alert(1)#xywh=0,0,1,1') },
    { name: 'no address at all', text: cue('http://#xywh=0,0,1,1') },
  ];
  for (const { name, text } of bad)
    it(`${name}: is left out`, () => assert.deepEqual(parseStoryboard(text, address), []));

  it('never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseStoryboard(`WEBVTT\n${text}`, address)));
  });

  it('has the picture that began last by then', () => {
    const text = `WEBVTT\n\n${[0, 5, 10].map((s) => `00:${String(s).padStart(2, '0')}.000 --> 00:${String(s + 5).padStart(2, '0')}.000\ns.jpg#xywh=${s},0,1,1\n`).join('\n')}`;
    const thumbnails = parseStoryboard(text, address);
    const at = (ms: number) => thumbnailAt(thumbnails, ms)?.x;
    assert.deepEqual([at(-1), at(0), at(4999), at(5000), at(99_000)], [0, 0, 0, 5, 10]);
    assert.equal(thumbnailAt([], 5), null);
  });
});

describe('where somebody stopped', () => {
  const lengthMs = 2_700_000;
  const stop = (positionMs: number, key = 'a/b') => ({ key, positionMs, atMs: 1 });
  const cases: { name: string; positionMs: number; lengthMs?: number; want: number }[] = [
    { name: 'in the middle', positionMs: 600_000, want: 600_000 },
    { name: 'in the first seconds', positionMs: 9000, want: 0 },
    { name: 'near the end', positionMs: lengthMs - 30_000, want: 0 },
    { name: 'a minute before the end', positionMs: lengthMs - 60_000, want: lengthMs - 60_000 },
    { name: 'in a short one', positionMs: 40_000, lengthMs: 60_000, want: 40_000 },
    { name: 'near the end of a short one', positionMs: 50_000, lengthMs: 60_000, want: 0 },
  ];
  for (const { name, positionMs, lengthMs: length = lengthMs, want } of cases) {
    it(`${name}: ${want === 0 ? 'is forgotten' : 'is gone on with'}`, () => {
      assert.equal(resumeAt(withStop([stop(700_000)], stop(positionMs), length), 'a/b'), want);
    });
  }

  it('is kept for so many, the newest first', () => {
    let stops = parseStops(null);
    for (let i = 0; i < MOST_STOPS + 5; i++) stops = withStop(stops, stop(60_000, `a/${i}`), lengthMs);
    assert.equal(stops.length, MOST_STOPS);
    assert.equal(stops[0]?.key, `a/${MOST_STOPS + 4}`);
    assert.equal(resumeAt(stops, 'a/0'), 0);
    assert.deepEqual(parseStops(JSON.stringify(stops)), stops);
  });

  it('nonsense in the storage counts as nothing', () => {
    const bad = [
      null,
      '',
      '{',
      '5',
      '{}',
      '[null, 5, {"key": 1}, {"key": "a/b", "positionMs": -1, "atMs": 1}]',
    ];
    for (const stored of bad) assert.deepEqual(parseStops(stored), []);
  });
});

describe('the end of a class that is watched from its start', () => {
  const run = (state: 'on-air' | 'over' | 'interrupted', startMs: number) => ({
    state,
    startMs,
    endMs: null,
  });
  const cases = [
    { name: 'goes on', runs: [run('on-air', 100)], want: null },
    { name: 'an interruption is none', runs: [run('on-air', 100), run('interrupted', 200)], want: null },
    { name: 'is over', runs: [run('on-air', 100), run('interrupted', 200), run('over', 300)], want: 300 },
    { name: 'the one before it counts not', runs: [run('over', 50), run('on-air', 100)], want: null },
    {
      name: 'and the next one neither',
      runs: [run('on-air', 100), run('over', 300), run('on-air', 400), run('over', 500)],
      want: 300,
    },
  ];
  for (const { name, runs, want } of cases) it(name, () => assert.equal(classEndMs(runs, 100), want));
});

describe('what the page says of the past', () => {
  const fine: TimeshiftStateInput = {
    refusal: null,
    phase: 'fine',
    stillMs: 0,
    offline: false,
    paused: false,
    ended: false,
    begun: true,
  };
  const cases: { name: string; input: TimeshiftStateInput; want: string }[] = [
    { name: 'it plays', input: fine, want: 'playing' },
    { name: 'nothing came yet', input: { ...fine, begun: false, phase: 'starting' }, want: 'loading' },
    { name: 'a seek takes a moment', input: { ...fine, phase: 'stuck', stillMs: 3000 }, want: 'playing' },
    { name: 'a longer one is said', input: { ...fine, phase: 'stuck', stillMs: 7000 }, want: 'reconnecting' },
    {
      name: 'a failure is said soon',
      input: { ...fine, phase: 'down', stillMs: 1500 },
      want: 'reconnecting',
    },
    {
      name: 'and whose it is',
      input: { ...fine, phase: 'down', stillMs: 1500, offline: true },
      want: 'offline',
    },
    {
      name: 'who paused waits for nothing',
      input: { ...fine, phase: 'down', stillMs: 9000, paused: true },
      want: 'playing',
    },
    { name: 'the end', input: { ...fine, ended: true, phase: 'stuck', stillMs: 9000 }, want: 'ended' },
    { name: 'a refusal goes before all', input: { ...fine, refusal: 'gone', ended: true }, want: 'gone' },
  ];
  for (const { name, input, want } of cases) it(name, () => assert.equal(timeshiftState(input), want));

  const statuses: { seen: (number | null)[]; want: string | null }[] = [
    { seen: [404], want: null },
    { seen: [404, 404], want: null },
    { seen: [404, 404, 404], want: 'gone' },
    { seen: [404, 410, 400], want: 'gone' },
    { seen: [401, 403, 401], want: 'forbidden' },
    { seen: [404, null, 404], want: null },
    { seen: [404, 404, 403], want: null },
    { seen: [503, 503, 503], want: null },
    { seen: [503, 404, 404, 404], want: 'gone' },
  ];
  for (const { seen, want } of statuses) {
    it(`${seen.join(', ')}: ${want ?? 'is worth trying'}`, () => assert.equal(refusalOf(seen), want));
  }
});
