import assert from 'node:assert/strict';
import { sharesOf } from '../../bench/pressure/burner.ts';
import { newestEndMs } from '../../bench/pressure/edge-viewer.ts';
import { fullAgainAfterMs, planChanges, planSummary } from '../../bench/pressure/figures.ts';
import {
  agesOf,
  longestStillMs,
  repeatedShare,
  sentAtMs,
  type ServedPicture,
} from '../../bench/pressure/picture-log.ts';
import { readClassReport } from '../../bench/pressure/pipeline-report.ts';
import { type Second, secondLine } from '../../bench/pressure/second-log.ts';
import { compareSound } from '../../bench/pressure/sound-log.ts';
import { CLIP_MS } from '../../bench/pressure/stamped-clip.ts';
import { readPlaylist } from '../conformance/playlist-reader.ts';

describe('the burner', () => {
  for (const { cores, want } of [
    { cores: 0, want: [] },
    { cores: 0.5, want: [0.5] },
    { cores: 1, want: [1] },
    { cores: 1.5, want: [1, 0.5] },
  ]) {
    it(`takes ${cores} cores with ${want.length} programs`, () => assert.deepEqual(sharesOf(cores), want));
  }
});

describe('pictures as a viewer got them', () => {
  /** A picture of 40 ms: when it came, its media time, and when it was sent. */
  const picture = (atMs: number, mediaMs: number, sentMs: number | null): ServedPicture => ({
    ...{ atMs, mediaMs, durationMs: 40, sizeBytes: 1000, sentMs },
  });

  it('tells in which round of the clip a picture was sent', () => {
    assert.equal(sentAtMs(40, 1000, 1500), 1040);
    assert.equal(sentAtMs(40, 1000, 1000 + CLIP_MS + 500), 1040 + CLIP_MS);
    // Near its end the clip of the round before is meant.
    assert.equal(sentAtMs(CLIP_MS - 40, 1000, 1000 + CLIP_MS + 500), 1000 + CLIP_MS - 40);
    // A picture that seems to come before it was sent: clocks differ by a little.
    assert.equal(sentAtMs(40, 1000, 1030), 1040);
  });

  it('samples the age of the newest picture, which grows until the next one is there', () => {
    const pictures = [picture(1000, 0, 900), picture(1250, 40, 1200)];
    assert.deepEqual(agesOf(pictures, 900, 1400), [100, 200, 300, 100]);
    assert.deepEqual(agesOf([picture(1000, 0, null)], 900, 1400), []);
  });

  it('measures how long one picture stands, in media time: repeats, gaps, and what is of another source', () => {
    const moving = [picture(1, 0, 0), picture(2, 40, 40), picture(3, 80, 80)];
    assert.equal(longestStillMs(moving, 0, 10), 40);
    assert.equal(longestStillMs([...moving, picture(4, 120, 80), picture(5, 160, 160)], 0, 10), 80);
    assert.equal(longestStillMs([...moving, picture(4, 120, null), picture(5, 160, 160)], 0, 10), 80);
    assert.equal(longestStillMs([...moving, picture(4, 1000, 1000)], 0, 10), 920);
    assert.equal(
      longestStillMs([...moving, picture(4, 1000, 1000)], 0, 4),
      40,
      'what ends later does not count',
    );
  });

  it('counts repeats among those of a time', () => {
    const pictures = [picture(1, 0, 0), picture(2, 40, 0), picture(3, 80, 80), picture(9, 120, 80)];
    assert.equal(repeatedShare(pictures, 0, 4), 1 / 3);
    assert.equal(repeatedShare([], 0, 4), 0);
  });
});

