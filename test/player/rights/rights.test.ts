import assert from 'node:assert/strict';
import { claimsOf, mayEdit } from '../../../player/rights/claims.ts';
import { linkFault } from '../../../player/rights/link-fault.ts';
import { linkTokenOf } from '../../../player/rights/token-memory.ts';
import { readExchanged, renewAfterMs } from '../../../player/rights/viewer-token.ts';

const HOUR_MS = 3_600_000;

describe('the token of a link', () => {
  const hashes: { hash: string; want: ReturnType<typeof linkTokenOf> }[] = [
    { hash: '#token=a.b-c.d_e', want: { kind: 'token', token: 'a.b-c.d_e' } },
    { hash: '#token=a.b.c%20', want: { kind: 'token', token: 'a.b.c' } },
    { hash: '', want: { kind: 'none' } },
    { hash: '#content', want: { kind: 'none' } },
    { hash: '#token=../../api', want: { kind: 'damaged' } },
    { hash: '#token=a.b', want: { kind: 'damaged' } },
    { hash: '#token=', want: { kind: 'damaged' } },
    { hash: `#token=a.b.${'c'.repeat(5000)}`, want: { kind: 'damaged' } },
  ];
  for (const { hash, want } of hashes) {
    it(`in ${hash.slice(0, 24) || 'nothing'}: ${want.kind}`, () => assert.deepEqual(linkTokenOf(hash), want));
  }
});

describe('who may change a broadcast', () => {
  const token = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
  const cases: { name: string; token: string | null; want: boolean }[] = [
    { name: 'its teacher', token: token({ role: 'teacher', channel: 'maths' }), want: true },
    { name: 'an operator', token: token({ role: 'operator', channel: '*', name: '王老师' }), want: true },
    {
      name: 'a teacher of another class',
      token: token({ role: 'teacher', channel: 'physics' }),
      want: false,
    },
    { name: 'a student', token: token({ role: 'student', channel: '*' }), want: false },
    { name: 'nobody', token: null, want: false },
    { name: 'nonsense', token: 'a.b.c', want: false },
    { name: 'no claims', token: token([]), want: false },
  ];
  for (const { name, token, want } of cases) it(name, () => assert.equal(mayEdit(token, 'maths'), want));
});

describe('what a token says', () => {
  it('is read, names in any script', () => {
    const body = Buffer.from(JSON.stringify({ name: '王伟', role: 'student', channel: '*', exp: 60 }));
    const want = { name: '王伟', role: 'student', channel: '*', expiresMs: 60_000 };
    assert.deepEqual(claimsOf(`h.${body.toString('base64url')}.s`), want);
  });
  it('is nothing where it cannot be read', () => {
    assert.deepEqual(claimsOf('a.b.c'), { name: '', role: '', channel: '', expiresMs: null });
  });
});

describe('what is wrong with a link', () => {
  const own = { own: 'a.b.c', isDamaged: false, expiresMs: 2000 };
  const cases: { name: string; want: string; args: Parameters<typeof linkFault> }[] = [
    { name: 'no link at all', want: 'none', args: [{ ...own, own: null }, null, 0] },
    { name: 'a part of a link', want: 'damaged', args: [{ ...own, own: null, isDamaged: true }, null, 0] },
    { name: 'what the server says', want: 'expired', args: [own, 'expired', 0] },
    { name: 'its own time, where the server says nothing', want: 'expired', args: [own, null, 2000] },
    { name: 'another class', want: 'other', args: [own, null, 1999] },
    { name: 'media without a token is not the link’s fault', want: 'other', args: [own, 'none', 1999] },
  ];
  for (const { name, want, args } of cases) it(name, () => assert.equal(linkFault(...args), want));
});

describe('the exchange of a token', () => {
  const cases: { name: string; value: unknown; want: ReturnType<typeof readExchanged> }[] = [
    {
      name: 'gives a viewer’s',
      value: { access: 'token', token: 'v.v.v', expiresMs: 9 },
      want: { token: 'v.v.v', expiresMs: 9 },
    },
    {
      name: 'gives none where everybody may watch, also to a teacher',
      value: { access: 'open', token: 'v.v.v', expiresMs: 9 },
      want: { token: null, expiresMs: null },
    },
    { name: 'that answers otherwise is none', value: { access: 'token', token: null }, want: null },
    { name: 'that a proxy answers is none', value: '<html>', want: null },
  ];
  for (const { name, value, want } of cases) it(name, () => assert.deepEqual(readExchanged(value), want));

  const renewals = [
    { name: 'in good time', expiresMs: HOUR_MS, want: 0.6 * HOUR_MS },
    { name: 'not over and over where clocks differ', expiresMs: -HOUR_MS, want: 30_000 },
    { name: 'not at once where it lasts for years', expiresMs: 1e13, want: 2_000_000_000 },
    { name: 'never where none is needed', expiresMs: null, want: null },
  ];
  for (const { name, expiresMs, want } of renewals) {
    it(`is renewed ${name}`, () => assert.equal(renewAfterMs({ token: 'v.v.v', expiresMs }, 0), want));
  }
});
