import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkClaim, isAnswerId, valueFault } from '../../../rollcall/protocol/answer.ts';
import { isRecord } from '../../../rollcall/protocol/checked.ts';
import { callAndClaim, NOW_MS } from './arbitraries.ts';

const CLAIM = { callId: 'c1', answerId: 'answer-1', tapProgramTimeMs: NOW_MS, latencyMs: 600 };
const WANT = { ...CLAIM, value: null, stalled: false };

describe('the form of an answer', () => {
  const taken: readonly { readonly name: string; readonly change: object; readonly want: object }[] = [
    { name: 'that says the least', change: {}, want: WANT },
    { name: 'that still has its type', change: { type: 'answer' }, want: WANT },
    { name: 'with a number', change: { value: 3 }, want: { ...WANT, value: 3 } },
    { name: 'with a text', change: { value: '水' }, want: { ...WANT, value: '水' } },
    { name: 'with null', change: { value: null }, want: WANT },
    { name: 'of a stalled player', change: { stalled: true }, want: { ...WANT, stalled: true } },
    { name: 'ahead by the clocks', change: { latencyMs: -2000 }, want: { ...WANT, latencyMs: -2000 } },
    { name: 'a day behind', change: { latencyMs: 86_400_000 }, want: { ...WANT, latencyMs: 86_400_000 } },
    { name: 'with fractions', change: { latencyMs: 0.5 }, want: { ...WANT, latencyMs: 0.5 } },
  ];
  for (const { name, change, want } of taken) {
    it(`is taken of one ${name}`, () =>
      assert.deepEqual(checkClaim({ ...CLAIM, ...change }), { ok: true, value: want }));
  }

  const refused: readonly { readonly name: string; readonly change: object; readonly why: RegExp }[] = [
    { name: 'for another student', change: { sub: 'han' }, why: /^answer: no member "sub"$/ },
    { name: 'that says how it counts', change: { status: 'present' }, why: /no member "status"/ },
    { name: 'for another channel', change: { channel: 'hall-8' }, why: /no member "channel"/ },
    {
      name: 'with __proto__',
      change: JSON.parse('{"__proto__":{}}') as object,
      why: /no member "__proto__"/,
    },
    { name: 'without a call', change: { callId: undefined }, why: /^callId: want 1 to 32/ },
    { name: 'with a callId of a path', change: { callId: '../c1' }, why: /^callId:/ },
    { name: 'without an answerId', change: { answerId: undefined }, why: /^answerId: want 8 to 64/ },
    { name: 'with a short answerId', change: { answerId: '1234567' }, why: /^answerId:/ },
    { name: 'with a long answerId', change: { answerId: 'a'.repeat(65) }, why: /^answerId:/ },
    { name: 'with an answerId of two lines', change: { answerId: 'answer-1\n' }, why: /^answerId:/ },
    { name: 'without a tap', change: { tapProgramTimeMs: undefined }, why: /^tapProgramTimeMs: want UTC/ },
    { name: 'with a tap in words', change: { tapProgramTimeMs: '1' }, why: /^tapProgramTimeMs:/ },
    { name: 'with a tap that is null', change: { tapProgramTimeMs: null }, why: /^tapProgramTimeMs:/ },
    { name: 'with a tap in no time', change: { tapProgramTimeMs: 1e16 }, why: /^tapProgramTimeMs:/ },
    { name: 'without a latency', change: { latencyMs: undefined }, why: /^latencyMs: want milliseconds/ },
    {
      name: 'too far ahead',
      change: { latencyMs: -2001 },
      why: /^latencyMs: want milliseconds, -2000 to 86400000$/,
    },
    { name: 'more than a day behind', change: { latencyMs: 86_400_001 }, why: /^latencyMs:/ },
    { name: 'that is stalled in words', change: { stalled: 'true' }, why: /^stalled: want true or false$/ },
    { name: 'that is stalled null', change: { stalled: null }, why: /^stalled:/ },
    { name: 'with a list', change: { value: [1] }, why: /^value: want a number, a text or null$/ },
    { name: 'with an object', change: { value: {} }, why: /^value:/ },
    { name: 'with true', change: { value: true }, why: /^value:/ },
    { name: 'with NaN', change: { value: Number.NaN }, why: /^value:/ },
  ];
  for (const { name, change, why } of refused) {
    it(`is refused of one ${name}`, () => {
      const checked = checkClaim({ ...CLAIM, ...change });
      assert.ok(!checked.ok);
      assert.match(checked.reason, why);
    });
  }

  it('is taken as it is, once it was taken', () => {
    fc.assert(
      fc.property(callAndClaim, ({ claim }) => {
        assert.deepEqual(checkClaim(claim), { ok: true, value: claim });
      }),
    );
  });

  it('is taken or refused in one line, whatever it is', () => {
    const near = fc.record(
      {
        ...{ callId: fc.anything(), answerId: fc.anything(), value: fc.anything() },
        ...{ tapProgramTimeMs: fc.double(), latencyMs: fc.double(), stalled: fc.anything() },
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(near, fc.json().map(JSON.parse)), (value) => {
        if (!isRecord(value)) return;
        const checked = checkClaim({ ...CLAIM, ...value });
        if (!checked.ok) assert.match(checked.reason, /^[^\n]{1,300}$/);
      }),
    );
  });
});

