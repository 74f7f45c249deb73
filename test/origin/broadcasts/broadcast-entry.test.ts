import assert from 'node:assert/strict';
import { staleEndMs, withOwnId } from '../../../origin/broadcasts/broadcast-entry.ts';
import { type AiredBroadcast, LONGEST_MS, RECONNECT_MS } from '../../../origin/broadcasts/broadcast-fold.ts';
import { lesson } from '../support/library-on-stage.ts';

const START_MS = 1_600_000_000_000;
const aired = (startMs: number): AiredBroadcast => ({
  ...{ id: 'b1', startMs, endMs: null, gaps: [], downSinceMs: null, silentSinceMs: null },
});

describe('the end of a broadcast that has none', () => {
  const newestMs = START_MS + 60_000;
  const overMs = newestMs + RECONNECT_MS;
  const table = [
    {
      name: 'its newest segment, when the teacher was away too long',
      newestMs,
      seenMs: overMs + 1,
      want: newestMs,
    },
    { name: 'none, while she may come back', newestMs, seenMs: overMs, want: null },
    {
      name: 'none without segments, while it may last',
      newestMs: null,
      seenMs: START_MS + LONGEST_MS,
      want: null,
    },
  ];
  for (const { name, newestMs: newest, seenMs, want } of table) {
    it(name, () => assert.equal(staleEndMs(START_MS, newest, seenMs, seenMs), want));
  }

  it('one segment after its start, when no segment is ever listed', () => {
    const nowMs = START_MS + LONGEST_MS + RECONNECT_MS;
    assert.equal(staleEndMs(START_MS, null, nowMs, nowMs), null);
    assert.equal(staleEndMs(START_MS, null, nowMs + 1, nowMs + 1), START_MS + 1600);
  });
});

describe('the id of a broadcast', () => {
  it('is another one for a feed that goes on after its class ended', () => {
    const known = lesson('b1', START_MS);
    const endMs = known.endMs ?? 0;
    assert.equal(withOwnId(aired(endMs), known).id, `b1-${endMs}`);
    assert.equal(withOwnId(aired(endMs - 1), known).id, 'b1');
    assert.equal(withOwnId(aired(START_MS), known).id, 'b1');
    assert.equal(withOwnId(aired(endMs), { ...known, endMs: null }).id, 'b1');
    assert.equal(withOwnId(aired(endMs), undefined).id, 'b1');
  });
});
