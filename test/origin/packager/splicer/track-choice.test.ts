import assert from 'node:assert/strict';
import type { FeedSource } from '../../../../origin/packager/feed/feed.ts';
import type { TrackSource } from '../../../../origin/packager/feed/feed-track.ts';
import { chooseTracks } from '../../../../origin/packager/splicer/track-choice.ts';
import { syntheticInit } from '../../support/synthetic.ts';

/** A feed with tracks of these heights; 0 is sound. */
function feedOf(id: string, heights: Readonly<Record<string, number>>): FeedSource {
  const tracks = Object.entries(heights).map(([name, heightPx]): [string, TrackSource] => {
    const init = syntheticInit(name, heightPx === 0 ? 'audio' : 'video', heightPx);
    return [
      name,
      { name, init, frameRate: 25, captions: [], coverage: () => 'may', segment: () => undefined },
    ];
  });
  return {
    ...{ id, kind: id, broadcast: '', tracks: new Map(tracks), connected: true, ending: null },
    candidate: () => ({ id, group: id, priority: 0, alive: true, connected: true, coverage: 'may' }),
    isTrackAlive: () => true,
    hasTrackIn: () => true,
  };
}

const slate = feedOf('slate', { card: 720, silence: 0 });
const cases: { name: string; rendition: string; heights: Record<string, number>; want: string }[] = [
  { name: 'its own', rendition: '360p', heights: { '720p': 720, '360p': 360, audio: 0 }, want: '360p' },
  {
    name: 'its own by name, whatever its height',
    rendition: 'source',
    heights: { '720p': 720, source: 360 },
    want: 'source',
  },
  { name: 'one of exactly its height', rendition: '720p', heights: { a: 1080, b: 720, c: 360 }, want: 'b' },
  { name: 'the best below it', rendition: '720p', heights: { a: 1080, b: 480, c: 360 }, want: 'b' },
  { name: 'the lowest where all are above it', rendition: '240p', heights: { a: 1080, b: 720 }, want: 'b' },
  {
    name: 'the best where its name tells no height',
    rendition: 'source',
    heights: { a: 360, b: 720 },
    want: 'b',
  },
  {
    name: 'the slate where the feed has no pictures',
    rendition: '720p',
    heights: { audio: 0 },
    want: 'slate card',
  },
  {
    name: 'the slate for sound under its name',
    rendition: '720p',
    heights: { '720p': 0 },
    want: 'slate card',
  },
  {
    name: 'silence where the feed has no sound',
    rendition: 'audio',
    heights: { '720p': 720 },
    want: 'slate silence',
  },
];

describe('the track that a rendition shows', () => {
  for (const { name, rendition, heights, want } of cases) {
    it(`is ${name}`, () => {
      const kind = rendition === 'audio' ? 'audio' : 'video';
      const choice = chooseTracks([{ id: rendition, kind }], feedOf('live', heights), 0, slate).get(
        rendition,
      );
      assert.equal(`${choice?.fromSlate === true ? 'slate ' : ''}${choice?.track}`, want);
    });
  }
});
