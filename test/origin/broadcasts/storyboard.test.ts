import assert from 'node:assert/strict';
import type { BroadcastRecord } from '../../../origin/broadcasts/broadcast-record.ts';
import type { StoredSegment } from '../../../origin/packager/recording/stored-segment.ts';
import { choosePictures, positionInReplay, renderStoryboard } from '../../../origin/storyboard/storyboard.ts';

function stored(number: number, rendition = '360p', initHash = 'aaaaaaaaaaaa'): StoredSegment {
  return {
    ...{ rendition, number, startTicks: number * 144_000, durationTicks: 144_000, timescaleHz: 90_000 },
    ...{ frames: 40, initHash, sizeBytes: 1000 },
  };
}

const LESSON: BroadcastRecord = {
  ...{ id: 'a', channel: 'hall-7', title: 'Fractions', language: 'zh', keep: false },
  ...{ startMs: 100_000, endMs: 200_000, gaps: [{ startMs: 120_000, endMs: 130_000 }] },
};

describe('a storyboard', () => {
  const heights = new Map([
    ['720p', 720],
    ['360p', 360],
  ]);
  const numbers = (count: number, first = 1000) => Array.from({ length: count }, (_, i) => first + i);

  it('is of the smallest picture, every five seconds or so', () => {
    const all = numbers(30).flatMap((n) => [stored(n), stored(n, '720p'), stored(n, 'audio')]);
    const chosen = choosePictures(all, heights);
    assert.deepEqual(
      chosen.map(({ number }) => number),
      numbers(10).map((_, i) => 1000 + 3 * i),
    );
    assert.ok(chosen.every(({ rendition }) => rendition === '360p'));
  });

  it('has 200 pictures at most, whatever the length', () => {
    const chosen = choosePictures(
      numbers(27_000).map((n) => stored(n)),
      heights,
    );
    assert.ok(chosen.length <= 200 && chosen.length > 150, `${chosen.length}`);
  });

  it('is of one init segment, that of most', () => {
    const all = [
      ...numbers(9).map((n) => stored(n, '360p', 'bbbbbbbbbbbb')),
      ...numbers(30, 2000).map((n) => stored(n)),
    ];
    assert.ok(choosePictures(all, heights).every(({ initHash }) => initHash === 'aaaaaaaaaaaa'));
  });

  it('is of nothing where there is sound alone', () => {
    assert.deepEqual(choosePictures([stored(1, 'audio')], new Map()), []);
  });

  const positions: { name: string; of?: Partial<BroadcastRecord>; atMs: number; want: number | null }[] = [
    { name: 'its start', atMs: 100_000, want: 0 },
    { name: 'before a gap', atMs: 119_000, want: 19_000 },
    { name: 'in a gap', atMs: 125_000, want: null },
    { name: 'behind a gap', atMs: 130_000, want: 20_000 },
    { name: 'behind its end', atMs: 200_000, want: null },
    { name: 'trimmed away', of: { trimStartMs: 110_000 }, atMs: 105_000, want: null },
    { name: 'behind a trim that ends in a gap', of: { trimStartMs: 125_000 }, atMs: 131_000, want: 1000 },
  ];
  for (const { name, of, atMs, want } of positions) {
    it(`${name} is at ${want} ms of the replay`, () => {
      assert.equal(positionInReplay({ ...LESSON, ...of }, atMs), want);
    });
  }

  it('is written as cues that follow each other to the end, each a place in a sheet', () => {
    const timesMs = [100_000, 105_000, 125_000, 135_000];
    const text = renderStoryboard({ timesMs, sheets: 1 }, LESSON, 90_000, (sheet) => `s${sheet}.jpg`);
    assert.equal(
      text,
      `WEBVTT

00:00:00.000 --> 00:00:05.000
s0.jpg#xywh=0,0,160,90

00:00:05.000 --> 00:00:25.000
s0.jpg#xywh=160,0,160,90

00:00:25.000 --> 00:01:30.000
s0.jpg#xywh=480,0,160,90
`,
    );
    const many = renderStoryboard(
      { timesMs: Array.from({ length: 112 }, (_, i) => 131_000 + i), sheets: 2 },
      LESSON,
      90_000,
      (sheet) => `s${sheet}.jpg`,
    );
    assert.match(many, /s1\.jpg#xywh=160,90,160,90\n$/);
  });
});
