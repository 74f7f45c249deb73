import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { jwtVerify, SignJWT } from 'jose';
import { AppError } from '../../shared/errors.ts';
import { authorize, mintToken, type TokenClaims, TokenError, verifyToken } from '../../shared/token.ts';

const SECRET = 'a-secret-of-some-length';
const KEY = new TextEncoder().encode(SECRET);
const NOW_MS = 1_700_000_000_000;
const CLAIMS: TokenClaims = {
  sub: 's-1',
  name: '李雷',
  channel: 'hall-7',
  role: 'student',
  exp: NOW_MS / 1000 + 60,
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with any header and payload, with a signature that is right. */
function signed(header: unknown, payload: unknown): string {
  const body = `${encode(header)}.${encode(payload)}`;
  return `${body}.${createHmac('sha256', SECRET).update(body).digest('base64url')}`;
}

function refused(code: string, status: number): (error: unknown) => boolean {
  return (error) => error instanceof TokenError && error.code === code && error.status === status;
}

describe('tokens', () => {
  it('are read back as they were made', async () => {
    assert.deepEqual(verifyToken(SECRET, await mintToken(SECRET, CLAIMS), NOW_MS), CLAIMS);
  });

  it('of ours are accepted by jose', async () => {
    const { payload, protectedHeader } = await jwtVerify(await mintToken(SECRET, CLAIMS), KEY, {
      algorithms: ['HS256'],
      currentDate: new Date(NOW_MS),
    });
    assert.equal(protectedHeader.alg, 'HS256');
    assert.deepEqual({ ...payload }, { ...CLAIMS });
  });

  it("of jose's are accepted by us", async () => {
    const token = await new SignJWT({ ...CLAIMS }).setProtectedHeader({ alg: 'HS256' }).sign(KEY);
    assert.deepEqual(verifyToken(SECRET, token, NOW_MS), CLAIMS);
  });

  const payload = { ...CLAIMS };
  const head = { alg: 'HS256', typ: 'JWT' };
  const forged = [
    { name: 'nothing', input: '' },
    { name: 'two parts', input: `${encode(head)}.${encode(payload)}` },
    { name: 'four parts', input: `${signed(head, payload)}.x` },
    { name: 'alg none without a signature', input: `${encode({ alg: 'none' })}.${encode(payload)}.` },
    { name: 'alg none, signed', input: signed({ alg: 'none' }, payload) },
    { name: 'alg RS256, signed', input: signed({ alg: 'RS256' }, payload) },
    { name: 'no alg', input: signed({}, payload) },
    { name: 'a header that is no object', input: signed('HS256', payload) },
    { name: 'a payload that is no object', input: signed(head, 'me') },
    { name: 'a payload that is null', input: signed(head, null) },
    { name: 'no role', input: signed(head, { ...payload, role: undefined }) },
    { name: 'a role of its own making', input: signed(head, { ...payload, role: 'root' }) },
    { name: 'a role from the prototype', input: signed(head, { ...payload, role: 'constructor' }) },
    { name: 'no sub', input: signed(head, { ...payload, sub: undefined }) },
    { name: 'no channel', input: signed(head, { ...payload, channel: undefined }) },
    { name: 'no exp', input: signed(head, { ...payload, exp: undefined }) },
    { name: 'an exp that is text', input: signed(head, { ...payload, exp: '9999999999' }) },
    { name: 'more than 4096 characters', input: signed(head, { ...payload, name: 'x'.repeat(4096) }) },
  ];
  for (const { name, input } of forged) {
    it(`are refused with ${name}`, () => {
      assert.throws(() => verifyToken(SECRET, input, NOW_MS), refused('bad-token', 401));
    });
  }

  for (const { name, sub, want } of [
    { name: 'a whole number', sub: 20230101, want: '20230101' },
    { name: 'zero', sub: 0, want: '0' },
    { name: 'the largest exact number', sub: Number.MAX_SAFE_INTEGER, want: '9007199254740991' },
    { name: 'digits with zeros in front', sub: '00123', want: '00123' },
    { name: 'an address', sub: 'ann@school.example', want: 'ann@school.example' },
    { name: '255 characters', sub: 'x'.repeat(255), want: 'x'.repeat(255) },
  ]) {
    it(`are taken with a sub that is ${name}`, () => {
      assert.equal(verifyToken(SECRET, signed(head, { ...payload, sub }), NOW_MS).sub, want);
    });
  }

  for (const { name, change, want } of [
    { name: 'a fraction as sub', change: { sub: 1.5 }, want: /claim sub: 1.5 is not exact .* quotes/ },
    { name: 'a negative sub', change: { sub: -1 }, want: /claim sub: -1/ },
    { name: 'a sub of 18 digits', change: { sub: 2 ** 60 }, want: /claim sub: .* not exact/ },
    { name: 'no sub', change: { sub: undefined }, want: /claim sub: want text, got nothing/ },
    { name: 'null as sub', change: { sub: null }, want: /claim sub: want text, got null/ },
    { name: 'a list as sub', change: { sub: ['s1'] }, want: /claim sub: want text, got \["s1"\]/ },
    { name: 'an empty sub', change: { sub: '' }, want: /claim sub: is empty/ },
    { name: 'a sub of spaces', change: { sub: ' \u3000' }, want: /claim sub: is empty/ },
    {
      name: 'a long sub',
      change: { sub: 'x'.repeat(256) },
      want: /claim sub: 256 characters, want at most 255/,
    },
    { name: 'a line break in sub', change: { sub: 'a\nb' }, want: /claim sub: has a control character/ },
    { name: 'a direction mark in sub', change: { sub: 'a\u202eb' }, want: /claim sub: has a control/ },
    { name: 'a number as name', change: { name: 7 }, want: /claim name: want text, got 7/ },
    { name: 'a number as channel', change: { channel: 7 }, want: /claim channel: want text, got 7/ },
    {
      name: 'an unknown role',
      change: { role: 'pupil' },
      want: /claim role: want one of viewer, student, .*"pupil"/,
    },
    {
      name: 'exp as text',
      change: { exp: '1700000000' },
      want: /claim exp: want seconds .* got "1700000000"/,
    },
  ]) {
    it(`say what is wrong with them: ${name}`, () => {
      const token = signed(head, { ...payload, ...change });
      assert.throws(() => verifyToken(SECRET, token, NOW_MS), want);
    });
  }

  it('are refused with the signature of another secret', async () => {
    const token = await mintToken('another-secret-of-length', CLAIMS);
    assert.throws(() => verifyToken(SECRET, token, NOW_MS), refused('bad-token', 401));
  });

  it('end at exp to the millisecond', async () => {
    const token = await mintToken(SECRET, CLAIMS);
    assert.equal(verifyToken(SECRET, token, CLAIMS.exp * 1000 - 1).sub, 's-1');
    assert.throws(() => verifyToken(SECRET, token, CLAIMS.exp * 1000), refused('expired-token', 401));
  });

  it('are refused when any bit is flipped', async () => {
    const token = Buffer.from(await mintToken(SECRET, CLAIMS));
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const flipped = Buffer.from(token);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        const text = flipped.toString('latin1');
        // The last character of a signature carries bits that base64url does not use (RFC 4648 §3.5): the same bytes.
        const [, , before = ''] = token.toString('latin1').split('.');
        const [, , after = ''] = text.split('.');
        fc.pre(before === after || !Buffer.from(after, 'base64url').equals(Buffer.from(before, 'base64url')));
        assert.throws(() => verifyToken(SECRET, text, NOW_MS), refused('bad-token', 401));
      }),
      { numRuns: 500 },
    );
  });

  it('that are any text at all only ever raise a TokenError', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        assert.throws(() => verifyToken(SECRET, text, NOW_MS), refused('bad-token', 401));
      }),
    );
  });
});

