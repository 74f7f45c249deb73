import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PublisherClock, type MediaKind } from '../../../ingest/publish/publisher-clock.ts';

const PERIOD_MS = 2 ** 32;
const START_MS = 1_760_000_000_000;
const HOUR_MS = 3_600_000;

/** Pictures each 40 ms and sound each 20 ms, as an encoder interleaves them. */
function* interleaved(toMs: number): Generator<{ kind: MediaKind; atMs: number }> {
  for (let atMs = 0; atMs < toMs; atMs += 20) {
    if (atMs % 40 === 0) yield { kind: 'video', atMs };
    yield { kind: 'audio', atMs };
  }
}

type Bend = (kind: MediaKind, atMs: number) => number;

/** The error of each frame's time against the true one, milliseconds, and how often the clock jumped. */
function errorsOf(stampOf: Bend, toMs = 12_000): { errors: Record<MediaKind, number[]>; jumps: number } {
  const clock = new PublisherClock();
  const errors: Record<MediaKind, number[]> = { audio: [], video: [] };
  let jumps = 0;
  let zeroMs: number | null = null;
  for (const { kind, atMs } of interleaved(toMs)) {
    const stampMs = stampOf(kind, atMs);
    const placed = clock.place(kind, (stampMs + PERIOD_MS) % PERIOD_MS, START_MS + atMs);
    zeroMs ??= placed.timeMs - atMs;
    errors[kind].push(placed.timeMs - zeroMs - atMs);
    if (placed.jumpedMs !== 0) jumps++;
  }
  return { errors, jumps };
}

