import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AudioGrid } from '../../transcode/timeline/audio-grid.ts';
import {
  frameTicks,
  gridPhaseTicks,
  mediaTicks,
  nextSegmentTicks,
  offsetTicks,
} from '../../transcode/timeline/media-clock.ts';
import { SourceTimeline } from '../../transcode/timeline/source-timeline.ts';

const EPOCH_MS = 1_700_000_000_000;

describe('source timeline', () => {
  it('knows the newest moment of each kind in UTC, without jumps', () => {
    const timeline = new SourceTimeline(EPOCH_MS);
    assert.equal(timeline.newestUtcMs('picture'), null);
    timeline.place(40, EPOCH_MS, 'picture');
    timeline.place(3_600_000, EPOCH_MS, 'picture');
    timeline.place(70, EPOCH_MS, 'sound');
    assert.equal(timeline.newestUtcMs('picture'), EPOCH_MS + 60);
    assert.equal(timeline.newestUtcMs('sound'), EPOCH_MS + 70);
  });

  const cases: { name: string; now: number; input: number[]; want: number[] }[] = [
    { name: 'a steady clock is left alone', now: 0, input: [0, 40, 80, 120], want: [0, 40, 80, 120] },
    { name: 'interleaving is no jump', now: 0, input: [500, 100, 540, 140], want: [500, 100, 540, 140] },
    { name: 'a pause of seconds is kept', now: 0, input: [0, 40, 9000], want: [0, 40, 9000] },
    {
      name: 'a jump of an hour forward is taken out',
      now: 0,
      input: [0, 40, 3_600_000, 3_600_040],
      want: [0, 40, 60, 100],
    },
    {
      name: 'a clock that begins anew goes on',
      now: 0,
      input: [50_000, 50_040, 0, 40],
      want: [50_000, 50_040, 50_060, 50_100],
    },
    {
      name: 'a source that begins just below 0',
      now: 0,
      input: [4294967290, 30, 70],
      want: [-6, 30, 70],
    },
    {
      name: '32 bits that are full, after 49 days',
      now: 0,
      // 61 s and 60.001 s before they are.
      input: [
        4294906296, 4294907295, 4294915000, 4294923000, 4294931000, 4294939000, 4294947000, 4294955000,
      ].concat([4294963000, 704, 8704]),
      want: [
        4294906296, 4294907295, 4294915000, 4294923000, 4294931000, 4294939000, 4294947000, 4294955000,
      ].concat([4294963000, 4294968000, 4294976000]),
    },
    {
      name: 'a jump that the wall clock bears out is kept',
      now: EPOCH_MS + 3_600_100,
      input: [0, 3_600_000, 3_600_040],
      want: [0, 3_600_000, 3_600_040],
    },
  ];
  for (const { name, now, input, want } of cases) {
    it(name, () => {
      const timeline = new SourceTimeline(EPOCH_MS);
      assert.deepEqual(
        input.map((ms) => timeline.place(ms, now, 'picture').timeMs),
        want,
      );
    });
  }

  it('what is read anew after a break is no jump', () => {
    const timeline = new SourceTimeline(EPOCH_MS);
    timeline.place(60_000, 0, 'picture');
    timeline.restart();
    assert.equal(timeline.place(52_000, 0, 'picture').timeMs, 52_000);
    assert.equal(timeline.place(52_040, 0, 'picture').timeMs, 52_040);
  });

  it('sound that runs seconds behind its picture, or ahead of it, is no jump, however long it does', () => {
    for (const soundMs of [-3000, 3000]) {
      const timeline = new SourceTimeline(EPOCH_MS);
      for (let i = 0; i < 500; i++) {
        const pictureAt = 5000 + i * 40;
        assert.equal(timeline.place(pictureAt, 0, 'picture').timeMs, pictureAt);
        assert.equal(timeline.place(pictureAt + soundMs, 0, 'sound').timeMs, pictureAt + soundMs);
      }
    }
  });

  it('whatever the timestamps do, time never moves by more than a jump', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffffffff })), (stamps) => {
        const timeline = new SourceTimeline(EPOCH_MS);
        let newest: number | null = null;
        for (const stamp of stamps) {
          const { timeMs } = timeline.place(stamp, 0, 'picture');
          if (newest !== null) assert.ok(timeMs - newest <= 10_000 && timeMs - newest >= -2000);
          newest = Math.max(newest ?? timeMs, timeMs);
        }
      }),
    );
  });
});

