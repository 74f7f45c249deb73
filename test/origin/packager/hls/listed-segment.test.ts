import assert from 'node:assert/strict';
import {
  FIRST_NUMBER,
  makeInit,
  makeRendition,
  makeSegment,
  makeView,
  renderLive,
  wholeParts,
} from './view-fixture.ts';

describe('a closed segment that is listed again', () => {
  const init = makeInit('video', 'aa');
  const all = Array.from({ length: 20 }, (_, index) =>
    makeSegment({ init, number: FIRST_NUMBER + index, partsMs: wholeParts('video') }),
  );

  it('has its map when it is the first, and no parts when it is far from the end, as if it had never been listed', () => {
    for (const count of [1, 6, 12]) {
      for (let from = 0; from + count <= all.length; from += 1) {
        const segments = all.slice(from, from + count);
        const fresh = segments.map((segment) => ({ ...segment }));
        const [again, once] = [segments, fresh].map((listed) =>
          renderLive(makeView([makeRendition('720p', listed)]), '720p', { skip: false }),
        );
        assert.equal(again, once);
      }
    }
  });
});
