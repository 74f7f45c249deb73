import assert from 'node:assert/strict';
import type { Sample } from '../../../../media/bmff/sample.ts';
import { frames, sample, sequenceNumberOf } from '../../../media/support/samples.ts';
import type { CutEvent } from '../../../../origin/packager/media.ts';
import type { Segmenter } from '../../../../origin/packager/segmenter/segmenter.ts';
import { K, START_48K, START_90K, brief, pushEach, samplesOf, segmenter } from '../cmaf/cutting.ts';
import { AUDIO, VIDEO } from '../cmaf/tracks.ts';

describe('segmenter on the grid: video', () => {
  const rates: { fps: number; partTargetMs: number; want: number[] }[] = [
    { fps: 25, partTargetMs: 200, want: [5, 5, 5, 5, 5, 5, 5, 5] },
    { fps: 30, partTargetMs: 200, want: [6, 6, 6, 6, 6, 6, 6, 6] },
    { fps: 5, partTargetMs: 200, want: [1, 1, 1, 1, 1, 1, 1, 1] },
    { fps: 60, partTargetMs: 400, want: [24, 24, 24, 24] },
    { fps: 50, partTargetMs: 800, want: [40, 40] },
    { fps: 25, partTargetMs: 300, want: [7, 7, 7, 7, 7, 5] },
  ];
  for (const { fps, partTargetMs, want } of rates) {
    it(`${fps} frames a second, parts of ${partTargetMs} ms: ${want.join(' ')} frames`, () => {
      const cutter = segmenter({ partTargetMs });
      const events = pushEach(cutter, frames(START_90K, fps * 1.6, 90_000 / fps, fps * 1.6));
      assert.deepEqual(
        events.map((event) => samplesOf([event]).length),
        want,
      );
      assert.deepEqual(
        events.map((event) => event.kind === 'part' && event.last),
        want.map((_, i) => i === want.length - 1),
      );
    });
  }

  it('a part goes out with its last sample, not with the next one', () => {
    const cutter = segmenter();
    const counts = frames(START_90K, 40, 3600).map((s) => cutter.push([s]).length);
    assert.deepEqual(
      counts,
      Array.from({ length: 40 }, (_, i) => (i % 5 === 4 ? 1 : 0)),
    );
  });

  it('a part that whole samples do not fill goes out as early, too', () => {
    const table: [cutter: Segmenter, input: Sample[], perPart: number][] = [
      [segmenter({ partTargetMs: 300 }), frames(START_90K, 35, 3600), 7],
      [segmenter({ init: AUDIO }), frames(START_48K, 72, 1024, 1), 9],
    ];
    for (const [cutter, input, perPart] of table) {
      assert.deepEqual(
        input.map((s) => cutter.push([s]).length),
        input.map((_, i) => (i % perPart === perPart - 1 ? 1 : 0)),
      );
    }
  });

  it('begins at the first sync sample at a boundary; what comes before is dropped', () => {
    const cutter = segmenter();
    const events = pushEach(cutter, frames(START_90K + 72_000, 60, 3600, 20));
    assert.deepEqual(brief(events).slice(0, 2), ['1/0 18000 I', '1/1 18000']);
    assert.equal(cutter.stats.waiting, 20);
    assert.equal(cutter.stats.segments, 1);
  });

  it('does not begin at a boundary without a sync sample', () => {
    const cutter = segmenter();
    const events = pushEach(cutter, frames(START_90K - 3600, 80, 3600, 40));
    assert.deepEqual(events, []);
    assert.equal(cutter.stats.waiting, 80);
  });

  it('goes on at a boundary without a sync sample once it has begun, and counts it', () => {
    const cutter = segmenter();
    const events = pushEach(cutter, frames(START_90K, 80, 3600, 1000));
    assert.equal(brief(events)[8], '1/0 18000');
    assert.equal(cutter.stats.dependent, 1);
  });

  it('takes a sample less than half a frame ahead of the boundary as the one on it', () => {
    const cutter = segmenter({ init: { ...VIDEO, timescaleHz: 12_800 } });
    const start = K * 20_480 - 200;
    const events = pushEach(cutter, frames(start, 41, 512));
    assert.deepEqual(brief(events)[0], '0/0 2560 I');
    assert.equal(brief(events).at(-1), '0/7 2560!');
  });

  it('milliseconds of FLV are put back on the frame grid: parts of exactly 0.2 s at 30 fps', () => {
    const cutter = segmenter();
    const at = (i: number): number => START_90K + Math.round((i * 1000) / 30) * 90;
    const input = Array.from({ length: 48 }, (_, i) => sample(at(i), at(i + 1) - at(i), i === 0));
    const events = pushEach(cutter, input);
    assert.deepEqual(
      events.map((event) => event.kind === 'part' && event.part.durationTicks),
      Array.from({ length: 8 }, () => 18_000),
    );
    assert.deepEqual(new Set(samplesOf(events).map((s) => s.durationTicks)), new Set([3000]));
  });

  it('pictures that are only decoded, in front of one that is shown, go out with it: all, in order, at their times', () => {
    for (const leads of [1, 24, 120]) {
      const cutter = segmenter();
      const at = START_90K + 3600;
      const shown = frames(START_90K, 40, 3600, 40);
      const lead = Array.from({ length: leads }, (_, i) => sample(at + i, 1, i === 0));
      const [first, second, ...rest] = shown;
      assert.ok(first !== undefined && second !== undefined);
      const late = { ...second, decodeTicks: at + leads, durationTicks: 3600 - leads };
      const events = pushEach(cutter, [first, ...lead, late, ...rest]);
      assert.equal(cutter.stats.late, 0);
      const out = samplesOf(events);
      assert.deepEqual(
        out.map(({ decodeTicks }) => decodeTicks),
        [first, ...lead, late, ...rest].map(({ decodeTicks }) => decodeTicks),
      );
      assert.equal(brief(events)[0], '0/0 18000 I');
    }
  });

  it('composition offsets are kept', () => {
    const offsets = [7200, 14_400, 7200, 0, 3600];
    const input = frames(START_90K, 5, 3600).map((s, i) => ({
      ...s,
      compositionOffsetTicks: offsets[i] ?? 0,
    }));
    assert.deepEqual(
      samplesOf(pushEach(segmenter(), input)).map((s) => s.compositionOffsetTicks),
      offsets,
    );
  });
});

