import { equal } from 'node:assert/strict';
import { readReply } from '../../../player/rollcall/post-answer.ts';

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
