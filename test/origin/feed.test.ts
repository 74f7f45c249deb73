import assert from 'node:assert/strict';
import { Feed, type FeedEnding } from '../../origin/packager/feed.ts';
import { parseFeedName } from '../../shared/names.ts';
import { START_MS, syntheticInit } from './support/synthetic.ts';

const TRACKS = ['720p', 'audio'];

/** A feed with both tracks open. */
function openFeed(): Feed {
  const name = parseFeedName('live.b1');
  const feed = new Feed(name, 0, {
    ...{ videoCut: 'grid', partTargetMs: 200, gridUnits: 1, keptSegments: 20, maxLagMs: 30_000 },
  });
  for (const track of TRACKS) open(feed, track);
  return feed;
}

function open(feed: Feed, track: string): void {
  feed.open(track, syntheticInit(track, track === 'audio' ? 'audio' : 'video'), TRACKS, START_MS);
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