describe('media clock', () => {
  it('puts a source of constant frame rate that begins at 0 onto the frame grid, for any stamp', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e13 }), fc.constantFrom(5, 15, 25, 30, 50, 60), (epoch, fps) => {
        const tick = frameTicks(fps);
        const offset = offsetTicks(epoch, tick);
        assert.ok(Math.abs(offset - epoch * 90) <= tick / 2);
        const frames = Array.from({ length: 200 }, (_, i) =>
          Math.round(mediaTicks(Math.round((i * 1000) / fps), offset) / tick),
        );
        frames.forEach((frame, i) => assert.equal(frame - (frames[0] ?? 0), i));
      }),
    );
  });

  it('a source whose first picture lies between two points keeps every frame, with jitter of a fifth of a frame', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 50, maxLength: 50 }),
        (firstMs, jitter) => {
          const tick = frameTicks(25);
          const first = mediaTicks(firstMs, 0);
          const phase = gridPhaseTicks(first, tick);
          const frames = jitter.map((ms, i) =>
            Math.round((mediaTicks(firstMs + i * 40 + (i === 0 ? 0 : ms), 0) + phase) / tick),
          );
          frames.forEach((frame, i) => assert.equal(frame - (frames[0] ?? 0), i));
        },
      ),
    );
  });

  it('a segment starts where the last one ends', () => {
    assert.equal(nextSegmentTicks(0), 0);
    assert.equal(nextSegmentTicks(1), 144_000);
    assert.equal(nextSegmentTicks(144_000), 144_000);
  });
});

describe('audio grid', () => {
  /** Frames that come every 1,024 samples, their times rounded to milliseconds. */
  const steady = (startMs: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => Math.round(startMs + (i * 1024) / 48) * 90);

  it('millisecond rounding never costs or makes a frame, whatever the phase', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (startMs) => {
        const grid = new AudioGrid();
        const places = steady(startMs, 300).map((ticks) => grid.place(ticks));
        places.forEach((place, i) => {
          assert.ok(place.kind === 'at' && place.missing === 0);
          if (i === 0) return;
          const before = places[i - 1];
          assert.equal(place.frame, before?.kind === 'at' ? before.frame + 1 : -1);
        });
      }),
    );
  });

  it('lies within half a frame of the time it was given', () => {
    const grid = new AudioGrid();
    const place = grid.place(1000 * 90);
    assert.ok(place.kind === 'at' && Math.abs(place.frame * 1920 - 90_000) <= 960);
  });

  it('a gap of some frames is filled at once, by as many', () => {
    const grid = new AudioGrid();
    const times = steady(0, 40).filter((_, i) => i < 10 || i >= 20);
    const places = times.map((ticks) => grid.place(ticks));
    assert.deepEqual(places[10], { kind: 'at', frame: 20, missing: 10 });
    assert.deepEqual(places.at(-1), { kind: 'at', frame: 39, missing: 0 });
  });

  it('sound that repeats itself is left out until it goes on', () => {
    const grid = new AudioGrid();
    const times = [...steady(0, 30), ...steady(0, 40)];
    const kinds = times
      .map((ticks) => grid.place(ticks))
      .flatMap((place) => (place.kind === 'at' ? [place.frame] : []));
    kinds.forEach((frame, i) => assert.equal(frame, i === 0 ? 0 : (kinds[i - 1] ?? 0) + 1));
    assert.ok(Math.abs((kinds.at(-1) ?? 0) - 39) <= 4);
  });

  it('a clock that drifts is followed: 1 % for a minute leaves less than two frames', () => {
    for (const rate of [0.99, 1.01]) {
      const grid = new AudioGrid();
      let last = 0;
      let ticks = 0;
      for (let i = 0; i < 2800; i++) {
        ticks = Math.round(((i * 1024) / 48) * rate) * 90;
        const place = grid.place(ticks);
        if (place.kind === 'at') last = place.frame;
      }
      assert.ok(Math.abs(last - ticks / 1920) < 2, `${rate}: ${last} for ${ticks / 1920}`);
    }
  });

  it('never gives a place twice, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e8 })), (times) => {
        const grid = new AudioGrid();
        let next = 0;
        for (const ticks of times) {
          const place = grid.place(ticks);
          if (place.kind === 'late') continue;
          assert.ok(place.frame - place.missing >= next);
          next = place.frame + 1;
        }
      }),
    );
  });

  it('fills up to a frame with silence, once', () => {
    const grid = new AudioGrid();
    grid.place(0);
    assert.deepEqual(grid.fillTo(5), { first: 1, count: 4 });
    assert.deepEqual(grid.fillTo(5), { first: 5, count: 0 });
    assert.deepEqual(grid.fillTo(100_000), { first: 99_999, count: 1 });
  });
});