describe('sound as a viewer got it', () => {
  const sent = ['a', 'b', 'c', 'd'].map((text) => Buffer.from(text));
  const served = (text: string, gapBefore = -1) =>
    Array.from(text, (letter, at) => ({
      decodeTicks: at * 1024 + (gapBefore >= 0 && at >= gapBefore ? 2048 : 0),
      durationTicks: 1024,
      data: Buffer.from(letter),
    }));
  for (const { name, frames, want } of [
    { name: 'is whole, over the end of the clip', frames: served('cdabcd'), want: [0, 0, 0, 0] },
    { name: 'lacks a frame', frames: served('abd'), want: [1, 1, 0, 0] },
    { name: 'has silence in the place of a frame', frames: served('a_cd'), want: [1, 1, 1, 0] },
    { name: 'stops for a time', frames: served('abcd', 2), want: [0, 0, 0, 1] },
    { name: 'was encoded anew', frames: served('wxyz'), want: [0, 0, 4, 0] },
  ]) {
    it(name, () => {
      const { holes, missingMs, foreign, breaks } = compareSound(frames, sent);
      assert.deepEqual([holes, Math.round((missingMs * 48) / 1024), foreign, breaks], want);
    });
  }
});

describe('sound of which parts repeat', () => {
  it('is whole wherever in the clip it begins', () => {
    const sent = ['a', 'b', 'a', 'c'].map((text) => Buffer.from(text));
    const served = Array.from('aca', (letter, at) => ({
      ...{ decodeTicks: at * 1024, durationTicks: 1024, data: Buffer.from(letter) },
    }));
    assert.equal(compareSound(served, sent).holes, 0);
  });
});

describe('the edge by a playlist', () => {
  it('ends with the newest part', () => {
    const text = [
      '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:7',
      '#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:10.000Z\n#EXTINF:1.6,\n7.m4s\n#EXTINF:1.6,\n8.m4s',
      '#EXT-X-PART:URI="9.0.m4s",DURATION=0.2\n#EXT-X-PART:URI="9.1.m4s",DURATION=0.2',
    ].join('\n');
    assert.equal(newestEndMs(readPlaylist(text)), 13_600);
    assert.ok(Number.isNaN(newestEndMs(readPlaylist('#EXTM3U\n#EXTINF:1.6,\n7.m4s'))));
  });
});

describe('what the product says of a class', () => {
  it('is its report, with the heads of its tracks', () => {
    const feeds = {
      feeds: [
        { kind: 'slate', tracks: [] },
        {
          kind: 'live',
          report: {
            plan: { name: 'one-rung' },
            lagMs: { line: { picture: 20, sound: 30 }, rungs: { '360p': 90 }, queue: null },
          },
          tracks: [
            { name: '360p', headMs: 9900 },
            { name: 'audio', headMs: null },
          ],
        },
      ],
    };
    assert.deepEqual(readClassReport(feeds, 10_000), {
      plan: 'one-rung',
      lagMs: { 'line picture': 20, 'line sound': 30, 'rungs 360p': 90, 'origin 360p': 100 },
    });
  });

  it('is nothing where the answer is an error', () => {
    assert.deepEqual(readClassReport({ error: 'x' }, 0), { plan: '', lagMs: {} });
    assert.deepEqual(readClassReport(null, 0), { plan: '', lagMs: {} });
  });
});

describe('seconds of a run', () => {
  const second = (atMs: number, plan: string): Second => ({
    ...{ atMs, phase: 'after', ages: [[100, 200, Number.NaN]], cores: { server: 0.5 } },
    reports: [{ plan, lagMs: {} }],
  });
  const seconds = ['full', 'one-rung', 'full', 'preset', 'full', 'full'].map((plan, at) =>
    second(at * 1000, plan),
  );

  it('tell when the full ladder was back for good', () => {
    assert.equal(fullAgainAfterMs(seconds, 0), 4000);
    assert.equal(fullAgainAfterMs(seconds, 4500), 500);
    assert.equal(fullAgainAfterMs(seconds.slice(0, 4), 0), null);
    assert.equal(fullAgainAfterMs([second(0, '')], 0), null);
  });

  it('count plans', () => {
    assert.equal(planChanges(seconds), 4);
    assert.equal(planSummary(seconds), 'full 4 s, one-rung 1 s, preset 1 s');
  });

  it('are a line each', () => {
    assert.equal(secondLine(second(0, 'full'), 3), '  3 after   · 0.10 0.20 – · full · server 0.50');
  });
});
