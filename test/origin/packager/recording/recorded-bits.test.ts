import assert from 'node:assert/strict';
import { followsOn, gridSlots } from '../../../../origin/packager/recording/grid-slots.ts';
import { RecordedBits } from '../../../../origin/packager/recording/recorded-bits.ts';
import { RecordingLayout } from '../../../../origin/packager/recording/recording-layout.ts';
import { describeSegment, type StoredSegment } from '../../../../origin/packager/recording/stored-segment.ts';
import { frames } from '../../../media/support/samples.ts';
import { audioInit, videoInit } from '../../support/cmaf-init.ts';
import { pushEach, segmenter, START_90K } from '../cmaf/cutting.ts';
import { VIDEO } from '../cmaf/tracks.ts';

const PICTURE = videoInit(360);
const SOUND = audioInit();
const INITS = new Map([
  [`360p/${PICTURE.hash}`, PICTURE],
  [`audio/${SOUND.hash}`, SOUND],
]);

/** A segment of so many milliseconds. */
function stored(number: number, durationMs: number, init = PICTURE, gridUnits = 1): StoredSegment {
  const { timescaleHz } = init;
  const rendition = init === PICTURE ? '360p' : 'audio';
  return {
    ...{ rendition, number, timescaleHz, frames: 40, initHash: init.hash, sizeBytes: 20_000 },
    startTicks: number * timescaleHz * 1.6 * gridUnits,
    durationTicks: (durationMs * timescaleHz) / 1000,
  };
}

describe('what is measured of a recorded rendition', () => {
  it('takes no peak from a segment that was cut short, and counts none without a duration', () => {
    const bits = new RecordedBits();
    for (const durationMs of [1600, 700, 0]) bits.add(stored(1_000_000, durationMs));
    const { peakBps, averageBps, frameRate } = bits.info('360p', PICTURE);
    assert.deepEqual([peakBps, averageBps], [139_131, Math.ceil(320_000 / 2.3)]);
    assert.equal(frameRate, Math.round((80 / 2.3) * 100) / 100);
  });
});

describe('what is left of a broadcast in its last segment', () => {
  const numbersOf = (...last: StoredSegment[]): number[] => {
    const layout = new RecordingLayout();
    const whole = [1, 2].flatMap((n) => [stored(1_000_000 + n, 1600), stored(1_000_000 + n, 1600, SOUND)]);
    layout.add([...whole, ...last], INITS);
    return (layout.finish()?.renditions[0]?.segments ?? []).map(({ number }) => number - 1_000_000);
  };

  it('is left out below 400 ms where one rendition alone has it', () => {
    assert.deepEqual(numbersOf(stored(1_000_003, 360)), [1, 2]);
    assert.deepEqual(numbersOf(stored(1_000_003, 400)), [1, 2, 3]);
  });

  it('is listed where all renditions have it', () => {
    assert.deepEqual(numbersOf(stored(1_000_003, 100), stored(1_000_003, 100, SOUND)), [1, 2, 3]);
  });
});

describe('slots of the grid', () => {
  it('do not continue those of another grid', () => {
    const [one] = gridSlots([stored(1_000_000, 1600)]);
    const [next] = gridSlots([stored(1_000_001, 1600)]);
    const [long] = gridSlots([stored(1_000_001, 3200, PICTURE, 2)]);
    assert.ok(one !== undefined && next !== undefined && long !== undefined);
    assert.deepEqual(
      [followsOn(one, next), followsOn(one, long), followsOn(next, one)],
      [true, false, false],
    );
  });
});

describe('the description of a stored segment', () => {
  const bytes = Buffer.concat(
    pushEach(segmenter(), frames(START_90K, 40, 3600)).flatMap((event) =>
      event.kind === 'part' ? event.part.bytes : [],
    ),
  );

  it('is read from its bytes', () => {
    const { frames: count, startTicks, durationTicks, sizeBytes } = describeSegment('720p', 7, bytes, VIDEO);
    assert.deepEqual([count, startTicks, durationTicks, sizeBytes], [40, START_90K, 144_000, bytes.length]);
  });

  it('is refused where it has no sample, and where its end is missing', () => {
    assert.throws(() => describeSegment('720p', 7, Buffer.alloc(0), VIDEO), {
      code: 'bad-cmaf',
      message: /no sample/,
    });
    assert.throws(() => describeSegment('720p', 7, bytes.subarray(0, -1), VIDEO), { code: 'bad-cmaf' });
  });
});
