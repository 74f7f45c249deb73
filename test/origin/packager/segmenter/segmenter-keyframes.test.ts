import assert from 'node:assert/strict';
import { frames, sample } from '../../../media/support/samples.ts';
import type { CutEvent } from '../../../../origin/packager/media.ts';
import { K, pushEach, segmenter } from '../cmaf/cutting.ts';
import { AUDIO } from '../cmaf/tracks.ts';

describe("segmenter at the source's keyframes", () => {
  /** S = 3.2 s is 288,000 ticks. */
  const PASS = { cut: 'keyframes', gridUnits: 2, partTargetMs: 251 } as const;
  const S = 288_000;
  const first = K / 2;
  const starts = (events: readonly CutEvent[]): [number, number, boolean][] =>
    events.flatMap((event) =>
      event.kind === 'part' && event.part.index === 0
        ? [[event.number - first, event.part.startTicks - first * S, event.part.independent]]
        : [],
    );

  it('a segment begins at the first sync sample of its time', () => {
    // A GOP of 1 s from 0.5 s on: keys at 0.5, 1.5, 2.5, 3.5, …
    const events = pushEach(segmenter(PASS), frames(first * S + 45_000, 300, 3600, 25));
    assert.deepEqual(starts(events), [
      [0, 45_000, true],
      [1, 45_000 + 270_000, true],
      [2, 45_000 + 540_000, true],
      [3, 45_000 + 900_000, true],
    ]);
  });

  it('without one it begins after half a segment, and not independent', () => {
    const cutter = segmenter(PASS);
    const events = pushEach(cutter, frames(first * S, 250, 3600, 1000));
    assert.deepEqual(starts(events), [
      [0, 0, true],
      [1, S + S / 2, false],
      [2, 2 * S + S / 2, false],
    ]);
    assert.equal(cutter.stats.dependent, 2);
  });

  it('the wait may be made longer, for keyframes 2 s apart', () => {
    // Keys at 1.1, 3.1 and 5.1 s: the last is 1.9 s after the boundary at 3.2 s, 0.59 of a segment.
    const input = frames(first * S + 99_000, 120, 3600, 50);
    // The first frame at or after 4.8 s.
    assert.deepEqual(starts(pushEach(segmenter(PASS), input))[1], [1, 433_800, false]);
    const patient = segmenter({ ...PASS, graceOfSegment: 0.65 });
    assert.deepEqual(starts(pushEach(patient, input))[1], [1, 99_000 + 360_000, true]);
  });

  it('a part that was sent before the keyframe came is closed by an event', () => {
    const cutter = segmenter({ ...PASS, partTargetMs: 200 });
    const events = pushEach(cutter, frames(first * S, 90, 3600, 80));
    const close = events.findIndex((event) => event.kind === 'close');
    assert.equal(close, 16);
    assert.deepEqual(events[close], { kind: 'close', number: first });
    assert.deepEqual(starts(events.slice(close)), [[1, S, true]]);
  });

  it('parts at 24, 25, 30, 50 and 60 fps are 85 % of the target or more, but for the last', () => {
    for (const fps of [24, 25, 30, 50, 60, 29.97]) {
      const at = (i: number): number => first * S + Math.round((i * 1000) / fps) * 90;
      const input = Array.from({ length: 300 }, (_, i) => sample(at(i), at(i + 1) - at(i), i % 48 === 0));
      for (const event of pushEach(segmenter(PASS), input)) {
        if (event.kind === 'close') continue;
        const ms = event.part.durationTicks / 90;
        assert.ok(ms <= 251 && (event.last || ms >= 251 * 0.85), `${fps} fps: ${ms} ms`);
      }
    }
  });

  it('a segment that was closed is not opened again by the same feed', () => {
    const cutter = segmenter(PASS);
    const all = frames(first * S, 200, 3600, 20);
    pushEach(cutter, all.slice(0, 30));
    cutter.finish();
    assert.deepEqual(starts(pushEach(cutter, all.slice(30))), [
      [1, S, true],
      [2, 2 * S, true],
    ]);
  });

  it('sound in such a channel is cut on the grid all the same', () => {
    const events = pushEach(segmenter({ ...PASS, init: AUDIO }), frames(first * 153_600, 150, 1024, 1));
    const lasts = events.flatMap((event) => (event.kind === 'part' && event.last ? [event] : []));
    assert.deepEqual(
      lasts.map((event) => event.part.startTicks + event.part.durationTicks),
      // At once, not when the next frame comes.
      [(first + 1) * 153_600],
    );
  });

  it('sound begins in mid-segment, as such pictures do, and ends on the grid', () => {
    const from = first * 153_600 + 40 * 1024;
    const events = pushEach(segmenter({ ...PASS, init: AUDIO }), frames(from, 150, 1024, 1));
    assert.deepEqual(
      events.flatMap((event) =>
        event.kind === 'part' && event.part.index === 0 ? [event.part.startTicks] : [],
      ),
      [from, (first + 1) * 153_600],
    );
  });

  it('sound beside pictures on the grid begins with a segment', () => {
    const cutter = segmenter({ ...PASS, cut: 'grid', init: AUDIO });
    const events = pushEach(cutter, frames(first * 153_600 + 40 * 1024, 150, 1024, 1));
    const [begun] = events;
    assert.ok(begun?.kind === 'part');
    assert.equal(begun.part.startTicks, (first + 1) * 153_600);
  });

  it('sound of a segment that was closed does not open the next one before its time', () => {
    const cutter = segmenter({ ...PASS, init: AUDIO });
    const all = frames(first * 153_600, 200, 1024, 1);
    pushEach(cutter, all.slice(0, 30));
    cutter.finish();
    const [begun] = pushEach(cutter, all.slice(30));
    assert.ok(begun?.kind === 'part');
    assert.deepEqual([begun.number, begun.part.startTicks], [first + 1, (first + 1) * 153_600]);
  });

  for (const fps of [24, 25, 29.97, 30, 50, 60])
    it(`no picture between a boundary and the next keyframe is lost: ${fps} fps, times and lengths in whole milliseconds`, () => {
      for (let phaseMs = 0; phaseMs < 40; phaseMs += 3) {
        for (const lengthMs of [Math.floor(1000 / fps), 1000 / fps]) {
          const at = (i: number): number => first * S + (phaseMs + Math.round((i * 1000) / fps)) * 90;
          const length = Math.round(lengthMs * 90);
          const gop = Math.round(fps);
          const input = Array.from({ length: gop * 12 }, (_, i) => sample(at(i), length, i % gop === 0));
          const cutter = segmenter(PASS);
          pushEach(cutter, input);
          assert.deepEqual(
            [cutter.stats.waiting, cutter.stats.late],
            [0, 0],
            `${phaseMs} ms, ${length} ticks`,
          );
        }
      }
    });

  it('a picture that is lost at a boundary costs no other one', () => {
    // Keys at 0, 2, 4 s; the boundary is at 3.2 s.
    for (let lost = 75; lost < 90; lost++) {
      const cutter = segmenter(PASS);
      pushEach(
        cutter,
        frames(first * S, 150, 3600, 50).filter((_, i) => i !== lost),
      );
      assert.equal(cutter.stats.waiting, 0, `picture ${lost}`);
    }
  });

  it('after a gap it waits for a keyframe', () => {
    const input = frames(first * S, 300, 3600, 50).filter((_, i) => i < 30 || i > 100);
    const cutter = segmenter(PASS);
    assert.deepEqual(starts(pushEach(cutter, input)), [
      [0, 0, true],
      [1, 540_000, true],
      [2, 720_000, true],
      [3, 900_000, true],
    ]);
    assert.equal(cutter.stats.waiting, 49);
  });
});
