import assert from 'node:assert/strict';
import { frames, sample } from '../../../media/support/samples.ts';
import { brief, pushEach, segmenter, START_90K } from '../cmaf/cutting.ts';

describe('segmenter: limits and overlaps', () => {
  it('cuts 63 parts of a segment at most, and drops what would be more', () => {
    const cutter = segmenter({ partTargetMs: 20 });
    const events = pushEach(cutter, frames(START_90K, 96, 1500, 96));
    const indices = events.flatMap((event) => (event.kind === 'part' ? event.part.index : []));
    assert.deepEqual(indices.at(-1), 62);
    assert.equal(cutter.stats.overLimit, 96 - 63);
  });

  it('cuts a part that would be larger than 16 MiB in front of the sample that makes it so', () => {
    const data = Buffer.alloc(9 << 20);
    const events = [
      ...segmenter().push([0, 1].map((i) => sample(START_90K + i * 3600, 3600, i === 0, data))),
    ];
    assert.deepEqual(brief(events), ['0/0 3600 I']);
  });

  it('shortens a sample that begins before the one in front of it ends, so that none overlaps', () => {
    const times = [0, 2700, 6300, 9900, 13_500];
    const events = pushEach(
      segmenter(),
      times.map((at, index) => sample(START_90K + at, 3600, index === 0)),
    );
    assert.deepEqual(brief(events), ['0/0 17100 I']);
  });
});
