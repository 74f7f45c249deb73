import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Sample } from '../../../../media/bmff/sample.ts';
import { readFragment } from '../../../../media/bmff/fragment-reader.ts';
import { ChunkSplitter } from '../../../../origin/packager/cmaf/chunk-splitter.ts';
import { parseInit } from '../../../../origin/packager/cmaf/init-segment.ts';
import { withParameterSets } from '../../../../origin/packager/cmaf/parameter-sets.ts';

/** NAL unit types of an H.264 sample (Rec. ITU-T H.264 table 7-1). */
function unitTypes(data: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at < data.length; at += 4 + data.readUInt32BE(at)) types.push((data[at + 4] ?? 0) & 0x1f);
  return types;
}

describe('parameter sets in band', () => {
  const bytes = readFileSync(new URL('../../../../origin/slate/picture.mp4', import.meta.url));
  const [first, chunk] = new ChunkSplitter().push(bytes);
  assert.ok(first && chunk);
  const init = parseInit(first.bytes);
  const samples = readFragment(chunk.bytes, init);
  const [key, other] = samples as [Sample, Sample];

  it('stand in front of a keyframe that lacks them: SPS (7) and PPS (8) before the IDR (5)', () => {
    const bare = unitTypes(key.data).filter((type) => type === 7 || type === 8);
    assert.deepEqual(bare, []);
    const types = unitTypes(withParameterSets(key, init).data);
    assert.deepEqual(types.slice(0, 2), [7, 8]);
    assert.ok(types.includes(5));
  });
  it('are not put there twice', () => {
    const once = withParameterSets(key, init);
    assert.equal(withParameterSets(once, init), once);
  });
  it('are not put in front of other pictures', () => {
    assert.equal(withParameterSets(other, init), other);
  });
  it('leave samples alone whose lengths are nonsense', () => {
    const data = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x65, 1, 2, 3]);
    const types = withParameterSets({ ...key, data }, init).data;
    assert.deepEqual(types.subarray(-8), data);
  });
});