describe('segmenter on the grid: what goes wrong', () => {
  const cut = (
    keep: (i: number) => boolean,
    count = 80,
  ): { events: CutEvent[]; stats: Segmenter['stats'] } => {
    const cutter = segmenter();
    const events = pushEach(
      cutter,
      frames(START_90K, count, 3600).filter((_, i) => keep(i)),
    );
    return { events, stats: cutter.stats };
  };

  it('a missing frame lengthens the sample before it while that is unsent', () => {
    const { events, stats } = cut((i) => i !== 2);
    assert.deepEqual(brief(events).slice(0, 2), ['0/0 18000 I', '0/1 18000']);
    assert.deepEqual(
      samplesOf(events)
        .slice(0, 4)
        .map((s) => s.durationTicks),
      [3600, 7200, 3600, 3600],
    );
    assert.equal(stats.lengthened, 1);
    assert.equal(stats.holes, 0);
  });

  it('a missing frame at the start of a part leaves a hole: the part before it is out', () => {
    const { events, stats } = cut((i) => i !== 5);
    assert.deepEqual(brief(events).slice(0, 2), ['0/0 18000 I', '0/1 18000']);
    assert.equal(samplesOf(events)[5]?.decodeTicks, START_90K + 6 * 3600);
    assert.equal(stats.holes, 1);
  });

  it('a longer gap fills the part up to its target and no further', () => {
    const { events, stats } = cut((i) => i < 2 || i >= 15);
    assert.deepEqual(brief(events).slice(0, 2), ['0/0 18000 I', '0/1 18000']);
    assert.equal(samplesOf(events)[2]?.decodeTicks, START_90K + 15 * 3600);
    assert.deepEqual([stats.lengthened, stats.holes], [1, 1]);
  });

  it('the last frames of a segment missing: its last part is filled to the boundary', () => {
    const { events } = cut((i) => i < 38 || i >= 40);
    assert.deepEqual(brief(events).slice(6, 9), ['0/6 18000', '0/7 18000!', '1/0 18000 I']);
  });

  it('and not beyond the boundary, where more is missing', () => {
    const cutter = segmenter({ partTargetMs: 300 });
    const input = frames(START_90K, 90, 3600).filter((_, i) => i < 37 || i >= 80);
    assert.deepEqual(brief(pushEach(cutter, input)).slice(5, 7), ['0/5 18000!', '2/0 25200 I']);
  });

  it('all of the last part missing: the segment is closed by an event of its own', () => {
    const { events } = cut((i) => i < 35 || i >= 40);
    assert.deepEqual(brief(events).slice(6, 9), ['0/6 18000', '0 closed', '1/0 18000 I']);
  });

  it('a jump into the middle of a later segment waits for the next beginning', () => {
    const { events, stats } = cut((i) => i < 38 || i >= 60, 130);
    assert.deepEqual(brief(events).slice(7, 9), ['0/7 18000!', '2/0 18000 I']);
    assert.equal(stats.waiting, 20);
  });

  it('what an uplink sends again after a reconnect is dropped, and nothing is missing', () => {
    const cutter = segmenter();
    const all = frames(START_90K, 80, 3600);
    const events = [...pushEach(cutter, all.slice(0, 53)), ...pushEach(cutter, all.slice(20))];
    assert.deepEqual(samplesOf(events), all);
    assert.equal(cutter.stats.late, 33);
  });

  it('begins after what is known already', () => {
    const cutter = segmenter({ afterTicks: START_90K + 144_000 });
    assert.deepEqual(brief(pushEach(cutter, frames(START_90K, 80, 3600)))[0], '1/0 18000 I');
    assert.equal(cutter.stats.late, 40);
  });

  it('a feed that ends closes its segment with what is there', () => {
    const cutter = segmenter();
    pushEach(cutter, frames(START_90K, 12, 3600));
    assert.deepEqual(brief(cutter.finish()), ['0/2 7200!']);
    assert.deepEqual(cutter.finish(), []);
    const other = segmenter();
    pushEach(other, frames(START_90K, 10, 3600));
    assert.deepEqual(brief(other.finish()), ['0 closed']);
  });

  it('a segment that was closed is not opened again, nor the next one ahead of its time', () => {
    for (const gop of [20, 1000]) {
      const cutter = segmenter();
      const all = frames(START_90K, 100, 3600, gop);
      pushEach(cutter, all.slice(0, 20));
      cutter.finish();
      const events = pushEach(cutter, all.slice(20));
      assert.equal(samplesOf(events)[0]?.decodeTicks, gop === 20 ? START_90K + 144_000 : undefined);
    }
    // The frame that closes the segment ends 200 ticks early, and one of 100 ticks follows.
    const cutter = segmenter({ init: { ...VIDEO, timescaleHz: 12_800 } });
    const start = K * 20_480;
    const input = [...frames(start - 200, 40, 512), sample(start + 20_280, 100), sample(start + 20_380, 512)];
    assert.deepEqual(brief(pushEach(cutter, input)).at(-1), '0/7 2560!');
    assert.deepEqual(brief(cutter.finish()), ['1/0 612!']);
  });

  it('a picture that stands still longer than a part is cut to it', () => {
    const cutter = segmenter({ cut: 'keyframes', gridUnits: 2 });
    const events = pushEach(cutter, frames(START_90K, 6, 90_000, 4));
    assert.deepEqual(brief(events).slice(0, 2), [`${-K / 2}/0 18000 I`, `${-K / 2}/1 18000`]);
    assert.equal(cutter.stats.shortened, 6);
  });

  it('a hostile feed gets no part beyond 16 MiB, and no segment beyond 64 MiB or 64 parts', () => {
    // A timescale that times are not put right in.
    const init = { ...VIDEO, timescaleHz: 12_800 };
    const start = K * 20_480;
    const cutter = segmenter({ init });
    const big = Buffer.alloc(7 * 2 ** 20);
    const events = pushEach(
      cutter,
      Array.from({ length: 2000 }, (_, i) => sample(start + i, 1, i === 0, big)),
    );
    const sizes = events.map((event) => (event.kind === 'part' ? event.part.bytes.length : 0));
    assert.ok(Math.max(...sizes) <= 2 ** 24 + 2000);
    assert.ok(sizes.reduce((a, b) => a + b, 0) <= 2 ** 26 + 2000);
    assert.equal(cutter.stats.overLimit, 2000 - 9);

    const tiny = segmenter({ init });
    const parts = pushEach(
      tiny,
      Array.from({ length: 20_000 }, (_, i) => sample(start + i, 1, i === 0, Buffer.of(1))),
    );
    const indexes = parts.flatMap((event) => (event.kind === 'part' ? [event.part.index] : []));
    assert.ok(Math.max(...indexes) < 64);
    // Seven parts of a target's length each would hold them; runs of 512 samples are cut before that.
    assert.ok(Math.max(...parts.map((event) => samplesOf([event]).length)) <= 512);
  });

  it('large frames are no hostile feed', () => {
    const input = frames(START_90K, 40, 3600).map((s) => ({ ...s, data: Buffer.alloc(2 ** 20) }));
    assert.equal(pushEach(segmenter(), input).length, 8);
  });

  it('moof numbers follow from segment and part alone', () => {
    const numbers = (skip: number): number[] =>
      pushEach(segmenter(), frames(START_90K, 120, 3600).slice(skip)).flatMap((event) =>
        event.kind === 'part' && event.number > K ? [sequenceNumberOf(event.part.bytes)] : [],
      );
    const want = [0, 1].flatMap((n) => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ((K + 1 + n) * 64 + i) % 2 ** 32));
    assert.deepEqual(numbers(0), want);
    assert.deepEqual(numbers(17), want);
  });
});