describe('ingest: the clock of a publisher', () => {
  const from = (leapAtMs: number, byMs: number, only?: MediaKind): Bend => {
    return (kind, atMs) =>
      atMs + (atMs >= leapAtMs && kind !== (only ?? kind) ? 0 : atMs >= leapAtMs ? byMs : 0);
  };
  const table: { name: string; bend: Bend; jumps: number }[] = [
    { name: 'a clock that runs on', bend: (_, atMs) => 7000 + atMs, jumps: 0 },
    { name: 'a first timestamp of 0, then an hour', bend: from(20, HOUR_MS), jumps: 2 },
    {
      name: 'a first timestamp of 0 on the picture alone',
      bend: (kind, atMs) => (kind === 'video' && atMs === 0 ? 0 : HOUR_MS + atMs),
      jumps: 2,
    },
    {
      name: 'a first timestamp of 0 on the sound alone',
      bend: (kind, atMs) => (kind === 'audio' && atMs === 0 ? 0 : HOUR_MS + atMs),
      jumps: 2,
    },
    {
      name: 'pictures from 1139 s, sound from 0',
      bend: (kind, atMs) => atMs + (kind === 'video' ? 1_139_000 : 0),
      jumps: 1,
    },
    {
      name: 'sound from 20 days, pictures from 0',
      bend: (kind, atMs) => atMs + (kind === 'audio' ? 1_728_000_000 : 0),
      jumps: 1,
    },
    {
      name: 'sound 6 s before pictures',
      bend: (kind, atMs) => atMs + (kind === 'video' ? 6000 : 0),
      jumps: 1,
    },
    { name: 'a leap of 3 s', bend: from(5000, 3000), jumps: 2 },
    { name: 'a leap of 9 s', bend: from(5000, 9000), jumps: 2 },
    { name: 'a leap of an hour', bend: from(5000, HOUR_MS), jumps: 2 },
    { name: 'a leap of 30 days', bend: from(5000, 720 * HOUR_MS), jumps: 2 },
    { name: 'a fall of 1 s', bend: from(5000, -1000), jumps: 2 },
    { name: 'a fall of 5 s, to 0', bend: from(5000, -5000), jumps: 2 },
    { name: 'a fall of an hour', bend: (_, atMs) => (atMs >= 5000 ? atMs : HOUR_MS + atMs), jumps: 2 },
    { name: 'a leap of the pictures alone', bend: from(5000, HOUR_MS, 'video'), jumps: 1 },
    { name: 'a fall of the pictures alone', bend: from(5000, -5000, 'video'), jumps: 1 },
    { name: 'a leap of the sound alone', bend: from(5000, 20_000, 'audio'), jumps: 1 },
    {
      name: 'a leap and a fall back',
      bend: (_, atMs) => atMs + (atMs >= 5000 && atMs < 8000 ? HOUR_MS : 0),
      jumps: 4,
    },
    {
      name: 'one wild frame',
      bend: (kind, atMs) => (kind === 'video' && atMs === 5000 ? 99_999_999 : atMs),
      jumps: 2,
    },
    { name: 'a wrap at 2^24', bend: (_, atMs) => (2 ** 24 - 5000 + atMs) % 2 ** 24, jumps: 2 },
    { name: 'a wrap at 2^32', bend: (_, atMs) => (PERIOD_MS - 5000 + atMs) % PERIOD_MS, jumps: 0 },
    { name: 'a wrap at 2^31', bend: (_, atMs) => (2 ** 31 - 5000 + atMs) % 2 ** 31, jumps: 2 },
    { name: 'a start just below the wrap', bend: (_, atMs) => atMs - 265, jumps: 0 },
    { name: 'a start below the wrap by days', bend: (_, atMs) => PERIOD_MS - 90_000_000 + atMs, jumps: 0 },
  ];
  for (const { name, bend, jumps } of table) {
    it(`${name}: every frame stands where it was filmed, to the frame`, () => {
      const got = errorsOf(bend);
      const worst = Math.max(...got.errors.audio.map(Math.abs), ...got.errors.video.map(Math.abs));
      assert.ok(worst <= 41, `${worst} ms off`);
      assert.equal(got.jumps, jumps);
    });
  }

  const standing: { name: string; kind: MediaKind; bend: Bend }[] = [
    { name: 'sound that is 0 for ever', kind: 'audio', bend: (kind, atMs) => (kind === 'audio' ? 0 : atMs) },
    {
      name: 'pictures that are 0 for ever',
      kind: 'video',
      bend: (kind, atMs) => (kind === 'video' ? 0 : atMs),
    },
    {
      name: 'sound whose clock stops at 5 s and goes on at 9 s',
      kind: 'audio',
      bend: (kind, atMs) => (kind === 'video' ? atMs : atMs < 5000 ? atMs : Math.max(5000, atMs - 4000)),
    },
  ];
  for (const { name, kind, bend } of standing) {
    it(`${name}: after a second it stands where it was filmed, and jumps are counted, not frames`, () => {
      const { errors, jumps } = errorsOf(bend);
      const other = kind === 'audio' ? 'video' : 'audio';
      assert.deepEqual(new Set(errors[other]), new Set([0]));
      const frameMs = kind === 'audio' ? 20 : 40;
      const late = errors[kind].filter((error) => Math.abs(error) > 41);
      assert.ok(late.length <= 1000 / frameMs, `${late.length} frames`);
      assert.equal(errors[kind].at(-1), 0);
      assert.ok(jumps >= 1 && jumps <= 2, `${jumps} jumps`);
    });
  }

  it('frames of one time that come together, and pictures that are sent again, keep their time', () => {
    const clock = new PublisherClock();
    for (let atMs = 0; atMs < 12_000; atMs += 20) {
      const placed = clock.place('audio', atMs - (atMs % 200), START_MS + atMs);
      assert.deepEqual(placed, { timeMs: atMs - (atMs % 200), jumpedMs: 0 });
    }
    const slide = new PublisherClock();
    slide.place('video', 0, START_MS);
    assert.deepEqual(slide.place('video', 0, START_MS + 30_000), { timeMs: 0, jumpedMs: 0 });
  });

  it('a leap of both kinds is taken out by one amount: sound stays with its picture, to the millisecond', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 9000 }),
        fc.oneof(fc.integer({ min: 2500, max: 10 ** 9 }), fc.integer({ min: -(10 ** 9), max: -1000 })),
        (leapAtMs, byMs) => {
          const { errors } = errorsOf((_, atMs) => 2 * 10 ** 9 + atMs + (atMs >= leapAtMs ? byMs : 0));
          assert.equal(errors.audio.at(-1), errors.video.at(-1));
        },
      ),
    );
  });

  const silences = [
    { name: 'of both kinds', silent: () => true, jumps: 0 },
    { name: 'of the pictures', silent: (kind: MediaKind) => kind === 'video', jumps: 0 },
    { name: 'of the sound', silent: (kind: MediaKind) => kind === 'audio', jumps: 0 },
  ];
  for (const { name, silent, jumps } of silences) {
    it(`silence ${name} for 40 s remains silence`, () => {
      const clock = new PublisherClock();
      let got = 0;
      for (const { kind, atMs } of interleaved(60_000)) {
        if (silent(kind) && atMs >= 5000 && atMs < 45_000) continue;
        const placed = clock.place(kind, atMs, START_MS + atMs);
        assert.equal(placed.timeMs, atMs);
        if (placed.jumpedMs !== 0) got++;
      }
      assert.equal(got, jumps);
    });
  }

  const pauses: { name: string; paused: (kind: MediaKind) => boolean }[] = [
    { name: 'both clocks', paused: () => true },
    { name: 'the clock of the sound', paused: (kind) => kind === 'audio' },
    { name: 'the clock of the pictures', paused: (kind) => kind === 'video' },
  ];
  for (const { name, paused } of pauses) {
    it(`an encoder that stops ${name} for 12 s, with nothing sent meanwhile: on time again after three seconds`, () => {
      const clock = new PublisherClock();
      const errors: number[] = [];
      let jumped = 0;
      for (const { kind, atMs } of interleaved(40_000)) {
        if (paused(kind) && atMs >= 5000 && atMs < 17_000) continue;
        const stampMs = paused(kind) && atMs >= 17_000 ? atMs - 12_000 : atMs;
        const placed = clock.place(kind, stampMs, START_MS + atMs);
        if (placed.jumpedMs !== 0) jumped++;
        if (atMs >= 20_100) errors.push(placed.timeMs - atMs);
      }
      assert.deepEqual([...new Set(errors)], [0]);
      assert.equal(jumped, 1);
    });
  }

  it('a line that stood still for 12 s and delivers at 1.2 times the rate stays late until it has caught up', () => {
    const clock = new PublisherClock();
    for (const { kind, atMs } of interleaved(100_000)) {
      const arrivalMs = atMs < 5000 ? atMs : Math.max(atMs, 17_000 + (atMs - 5000) / 1.2);
      assert.deepEqual(clock.place(kind, atMs, START_MS + arrivalMs), { timeMs: atMs, jumpedMs: 0 });
    }
  });

  const drains: { name: string; lateMs: (kind: MediaKind, atMs: number) => number; soundRate: number }[] = [
    {
      name: 'is seen in the sound alone',
      // Its first frames arrive a little late.
      lateMs: (kind, atMs) => (kind === 'audio' && atMs < 5200 ? 100 : 0),
      soundRate: 1.08,
    },
    {
      name: 'has been seen in the sound when pictures come again',
      lateMs: (kind) => (kind === 'audio' ? 0 : 2500),
      soundRate: 1.2,
    },
  ];
  for (const { name, lateMs, soundRate } of drains) {
    it(`a line that stood still and delivers slowly, which ${name}: neither kind is moved`, () => {
      const clock = new PublisherClock();
      const frames = [...interleaved(30_000)].map(({ kind, atMs }) => {
        const rate = kind === 'audio' ? soundRate : 1.08;
        const waitedMs = 17_000 + (atMs - 5000) / rate + lateMs(kind, atMs);
        return { kind, atMs, arrivalMs: atMs < 5000 ? atMs : Math.max(atMs, waitedMs) };
      });
      for (const { kind, atMs, arrivalMs } of frames.toSorted((a, b) => a.arrivalMs - b.arrivalMs)) {
        assert.deepEqual(clock.place(kind, atMs, START_MS + arrivalMs), { timeMs: atMs, jumpedMs: 0 });
      }
    });
  }

  it('a line that stands still and then delivers all at once is no jump, nor are frames left out meanwhile', () => {
    const clock = new PublisherClock();
    for (const { kind, atMs } of interleaved(30_000)) {
      if (atMs >= 14_000 && atMs < 17_000) continue;
      const arrivalMs = atMs >= 10_000 && atMs < 18_000 ? 18_000 : atMs;
      assert.deepEqual(clock.place(kind, atMs, START_MS + arrivalMs), { timeMs: atMs, jumpedMs: 0 });
    }
  });

  it('a file that is sent too fast is no jump, whatever holes it has', () => {
    const clock = new PublisherClock();
    for (let atMs = 0; atMs < 60_000; atMs += 40) {
      if (atMs > 20_000 && atMs < 28_000) continue;
      assert.deepEqual(clock.place('video', atMs, START_MS + atMs / 50), { timeMs: atMs, jumpedMs: 0 });
    }
  });

  it('pictures in order of presentation go back by a few frames without a jump', () => {
    const clock = new PublisherClock();
    for (const atMs of [0, 120, 40, 80, 240, 160, 200]) {
      assert.deepEqual(clock.place('video', atMs, START_MS + atMs), { timeMs: atMs, jumpedMs: 0 });
    }
    assert.equal(clock.newestMs('video'), 240);
  });

  it('any clock gives times that never go back by more than frames are reordered', () => {
    const stamps = fc.array(
      fc.tuple(fc.nat({ max: PERIOD_MS - 1 }), fc.constantFrom<MediaKind>('audio', 'video')),
      {
        minLength: 2,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(stamps, (list) => {
        const clock = new PublisherClock();
        const newest = new Map<MediaKind, number>();
        list.forEach(([stampMs, kind], i) => {
          const { timeMs } = clock.place(kind, stampMs, START_MS + i * 20);
          assert.ok(timeMs >= (newest.get(kind) ?? Number.NEGATIVE_INFINITY) - 500);
          newest.set(kind, Math.max(newest.get(kind) ?? Number.NEGATIVE_INFINITY, timeMs));
        });
      }),
    );
  });

  it('what has no time of its own stands beside the newest frame of its kind', () => {
    const clock = new PublisherClock();
    assert.equal(clock.placeBeside('video', 5), 5);
    clock.place('audio', HOUR_MS, START_MS);
    assert.equal(clock.placeBeside('video', 0), HOUR_MS);
    clock.place('video', HOUR_MS + 40, START_MS);
    assert.equal(clock.placeBeside('video', 0), HOUR_MS + 40);
    assert.equal(clock.placeBeside('audio', 0), HOUR_MS);
  });
});
