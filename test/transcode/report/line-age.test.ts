import assert from 'node:assert/strict';
import { LineAge } from '../../../transcode/report/line-age.ts';

/** Ingest's clock is 20 ms ahead of the worker's: the age at the line is by the clock that stamped the media. */
const AHEAD_MS = 20;

describe('age at the line, from line tags', () => {
  it('is unknown without a tag, and for a kind that has not come', () => {
    const line = new LineAge();
    assert.deepEqual(line.at({ picture: 40, sound: 10 }, 1000), { picture: null, sound: null });
    line.take(1000, { picture: 40, sound: null }, 1000);
    assert.deepEqual(line.at({ picture: 40, sound: 10 }, 1000), { picture: 40, sound: null });
  });

  it('is the age at ingest, however long the feed to the worker takes', () => {
    const line = new LineAge();
    // Written at 5000 by ingest's clock, read 700 ms later; the newest picture in front of it is of 4900.
    line.take(5000, { picture: 5680 - 4900, sound: 5680 - 4990 }, 5000 + 700 - AHEAD_MS);
    // More has come meanwhile.
    assert.deepEqual(line.at({ picture: 700, sound: 600 }, 5900), { picture: 100, sound: 10 });
  });

  it('grows while nothing comes behind the last tag: it is the line that stands still', () => {
    const line = new LineAge();
    line.take(5000, { picture: 100, sound: 10 }, 5000);
    assert.deepEqual(line.at({ picture: 600, sound: 200 }, 5500), { picture: 600, sound: 10 });
  });

  it('does not shrink when the clock is set back', () => {
    const line = new LineAge();
    line.take(5000, { picture: 100, sound: null }, 5000);
    assert.deepEqual(line.at({ picture: -200, sound: null }, 4700), { picture: 100, sound: null });
  });
});