describe('authorize', () => {
  const ask = async (
    claims: Partial<TokenClaims>,
    channel: string | null,
    roles: readonly TokenClaims['role'][],
  ): Promise<string> => {
    const token = await mintToken(SECRET, { ...CLAIMS, ...claims });
    try {
      return authorize(SECRET, `Bearer ${token}`, channel, roles, NOW_MS).sub;
    } catch (error) {
      return error instanceof AppError ? `${error.status} ${error.code}` : 'another error';
    }
  };
  const table = [
    { name: 'its own channel and role', claims: {}, channel: 'hall-7', roles: ['student'], want: 's-1' },
    { name: 'another channel', claims: {}, channel: 'hall-8', roles: ['student'], want: '403 forbidden' },
    { name: 'another role', claims: {}, channel: 'hall-7', roles: ['teacher'], want: '403 forbidden' },
    { name: 'all channels with one', claims: {}, channel: null, roles: ['student'], want: '403 forbidden' },
    { name: 'all with "*"', claims: { channel: '*' }, channel: null, roles: ['student'], want: 's-1' },
    { name: 'one with "*"', claims: { channel: '*' }, channel: 'hall-8', roles: ['student'], want: 's-1' },
    { name: 'late', claims: { exp: 1 }, channel: 'hall-7', roles: ['student'], want: '401 expired-token' },
  ] as const;
  for (const { name, claims, channel, roles, want } of table) {
    it(`answers ${want} for ${name}`, async () => assert.equal(await ask(claims, channel, roles), want));
  }

  for (const header of [undefined, '', 'Basic x', 'Bearer', 'bearer']) {
    it(`wants a header, not ${JSON.stringify(header)}`, () => {
      assert.throws(() => authorize(SECRET, header, null, ['operator'], NOW_MS), refused('no-token', 401));
    });
  }

  it('never repeats the token', () => {
    assert.throws(
      () => authorize(SECRET, 'Bearer abc.def.ghi', null, ['operator'], NOW_MS),
      (error) => error instanceof TokenError && !error.message.includes('def'),
    );
  });
});
