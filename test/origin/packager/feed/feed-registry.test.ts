import assert from 'node:assert/strict';
import { FeedRegistry } from '../../../../origin/packager/feed/feed-registry.ts';
import { parseFeedName } from '../../../../shared/names.ts';
import {
  START_MS,
  START_NUMBER,
  syntheticInit,
  syntheticSamples,
  syntheticSlate,
} from '../../support/synthetic.ts';

const init = syntheticInit('720p', 'video');

function registry(): FeedRegistry {
  return new FeedRegistry({
    id: 'hall-7',
    priorities: { live: 50 },
    slate: syntheticSlate(),
    feed: { videoCut: 'grid', partTargetMs: 200, gridUnits: 1, retainedSegments: 20, maxLagMs: 30_000 },
  });
}

describe('the feeds of a channel', () => {
  it('loses one that has been without connection and media for a minute', () => {
    const feeds = registry();
    feeds.openTrack(parseFeedName('live.b1'), '720p', init, [], START_MS);
    feeds.push('live.b1', '720p', syntheticSamples(init, START_MS, START_MS + 1000), START_MS + 1000);
    feeds.advance(START_MS + 100_000);
    assert.equal(feeds.feeds.length, 1, 'it is connected');
    feeds.closeTrack('live.b1', '720p', null);
    feeds.advance(START_MS + 61_000);
    assert.equal(feeds.feeds.length, 1, 'it may come back');
    feeds.advance(START_MS + 61_001);
    assert.equal(feeds.feeds.length, 0);
  });

  it('takes a track again of a feed that has as many as it may', () => {
    const feeds = registry();
    const open = (track: string): void =>
      feeds.openTrack(parseFeedName('live.b1'), track, init, [], START_MS);
    for (let i = 0; i < 12; i += 1) open(`t${i}`);
    open('t0');
    assert.throws(() => open('t12'), { code: 'too-many-tracks', status: 429 });
  });

  it('refuses a kind that is not configured, also one that every object has by name', () => {
    for (const kind of ['replay', 'constructor'])
      assert.throws(() => registry().openTrack(parseFeedName(kind), '720p', init, [], START_MS), {
        code: 'unknown-feed-kind',
      });
  });
});

describe('the slate of a channel', () => {
  it('has a part when all of it lies half a second behind the clock, and no segment before its time', () => {
    const { slate } = registry();
    const [track] = slate.tracks.values();
    const partsAt = (afterMs: number): number => {
      slate.advance(START_MS + 500 + afterMs);
      return track?.segment(START_NUMBER)?.parts.length ?? 0;
    };
    assert.deepEqual([-1, 0, 199, 200, 399, 400, 1600].map(partsAt), [0, 0, 0, 1, 1, 2, 8]);
    slate.advance(START_MS + 500);
    assert.deepEqual(track?.segment(START_NUMBER + 1), { init: track?.init, parts: [], closed: false });
  });
});
