import { deepEqual, equal } from 'node:assert/strict';
import { fullJitterMs } from '../../../player/rollcall/again.ts';
import { nameOf } from '../../../player/rollcall/identity.ts';
import { readReply } from '../../../player/rollcall/post-answer.ts';
import { ServerTime } from '../../../player/rollcall/server-time.ts';
import { lineOf, numberOf } from '../../../player/rollcall/written-value.ts';

describe('what a student writes', () => {
  for (const [text, want] of [
    ['12', 12],
    [' 12 ', 12],
    ['１２', 12],
    ['-3', -3],
    ['−3', -3],
    ['3.5', 3.5],
    ['3,5', 3.5],
    ['1,000', 1000],
    ['1,234,567.5', 1_234_567.5],
    ['12,34', 12.34],
    ['0,125', 0.125],
    ['3、4', null],
    ['.5', 0.5],
    ['', null],
    ['twelve', null],
    ['0x10', null],
    ['1e3', null],
    ['Infinity', null],
    ['1,2,3', null],
    ['99999999999999999999', null],
  ] as const) {
    it(`${JSON.stringify(text)} is ${want === null ? 'no number' : `the number ${want}`}`, () =>
      equal(numberOf(text), want));
  }

  it('is one line of text, as the gateway takes it', () => {
    equal(lineOf('  e\u0301tang '), 'étang');
    for (const bad of ['', '  ', 'a\u202eb', 'x'.repeat(201)]) equal(lineOf(bad), null);
  });

  it('is a name, or none', () => {
    equal(nameOf(' 李雷 '), '李雷');
    for (const bad of [null, '', ' ', 'a\nb', 'x'.repeat(61)]) equal(nameOf(bad), null);
  });
});

describe('what comes of an answer that is posted', () => {
  const ack = { type: 'ack', callId: 'k1', answerId: 'answer-1', status: 'late', duplicate: false };
  const refusal = (code: string): string => JSON.stringify({ error: { code, message: code } });
  for (const { name, status, waitMs = null, text, want } of [
    { name: 'an ack', status: 200, text: JSON.stringify(ack), want: 'ack' },
    { name: 'the page of a proxy', status: 200, text: '<html>Log in</html>', want: 'again 0' },
    {
      name: 'an ack of another answer',
      status: 200,
      text: JSON.stringify({ ...ack, answerId: 'answer-2' }),
      want: 'again 0',
    },
    { name: 'no answer', status: 0, text: '', want: 'again 0' },
    { name: 'a server that is full', status: 503, waitMs: 7000, text: refusal('busy'), want: 'again 7000' },
    { name: 'too many at once', status: 429, waitMs: 2000, text: '', want: 'again 2000' },
    { name: 'a token that has run out', status: 401, text: refusal('token-expired'), want: 'again 0' },
    { name: 'a call that is over', status: 409, text: refusal('call-over'), want: 'call-over' },
    { name: "a proxy's not found", status: 404, text: '<html>Not found</html>', want: 'again 0' },
    { name: "the server's own", status: 404, text: refusal('unknown-call'), want: 'unknown-call' },
  ]) {
    it(`${name}: ${want}`, () => {
      const frame = readReply('answer-1', status, waitMs, text);
      const { code, retryAfterMs } = frame.type === 'refused' ? frame : { code: frame.type };
      equal(retryAfterMs === undefined ? code : `again ${retryAfterMs}`, want);
    });
  }
});

describe('waits before the next try', () => {
  it('are any up to a bound that doubles to half a minute', () => {
    deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 1000].map((failures) => fullJitterMs(failures, 1)),
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
    );
    equal(fullJitterMs(9, 0), 0);
  });
});

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
