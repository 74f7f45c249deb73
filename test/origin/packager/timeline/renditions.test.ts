import assert from 'node:assert/strict';
import { SLATE } from '../../../../origin/packager/feed/slate-feed.ts';
import type { TrackSource } from '../../../../origin/packager/feed/feed-track.ts';
import { Decisions } from '../../../../origin/packager/timeline/decisions.ts';
import { Renditions } from '../../../../origin/packager/timeline/renditions.ts';
import { syntheticInit } from '../../support/synthetic.ts';

const tracksOf = (...names: string[]): Map<string, TrackSource> =>
  new Map(
    names.map((name) => {
      const init = syntheticInit(name, name.startsWith('audio') ? 'audio' : 'video');
      return [
        name,
        { name, init, frameRate: 25, captions: [], coverage: () => 'may', segment: () => undefined },
      ];
    }),
  );

describe('the renditions of a channel', () => {
  const add = (kind: string, ...names: string[]): string[] => {
    const renditions = new Renditions(1, 22);
    renditions.add('720p', 'video', 1);
    renditions.add('audio', 'audio', 1);
    renditions.addTracksOf({ kind, tracks: tracksOf(...names) }, 5);
    return renditions.all.map(({ id }) => id);
  };

  it('are more where a feed has another picture', () => {
    assert.deepEqual(add('live', '720p', '1080p'), ['720p', 'audio', '1080p']);
  });

  it('do not take a second sound, nor the tracks of the slate', () => {
    assert.deepEqual(add('live', 'audio-en'), ['720p', 'audio']);
    assert.deepEqual(add(SLATE, 'slate-picture'), ['720p', 'audio']);
  });

  it('are 12 at most', () => {
    assert.equal(add('live', ...Array.from({ length: 20 }, (_, i) => `v${i}`)).length, 12);
  });
});

describe('the decisions of a channel', () => {
  const decision = { feedId: 'a', discontinuity: false, choice: new Map() };

  it('are retained for as many segments as are told, the newest ones', () => {
    const decisions = new Decisions(10, 3);
    for (let i = 0; i < 5; i += 1) decisions.add(decision);
    assert.deepEqual(
      [10, 11, 12, 13, 14, 15].map((number) => decisions.at(number) !== undefined),
      [false, false, true, true, true, false],
    );
    assert.equal(decisions.next, 15);
  });

  it('begin again at another segment', () => {
    const decisions = new Decisions(10, 3);
    decisions.add(decision);
    decisions.restart(20);
    assert.deepEqual([decisions.at(10), decisions.next], [undefined, 20]);
  });
});
