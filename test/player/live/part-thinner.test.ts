/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { writeFragment } from '../../../media/bmff/fragment-writer.ts';
import { writeInitSegment } from '../../../media/bmff/init-writer.ts';
import { PartThinner } from '../../../player/live/part-thinner.ts';

/** The first part of segment 7: each of its four samples is a sync sample, as all of sound are. */
function contextOf(kind: 'video' | 'audio', index: number) {
  const init = writeInitSegment({
    ...{ kind, timescaleHz: 48_000, trackId: 1, displayWidth: 0, displayHeight: 0 },
    sampleEntry: Buffer.alloc(8),
  });
  const frag = { type: 'main', sn: 7, level: 0, initSegment: { data: new Uint8Array(init) } };
  return { frag, part: { index, duration: 0.2 } };
}

const DETAILS = {
  fragments: [1.6, 1.6, 1.6].map((duration) => ({ duration })),
};

function partOfFour(): ArrayBuffer {
  const samples = [0, 1, 2, 3].map((i) => ({
    ...{ decodeTicks: i * 1024, durationTicks: 1024, isSync: true, compositionOffsetTicks: 0 },
    data: Buffer.alloc(30, i),
  }));
  return new Uint8Array(writeFragment({ trackId: 1, sequenceNumber: 1, samples })).buffer;
}

describe('the thinner of parts', () => {
  for (const { kind, isThinned } of [
    { kind: 'video', isThinned: true },
    { kind: 'audio', isThinned: false },
  ] as const) {
    it(`${isThinned ? 'leaves one sample of' : 'does not touch'} ${kind} in a main segment`, () => {
      const thinner = new PartThinner();
      thinner.isOn = true;
      const part = partOfFour();
      const given = thinner.part(contextOf(kind, 0), part, DETAILS);
      assert.equal(given !== part, isThinned);
      assert.equal(thinner.known(contextOf(kind, 1)) !== null, isThinned);
    });
  }

  it('does not touch what it does not know', () => {
    const thinner = new PartThinner();
    thinner.isOn = true;
    const part = partOfFour();
    const { frag, ...rest } = contextOf('video', 0);
    assert.equal(thinner.part({ frag: { ...frag, initSegment: null }, ...rest }, part, DETAILS), part);
  });
});