describe('segmenter on the grid: AAC', () => {
  const audio = (): Segmenter => segmenter({ init: AUDIO });
  const flv = (i: number, offset = 0): number =>
    START_48K + offset + Math.round(Math.round((i * 1024 * 1000) / 48_000) * 48);

  for (const [partTargetMs, want] of [
    [200, [9, 9, 9, 9, 9, 9, 9, 9, 3]],
    [400, [18, 18, 18, 18, 3]],
    [800, [37, 37, 1]],
  ] as const) {
    it(`75 frames a segment, in parts of ${partTargetMs} ms: ${want.join(' ')}`, () => {
      const events = pushEach(segmenter({ init: AUDIO, partTargetMs }), frames(START_48K, 75, 1024, 1));
      assert.deepEqual(
        events.map((event) => samplesOf([event], AUDIO).length),
        want,
      );
      assert.equal(brief(events).at(-1)?.endsWith('!'), true);
    });
  }

  for (const offset of [0, 17, -300, 500, -511]) {
    it(`milliseconds of FLV, ${offset} ticks off the grid: each frame in its place, none lost`, () => {
      const cutter = audio();
      const input = Array.from({ length: 400 }, (_, i) => {
        const at = flv(i, offset);
        return sample(at, flv(i + 1, offset) - at, true, Buffer.from(String(i)));
      });
      const events = pushEach(cutter, input);
      const got = samplesOf(events, AUDIO);
      assert.ok(got.length >= 375 - 75);
      got.forEach((s, i) => {
        assert.equal(s.decodeTicks, (got[0]?.decodeTicks ?? 0) + i * 1024);
        assert.equal(s.durationTicks, 1024);
        assert.equal(s.data.toString(), String(Number(got[0]?.data) + i));
      });
      const closed = events.filter((event) => event.kind === 'part' && event.last);
      assert.ok(closed.length >= 4);
      assert.deepEqual([cutter.stats.holes, cutter.stats.late, cutter.stats.lengthened], [0, 0, 0]);
    });
  }

  it("a sender's clock that runs fast loses a frame now and then, never more than 3/4 of a frame off", () => {
    const cutter = audio();
    const input = Array.from({ length: 3000 }, (_, i) =>
      sample(START_48K + Math.round(i * 1023), 1023, true),
    );
    pushEach(cutter, input);
    assert.ok(cutter.stats.late >= 2 && cutter.stats.late <= 3, String(cutter.stats.late));
    assert.equal(cutter.stats.holes + cutter.stats.lengthened, 0);
  });

  it("a sender's clock that runs slow leaves a frame's place empty now and then", () => {
    const cutter = audio();
    const input = Array.from({ length: 3000 }, (_, i) =>
      sample(START_48K + Math.round(i * 1025), 1025, true),
    );
    pushEach(cutter, input);
    const skipped = cutter.stats.holes + cutter.stats.lengthened;
    assert.ok(skipped >= 2 && skipped <= 3, String(skipped));
    assert.equal(cutter.stats.late, 0);
  });

  it('a frame missing at a boundary costs that frame, not the segment', () => {
    const cutter = audio();
    const events = pushEach(
      cutter,
      frames(START_48K, 150, 1024, 1).filter((_, i) => i !== 75),
    );
    assert.equal(samplesOf(events, AUDIO).length, 149);
    assert.equal(cutter.stats.holes, 1);
  });

  it('44.1 kHz is not on the grid: each segment begins within half a frame of it', () => {
    const init = { ...AUDIO, timescaleHz: 44_100, sampleRateHz: 44_100 };
    const events = pushEach(
      segmenter({ init }),
      frames(Math.ceil((K * 70_560) / 1024) * 1024 - 10 * 1024, 400, 1024, 1),
    );
    const starts = events.flatMap((event) =>
      event.kind === 'part' && event.part.index === 0 ? [event.part.startTicks - event.number * 70_560] : [],
    );
    assert.ok(starts.length >= 4);
    for (const start of starts) assert.ok(Math.abs(start) <= 512, String(start));
  });
});
