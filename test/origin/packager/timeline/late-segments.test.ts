import assert from 'node:assert/strict';
import { Stage } from '../../support/stage.ts';

const RENDITIONS = ['360p', '720p', 'audio'];

/** Late numbers by rendition, each relative to the first one of all. */
function takeLate(stage: Stage): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const { rendition, segment } of stage.timeline.takeLate()) {
    assert.equal(segment.closed, true);
    assert.ok(segment.parts.length > 0);
    found[rendition] = [...(found[rendition] ?? []), segment.number];
  }
  return Object.fromEntries(
    Object.entries(found).map(([id, numbers]) => [id, numbers.toSorted((a, b) => a - b)]),
  );
}

/** Numbers that a rendition shows as the slate behind the class, or closed with fewer than 8 parts. */
function missedOf(stage: Stage, rendition: string): number[] {
  const segments = stage.segments(rendition);
  const first = segments.findIndex(({ init }) => init.hash === rendition);
  return segments
    .slice(first)
    .filter(({ init, parts, closed }) => closed && (init.hash !== rendition || parts.length < 8))
    .map(({ number }) => number);
}

describe('media that comes when its time on air has passed', () => {
  for (const stallMs of [2000, 5000, 13_000, 20_000]) {
    it(`an uplink that stalls for ${stallMs} ms: all that live has skipped is there, once`, () => {
      const stage = new Stage({ windowSegments: 20 });
      const publisher = stage.publish('live.b1');
      stage.run(6100);
      stage.leave(publisher, 'silent');
      stage.run(stallMs);
      assert.deepEqual(takeLate(stage), {});
      stage.connect(publisher);
      stage.run(4000);
      const late = takeLate(stage);
      for (const id of RENDITIONS) assert.deepEqual(late[id] ?? [], missedOf(stage, id), id);
      assert.equal(Object.keys(late).length, stallMs > 4000 ? 3 : 0);
      assert.deepEqual(takeLate(stage), {});
      assert.equal(stage.timeline.currentRun?.state, 'on-air');
    });
  }

  it('a stall that ends with a drop: what came before the drop is there', () => {
    const stage = new Stage({ windowSegments: 20 });
    const publisher = stage.publish('live.b1');
    stage.run(6100);
    stage.leave(publisher, 'silent');
    stage.run(7000);
    stage.connect(publisher);
    stage.leave(publisher, 'interrupted');
    stage.run(3000);
    const late = takeLate(stage);
    for (const id of RENDITIONS) assert.ok((late[id]?.length ?? 0) >= 3, id);
  });

  it('is nobody’s before the first class, and not that of another class', () => {
    const stage = new Stage();
    stage.run(8000);
    assert.deepEqual(takeLate(stage), {});
    const publisher = stage.publish('live.b1');
    stage.run(6000);
    stage.leave(publisher, 'over');
    stage.run(8000);
    stage.publish('live.b2');
    stage.run(4000);
    assert.deepEqual(takeLate(stage), {});
  });
});
