import assert from 'node:assert/strict';
import { Feed } from '../../../../origin/packager/feed/feed.ts';
import type { FeedEnding } from '../../../../origin/packager/feed/feed-liveness.ts';
import { parseFeedName } from '../../../../shared/names.ts';
import { START_MS, START_NUMBER, syntheticInit, syntheticSamples } from '../../support/synthetic.ts';

const TRACKS = ['720p', 'audio'];

function newFeed(): Feed {
  return new Feed(parseFeedName('live.b1'), 0, {
    ...{ videoCut: 'grid', partTargetMs: 200, gridUnits: 1, retainedSegments: 20, maxLagMs: 30_000 },
  });
}

/** A feed with both tracks open. */
function openFeed(): Feed {
  const feed = newFeed();
  for (const track of TRACKS) open(feed, track);
  return feed;
}

function open(feed: Feed, track: string, nowMs = START_MS): void {
  feed.open(track, syntheticInit(track, track === 'audio' ? 'audio' : 'video'), TRACKS, nowMs);
}

describe('how a feed ended', () => {
  const table: {
    name: string;
    closes: readonly (readonly [string, FeedEnding | null])[];
    want: FeedEnding | null;
  }[] = [
    { name: 'no track has ended', closes: [], want: null },
    {
      name: 'the first track says over, the other one still runs',
      closes: [['audio', 'over']],
      want: 'over',
    },
    {
      name: 'both say interrupted',
      closes: [
        ['audio', 'interrupted'],
        ['720p', 'interrupted'],
      ],
      want: 'interrupted',
    },
    {
      name: 'one says over, and the connection of the other one breaks',
      closes: [
        ['720p', 'over'],
        ['audio', null],
      ],
      want: 'over',
    },
    {
      name: 'a connection breaks before the other one says over',
      closes: [
        ['720p', null],
        ['audio', 'over'],
      ],
      want: 'over',
    },
    {
      name: 'both connections break',
      closes: [
        ['720p', null],
        ['audio', null],
      ],
      want: null,
    },
  ];
  for (const { name, closes, want } of table) {
    it(`${name}: ${want ?? 'nothing is known'}`, () => {
      const feed = openFeed();
      for (const [track, ending] of closes) feed.close(track, ending);
      assert.equal(feed.ending, want);
    });
  }

  it('is forgotten when a track comes back', () => {
    const feed = openFeed();
    for (const track of TRACKS) feed.close(track, 'interrupted');
    open(feed, '720p');
    assert.equal(feed.ending, null);
  });
});

describe('whether a feed can be on air', () => {
  const push = (feed: Feed, track: string, fromMs: number, toMs: number, nowMs: number): void => {
    const init = syntheticInit(track, track === 'audio' ? 'audio' : 'video');
    feed.push(track, syntheticSamples(init, fromMs, toMs), nowMs);
  };

  it('is over for the time being when its picture stops, although its sound goes on', () => {
    const feed = openFeed();
    for (const track of TRACKS) push(feed, track, START_MS, START_MS + 1000, START_MS + 1000);
    push(feed, 'audio', START_MS + 1000, START_MS + 4500, START_MS + 4500);
    assert.equal(feed.candidate(START_NUMBER + 1, START_MS + 4500).alive, false);
    push(feed, '720p', START_MS + 4000, START_MS + 4600, START_MS + 4600);
    assert.equal(feed.candidate(START_NUMBER + 1, START_MS + 4600).alive, true);
  });

  it('is not held up for ever by a track that was announced and does not come', () => {
    const feed = newFeed();
    open(feed, '720p');
    push(feed, '720p', START_MS, START_MS + 1000, START_MS + 1000);
    assert.equal(feed.candidate(START_NUMBER, START_MS + 1000).coverage, 'may');
    push(feed, '720p', START_MS + 1000, START_MS + 3000, START_MS + 3000);
    assert.equal(feed.candidate(START_NUMBER, START_MS + 3000).coverage, 'has');
  });

  it('begins another run with a track that comes after all', () => {
    const feed = newFeed();
    open(feed, '720p');
    push(feed, '720p', START_MS, START_MS + 4000, START_MS + 4000);
    const before = feed.candidate(START_NUMBER + 9, START_MS + 4000).group;
    open(feed, 'audio', START_MS + 4000);
    assert.notEqual(feed.candidate(START_NUMBER + 9, START_MS + 4000).group, before);
    assert.equal(feed.candidate(START_NUMBER, START_MS + 4000).group, before);
  });

  it('is not too late when it comes back with more than may be waited for, unless it stays behind', () => {
    const feed = openFeed();
    const nowMs = START_MS + 31_000;
    for (const track of TRACKS) feed.close(track, null);
    for (const track of TRACKS) open(feed, track, nowMs);
    for (const track of TRACKS) push(feed, track, START_MS, START_MS + 500, nowMs);
    assert.equal(feed.candidate(START_NUMBER, nowMs).alive, true);
    assert.equal(feed.isTrackAlive('audio', nowMs), true);
    for (const track of TRACKS) push(feed, track, START_MS + 500, START_MS + 1000, nowMs + 3000);
    assert.equal(feed.candidate(START_NUMBER, nowMs + 3000).alive, false);
  });

  it('gives every track its time again when the sender comes back after a break', () => {
    const feed = openFeed();
    for (const track of TRACKS) push(feed, track, START_MS, START_MS + 1000, START_MS + 1000);
    for (const track of TRACKS) feed.close(track, null);
    open(feed, '720p', START_MS + 6000);
    push(feed, '720p', START_MS + 1000, START_MS + 6000, START_MS + 6000);
    assert.equal(feed.isTrackAlive('audio', START_MS + 6000), true);
    push(feed, '720p', START_MS + 6000, START_MS + 9000, START_MS + 9000);
    assert.equal(feed.isTrackAlive('audio', START_MS + 9000), false);
  });

  it('is alive with sound alone, where it has no video track', () => {
    const feed = newFeed();
    open(feed, 'audio');
    push(feed, 'audio', START_MS, START_MS + 1000, START_MS + 1000);
    assert.equal(feed.candidate(START_NUMBER, START_MS + 1000).alive, true);
  });

  it('begins one run with a new encoding, although its tracks change a segment apart', () => {
    const feed = openFeed();
    push(feed, '720p', START_MS, START_MS + 1600, START_MS + 3200);
    push(feed, 'audio', START_MS, START_MS + 3200, START_MS + 3200);
    for (const track of TRACKS) {
      const init = syntheticInit(`other-${track}`, track === 'audio' ? 'audio' : 'video');
      feed.open(track, init, TRACKS, START_MS + 3200);
    }
    assert.equal(feed.candidate(START_NUMBER + 9, START_MS + 3200).group, 'live.b1#1');
  });
});
