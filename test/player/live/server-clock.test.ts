import assert from 'node:assert/strict';
import { type ClockAnswer, clockOffsetMs, roundTripMs } from '../../../player/live/server-clock.ts';

const answer = (askedMs: number, answeredMs: number, serverMs: number): ClockAnswer => ({
  askedMs,
  answeredMs,
  serverMs,
});

describe("the server's clock and the way to it", () => {
  it('the answer with the shortest round trip tells the time', () => {
    assert.equal(clockOffsetMs([answer(1000, 1400, 6000), answer(2000, 2020, 7510)]), 5500);
    assert.equal(clockOffsetMs([]), 0);
  });

  it('a page that notices answers late goes by what the browser has measured', () => {
    const answers = [answer(1000, 1700, 0), answer(2000, 2450, 0)];
    assert.equal(roundTripMs(answers), 450);
    assert.equal(
      roundTripMs(answers, [
        { requestStart: 10, responseStart: 22 },
        { requestStart: 0, responseStart: 0 },
      ]),
      12,
    );
    assert.equal(roundTripMs(answers, [{ requestStart: 10, responseStart: 810 }]), 450);
    assert.equal(roundTripMs([], [{ requestStart: 10, responseStart: 22 }]), null);
  });
});
