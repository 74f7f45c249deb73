import assert from 'node:assert/strict';
import { foldTime, RECONNECT_MS, DECIDED_MS } from '../../../origin/broadcasts/broadcast-fold.ts';
import { mergeAired } from '../../../origin/broadcasts/broadcast-record.ts';
import { parseReplayPath } from '../../../origin/replay/replay-range.ts';
import { lesson } from '../support/library-on-stage.ts';

const START_MS = 1_600_000_000_000;
const stored = lesson('a', START_MS, { title: 'Changed by hand', keep: true });
const endMs = stored.endMs ?? 0;

describe('a broadcast that was on air, merged into its record', () => {
  it('leaves what people changed, and a deleted one deleted', () => {
    const aired = lesson('a', START_MS, { endMs: endMs + 1600 });
    assert.deepEqual(mergeAired(stored, aired), { ...stored, endMs: endMs + 1600 });
    const deleted = { ...stored, deletedMs: endMs + 5000 };
    assert.deepEqual(mergeAired(deleted, aired), deleted);
  });

  it('takes the later of two ends: another origin may have seen more', () => {
    assert.equal(mergeAired(stored, lesson('a', START_MS, { endMs: endMs - 1600 })).endMs, endMs);
    assert.equal(mergeAired(stored, lesson('a', START_MS, { endMs: null })).endMs, null);
  });
});

describe('limits, to the millisecond', () => {
  it('a teacher may be away for the whole time in which she may come back', () => {
    const open = { id: 'a', startMs: 0, endMs: null, gaps: [], downSinceMs: 1600, silentSinceMs: 1600 };
    const atMs = 1600 + RECONNECT_MS + DECIDED_MS;
    assert.equal(foldTime(open, atMs).open?.id, 'a');
    assert.equal(foldTime(open, atMs + 1).open, null);
  });

  it('a replay may last a whole day', () => {
    const day = 86_400_000;
    assert.equal(parseReplayPath(`/replay/hall-7/${day}-${2 * day}/index.m3u8`)?.toMs, 2 * day);
    assert.throws(() => parseReplayPath(`/replay/hall-7/${day}-${2 * day + 1}/index.m3u8`), {
      code: 'range-too-long',
    });
  });
});
