import { deepEqual, equal } from 'node:assert/strict';
import { errorReplyOf, retryAfterMs } from '../../../player/net/error-reply.ts';

describe('an error reply', () => {
  for (const { name, text, want } of [
    {
      name: "the server's own",
      text: '{"error":{"code":"call-over","message":"the call is over"}}',
      want: { code: 'call-over', message: 'the call is over' },
    },
    { name: 'without a message', text: '{"error":{"code":"x"}}', want: { code: 'x', message: '' } },
    { name: "a proxy's page", text: '<html>502 Bad Gateway</html>', want: null },
    { name: "another program's JSON", text: '{"error":"nope"}', want: null },
    { name: 'a code that is no text', text: '{"error":{"code":404}}', want: null },
    { name: 'nothing', text: '', want: null },
  ]) {
    it(`${name}: ${want === null ? 'is not of Lectern' : want.code}`, () =>
      deepEqual(errorReplyOf(text), want));
  }
});

describe('Retry-After (RFC 9110 §10.2.3)', () => {
  for (const { header, want } of [
    { header: '3', want: 3000 },
    { header: '0', want: 0 },
    { header: '86400', want: 300_000 },
    { header: '-1', want: null },
    { header: 'Fri, 31 Dec 1999 23:59:59 GMT', want: null },
    { header: null, want: null },
  ]) {
    it(`${header ?? 'no header'}: ${want ?? 'no wait is asked for'}`, () => {
      const headers = new Headers(header === null ? {} : { 'retry-after': header });
      equal(retryAfterMs({ headers }), want);
    });
  }
});
