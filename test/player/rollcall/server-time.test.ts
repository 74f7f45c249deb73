import { equal } from 'node:assert/strict';
import { ServerTime } from '../../../player/rollcall/server-time.ts';

describe("the server's time", () => {
  it("is the player's, as long as the line does not say otherwise", () => {
    const time = new ServerTime();
    equal(time.nowMs(5000, 0), 5000);
    time.heard(5000, 0);
    equal(time.nowMs(5900, 100), 5900);
  });

  it("is the line's where the player's is far off, and of what it heard the frame that was least delayed", () => {
    const time = new ServerTime();
    time.heard(60_000, 0);
    equal(time.nowMs(1000, 1000), 61_000);
    time.heard(60_000, 4000);
    equal(time.nowMs(1000, 5000), 65_000);
    time.lost();
    equal(time.nowMs(1000, 5000), 1000);
  });
});
