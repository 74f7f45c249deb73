import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type ChannelIntake, TrackIntake } from '../../../../origin/http/push/track-intake.ts';
import { parseFeedName } from '../../../../shared/names.ts';

/** A CMAF track as an encoder sends it: one D of the slate's picture, 40 frames. */
const track = readFileSync(new URL('../../../../origin/slate/picture.mp4', import.meta.url));

describe('the intake of one track', () => {
  /** What the channel was called with: `open`, or the number of samples. */
  let calls: (string | number)[];
  let intake: TrackIntake;
  beforeEach(() => {
    calls = [];
    const channel: ChannelIntake = {
      openTrack: (feed, name) => void calls.push(`open ${feed.id} ${name}`),
      push: (_feed, _track, chunks) => void calls.push(chunks.flat().length),
      closeTrack: (feed, name, ending) => void calls.push(`close ${feed} ${name} ${ending}`),
    };
    intake = new TrackIntake({ channel, feed: parseFeedName('live.b1'), track: '720p', announced: [] });
  });

  it('gives the channel all chunks of one read in one call, after their init segment', () => {
    intake.write(Buffer.concat([track, track]), 0);
    assert.deepEqual(calls, ['open live.b1 720p', 40, 'open live.b1 720p', 40]);
  });

  it('gives the channel the chunks before a fault', () => {
    const bad = Buffer.from(track.subarray(track.indexOf('moof') - 4));
    bad.write('dhft', bad.indexOf('tfhd'));
    assert.throws(() => intake.write(Buffer.concat([track, bad]), 0), { code: 'bad-cmaf' });
    assert.deepEqual(calls, ['open live.b1 720p', 40]);
  });

  it('refuses a body that ends within a box, and still tells the channel that its connection is gone', () => {
    intake.write(track.subarray(0, -1), 0);
    assert.throws(() => intake.end(), { code: 'bad-cmaf' });
    intake.close(null, 0);
    assert.equal(calls.at(-1), 'close live.b1 720p null');
  });
});