describe("an answer's id", () => {
  for (const { input, want } of [
    { input: 'abcdefgh', want: true },
    { input: '0b1e4a92-6c55-4c4e-9d0a-0d7f3a1c2b3d', want: true },
    { input: 'A_-9'.repeat(16), want: true },
    { input: 'abcdefg', want: false },
    { input: 'a'.repeat(65), want: false },
    { input: 'abc defgh', want: false },
    { input: 'äbcdefgh', want: false },
    { input: 12_345_678, want: false },
    { input: null, want: false },
  ]) {
    it(`${JSON.stringify(input)} is ${want ? 'one' : 'none'}`, () => assert.equal(isAnswerId(input), want));
  }
});

describe('the value of an answer', () => {
  const choices = ['a', 'b', 'c'];
  const table = [
    { kind: 'presence', value: null, fits: true },
    { kind: 'presence', value: 0, fits: false },
    { kind: 'presence', value: '', fits: false },
    { kind: 'hand', value: null, fits: true },
    { kind: 'hand', value: 1, fits: false },
    { kind: 'choice', value: 0, fits: true },
    { kind: 'choice', value: 2, fits: true },
    { kind: 'choice', value: 3, fits: false },
    { kind: 'choice', value: -1, fits: false },
    { kind: 'choice', value: 0.5, fits: false },
    { kind: 'choice', value: 'a', fits: false },
    { kind: 'choice', value: null, fits: false },
    { kind: 'number', value: 0, fits: true },
    { kind: 'number', value: -3.25, fits: true },
    { kind: 'number', value: Number.MAX_SAFE_INTEGER, fits: true },
    { kind: 'number', value: 1e300, fits: false },
    { kind: 'number', value: '7', fits: false },
    { kind: 'number', value: null, fits: false },
    { kind: 'text', value: '水', fits: true },
    { kind: 'text', value: 'a'.repeat(200), fits: true },
    { kind: 'text', value: 'a'.repeat(201), fits: false },
    { kind: 'text', value: '', fits: false },
    { kind: 'text', value: ' water', fits: false },
    { kind: 'text', value: 'e\u0301', fits: false },
    { kind: 'text', value: 'a\u202eb', fits: false },
    { kind: 'text', value: '\u200b', fits: false },
    { kind: 'text', value: 7, fits: false },
    { kind: 'text', value: null, fits: false },
  ] as const;
  for (const { kind, value, fits } of table) {
    it(`${JSON.stringify(value).slice(0, 20)} ${fits ? 'fits' : 'does not fit'} a call of kind ${kind}`, () => {
      const fault = valueFault({ kind, choices: kind === 'choice' ? choices : [] }, value);
      if (fits) assert.equal(fault, null);
      else assert.match(fault ?? '', /^value: /);
    });
  }
});
