import assert from 'node:assert/strict';
import type { Sample } from '../../../media/bmff/sample.ts';
import { parseFeedName } from '../../../shared/names.ts';
import { OriginOnStage } from '../support/origin-on-stage.ts';
import { syntheticInit, syntheticSamples } from '../support/synthetic.ts';

describe('a channel that nobody watches', () => {
  it('discards its segments after its window, not before, and has a full window at the next request', () => {
    const { channel, nowMs } = new OriginOnStage();
    const kept = () => channel.rendition('720p')?.segments.length ?? 0;
    channel.wake(nowMs);
    const window = kept();
    assert.ok(window > 10);
    channel.tick(nowMs + 31_000);
    assert.equal(kept(), window);
    channel.tick(nowMs + 40_000);
    assert.equal(kept(), 0);
    channel.wake(nowMs + 100_000);
    assert.ok(Math.abs(kept() - window) <= 1, `${kept()} of ${window}`);
    assert.ok(channel.view());
  });
});

describe('the state of a channel', () => {
  for (const ending of ['over', 'interrupted'] as const) {
    it(`is "${ending}" at first, and "before" when the class is long past`, () => {
      const origin = new OriginOnStage();
      origin.goOnAir();
      origin.run(5000);
      for (const track of ['720p', '360p', 'audio'])
        origin.channel.closeTrack('live.b1', track, ending, origin.nowMs);
      origin.nowMs += 5000;
      origin.channel.tick(origin.nowMs);
      assert.equal(origin.channel.state(origin.nowMs).state, ending);
      assert.equal(origin.channel.state(origin.nowMs + 3_700_000).state, 'before');
    });
  }
});

describe('the door to a channel', () => {
  it('does all that follows from a push: segments, followers, listeners, playlists', () => {
    const origin = new OriginOnStage();
    const { channel } = origin;
    origin.goOnAir();
    origin.run(5000);
    const newest = channel.rendition('720p')?.segments.at(-1);
    assert.ok(newest !== undefined && !newest.closed);
    const playlist = channel.mediaPlaylist('720p', false);
    let [parts, changes] = [0, 0];
    channel.followSegment('720p', newest.number, { onPart: () => (parts += 1), onEnd: () => {} });
    channel.onChange(() => (changes += 1));
    assert.equal(parts, newest.parts.length);
    // 400 ms of pictures in one call, and no other.
    origin.nowMs += 400;
    origin.push('720p');
    assert.ok(changes >= 1);
    assert.ok(parts > newest.parts.length || channel.segment('720p', newest.number)?.closed === true);
    assert.notEqual(channel.mediaPlaylist('720p', false), playlist);
  });

  for (const calls of [
    [[0, 1, 2, 3]],
    [[0], [1], [2], [3]],
    [
      [0, 1],
      [2, 3],
    ],
    [[0], [1, 2, 3]],
  ]) {
    it(`refuses a chunk from the future alone, in whatever calls the chunks come: ${JSON.stringify(calls)}`, () => {
      const { channel, nowMs } = new OriginOnStage();
      const init = syntheticInit('audio', 'audio');
      const { id } = parseFeedName('live.b1');
      channel.openTrack(parseFeedName('live.b1'), 'audio', init, ['audio'], nowMs);
      const good = syntheticSamples(init, nowMs - 2000, nowMs - 300);
      const third = Math.ceil(good.length / 3);
      const future = syntheticSamples(init, nowMs + 3_600_000, nowMs + 3_600_100);
      const chunks: Sample[][] = [
        good.slice(0, third),
        good.slice(third, 2 * third),
        future,
        good.slice(2 * third),
      ];
      let refused = 0;
      for (const call of calls) {
        const pushed = call.map((index) => chunks[index] ?? []);
        try {
          channel.push(id, 'audio', pushed, nowMs);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'media-from-the-future');
          refused += 1;
          // The connection ends here: nothing behind the fault is sent.
          break;
        }
      }
      assert.equal(refused, 1);
      const [feed] = channel.feeds(nowMs);
      assert.deepEqual(feed, channelWith(chunks.slice(0, 2)));
    });
  }

  /** The feed of a channel that was sent these chunks and no other. */
  function channelWith(chunks: readonly (readonly Sample[])[]): unknown {
    const { channel, nowMs } = new OriginOnStage();
    channel.openTrack(parseFeedName('live.b1'), 'audio', syntheticInit('audio', 'audio'), ['audio'], nowMs);
    channel.push('live.b1', 'audio', chunks, nowMs);
    return channel.feeds(nowMs)[0];
  }

  it('names the feed that a segment shows, and describes the feeds as data', () => {
    const origin = new OriginOnStage();
    const { channel } = origin;
    channel.wake(origin.nowMs);
    assert.equal(channel.feedAt(), 'slate');
    origin.goOnAir();
    origin.run(5000);
    assert.equal(channel.feedAt(), 'live.b1');
    assert.equal(channel.feedAt(0), null);
    const [feed] = channel.feeds(origin.nowMs);
    assert.ok(feed);
    const { id, kind, connected, alive, ending } = structuredClone(feed);
    assert.deepEqual(
      { id, kind, connected, alive, ending },
      {
        ...{ id: 'live.b1', kind: 'live', connected: true, alive: true, ending: null },
      },
    );
    for (const track of ['720p', '360p', 'audio']) channel.closeTrack(id, track, 'over', origin.nowMs);
    assert.equal(channel.feeds(origin.nowMs)[0]?.ending, 'over');
  });
});
