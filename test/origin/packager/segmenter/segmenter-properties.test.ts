import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Sample } from '../../../../media/bmff/sample.ts';
import { frames, sample } from '../../../media/support/samples.ts';
import { readFragment } from '../../../../media/bmff/fragment-reader.ts';
import type { CutEvent } from '../../../../origin/packager/media.ts';
import type { SegmenterOptions } from '../../../../origin/packager/segmenter/segmenter.ts';
import { START_90K, pushEach, samplesOf, segmenter } from '../cmaf/cutting.ts';
import { AUDIO, VIDEO } from '../cmaf/tracks.ts';

describe('segmenter: what holds for any feed', () => {
  const step = fc.record({
    gap: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: -400_000, max: 400_000 })),
    durationTicks: fc.oneof({ weight: 6, arbitrary: fc.constant(3600) }, fc.nat(60_000)),
    isSync: fc.boolean(),
  });
  const feed = fc
    .tuple(fc.nat(400_000), fc.array(step, { minLength: 1, maxLength: 300 }))
    .map(([from, steps]) => {
      let at = START_90K + from;
      return steps.map(({ gap, durationTicks, isSync }, i) => {
        at += gap;
        const made = sample(at, durationTicks, isSync, Buffer.from(`sample ${i}`));
        at += durationTicks;
        return made;
      });
    });
  const modes = fc.constantFrom(
    { cut: 'grid' } as const,
    { cut: 'keyframes', gridUnits: 2, partTargetMs: 251 } as const,
    { init: AUDIO } as const,
  );

  it('numbers never decrease, parts count up from 0, each segment is closed once, samples keep their order', () => {
    fc.assert(
      fc.property(feed, modes, fc.array(fc.nat(20)), (pictures, mode, batches) => {
        const init = 'init' in mode ? mode.init : VIDEO;
        const samples = pictures.map((s) => ({ ...s, isSync: s.isSync || init.kind === 'audio' }));
        const cutter = segmenter(mode);
        const events: CutEvent[] = [];
        let taken = 0;
        for (const size of batches) events.push(...cutter.push(samples.slice(taken, (taken += size))));
        events.push(...cutter.push(samples.slice(taken)), ...cutter.finish());
        assert.deepEqual(events, [...pushEach(segmenter(mode), samples), ...segmenterEnd(mode, samples)]);

        const targetTicks = (('partTargetMs' in mode ? mode.partTargetMs : 200) * init.timescaleHz) / 1000;
        let isOpen = false;
        let number = 0;
        let nextIndex = 0;
        let endTicks = 0;
        let lastSample = -1;
        for (const event of events) {
          if (event.kind === 'close') {
            assert.ok(isOpen && event.number === number);
            isOpen = false;
            continue;
          }
          if (!isOpen) {
            assert.ok(event.number > number);
            number = event.number;
            nextIndex = 0;
            isOpen = true;
          }
          const { part } = event;
          assert.deepEqual([event.number, part.index], [number, nextIndex++]);
          assert.ok(part.durationTicks <= targetTicks && part.durationTicks > 0);
          assert.ok(part.startTicks >= endTicks);
          endTicks = part.startTicks + part.durationTicks;
          const inPart = readFragment(part.bytes, init);
          assert.equal(part.independent, inPart[0]?.isSync);
          assert.equal(
            inPart.reduce((sum, s) => sum + s.durationTicks, 0),
            part.durationTicks,
          );
          for (const s of inPart) {
            const id = Number(s.data.toString().slice('sample '.length));
            assert.ok(id > lastSample);
            lastSample = id;
          }
          if (event.last) isOpen = false;
        }
        assert.ok(!isOpen);
      }),
      { numRuns: 500 },
    );
  });

  function segmenterEnd(mode: Partial<SegmenterOptions>, samples: readonly Sample[]): CutEvent[] {
    const cutter = segmenter(mode);
    pushEach(cutter, samples);
    return cutter.finish();
  }

  it('at a constant rate on the grid every sample goes out, from the first boundary on, in order and unchanged', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(5, 10, 15, 20, 25, 30, 50, 60),
        fc.nat(200),
        fc.constantFrom(200, 400, 800),
        (fps, skipped, partTargetMs) => {
          const all = frames(START_90K, fps * 8, 90_000 / fps, fps * 1.6).slice(skipped % (fps * 3));
          const events = pushEach(segmenter({ partTargetMs }), all);
          const from = all.findIndex((s) => s.decodeTicks % 144_000 === 0);
          assert.deepEqual(samplesOf(events), all.slice(from));
        },
      ),
    );
  });
});
