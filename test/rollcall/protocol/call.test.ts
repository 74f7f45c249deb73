import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  CALL_KINDS,
  callPhase,
  checkQuestion,
  checkWindow,
  isCallId,
  overMs,
  windowEndMs,
} from '../../../rollcall/protocol/call.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';

const DEFAULTS = { windowMs: LIMITS.windowDefaultMs, graceMs: LIMITS.graceDefaultMs };
const CHOICE = { kind: 'choice', prompt: 'Which?', choices: ['a', 'b'] };
const PRESENCE = { kind: 'presence', prompt: 'Who is here?' };

describe('a question', () => {
  const taken: readonly { readonly name: string; readonly input: object; readonly want: object }[] = [
    ...CALL_KINDS.filter((kind) => kind !== 'choice').map((kind) => ({
      name: `of kind ${kind}, with defaults`,
      input: { kind, prompt: 'Now!' },
      want: { kind, prompt: 'Now!', choices: [], ...DEFAULTS },
    })),
    { name: 'with choices', input: CHOICE, want: { ...CHOICE, ...DEFAULTS } },
    {
      name: 'with six choices',
      input: { ...CHOICE, choices: ['a', 'b', 'c', 'd', 'e', 'f'] },
      want: { ...CHOICE, choices: ['a', 'b', 'c', 'd', 'e', 'f'], ...DEFAULTS },
    },
    {
      name: 'whose answers may be changed',
      input: { ...CHOICE, changeable: true },
      want: { ...CHOICE, ...DEFAULTS, changeable: true },
    },
    {
      name: 'whose first answers count, as if nothing were said of it',
      input: { ...CHOICE, changeable: false },
      want: { ...CHOICE, ...DEFAULTS },
    },
    {
      name: 'with an empty list of choices where there are none',
      input: { ...PRESENCE, choices: [] },
      want: { ...PRESENCE, choices: [], ...DEFAULTS },
    },
    {
      name: 'with the least window and grace',
      input: { ...PRESENCE, windowMs: 3000, graceMs: 2000 },
      want: { ...PRESENCE, choices: [], windowMs: 3000, graceMs: 2000 },
    },
    {
      name: 'with the longest window and grace',
      input: { ...PRESENCE, windowMs: 3_600_000, graceMs: 120_000 },
      want: { ...PRESENCE, choices: [], windowMs: 3_600_000, graceMs: 120_000 },
    },
    {
      name: 'whose texts have white space around them',
      input: { kind: 'choice', prompt: ' Which? ', choices: [' a', 'b '] },
      want: { ...CHOICE, ...DEFAULTS },
    },
    {
      name: 'as long as it may be',
      input: { ...PRESENCE, prompt: '问'.repeat(200) },
      want: { ...PRESENCE, prompt: '问'.repeat(200), choices: [], ...DEFAULTS },
    },
  ];
  for (const { name, input, want } of taken) {
    it(`is taken ${name}`, () => assert.deepEqual(checkQuestion(input), { ok: true, value: want }));
  }

  const refused: readonly { readonly name: string; readonly input: unknown; readonly why: RegExp }[] = [
    { name: 'that is null', input: null, why: /^call: want an object$/ },
    { name: 'that is a list', input: [PRESENCE], why: /want an object/ },
    { name: 'that is a text', input: 'presence', why: /want an object/ },
    { name: 'with a member that is not known', input: { ...PRESENCE, a: 1 }, why: /^call: no member "a"$/ },
    {
      name: 'that sets its own time',
      input: { ...PRESENCE, atProgramTimeMs: 0 },
      why: /no member "atProgram/,
    },
    { name: 'with a member __proto__', input: JSON.parse('{"__proto__":{}}'), why: /no member "__proto__"/ },
    {
      name: 'whose odd member has a long name',
      input: { ['a'.repeat(99)]: 1 },
      why: /^call: no member "a{40}"$/,
    },
    { name: 'without a kind', input: { prompt: 'Now!' }, why: /^kind: want one of presence, choice/ },
    { name: 'of a kind that is not known', input: { ...PRESENCE, kind: 'quiz' }, why: /^kind:/ },
    { name: 'of a kind out of the prototype', input: { ...PRESENCE, kind: 'toString' }, why: /^kind:/ },
    { name: 'without a prompt', input: { kind: 'presence' }, why: /^prompt: want text$/ },
    { name: 'with an empty prompt', input: { ...PRESENCE, prompt: ' ' }, why: /^prompt: empty$/ },
    { name: 'with a long prompt', input: { ...PRESENCE, prompt: 'a'.repeat(201) }, why: /^prompt: 201 char/ },
    { name: 'with two lines', input: { ...PRESENCE, prompt: 'a\nb' }, why: /^prompt: has a control/ },
    {
      name: 'of a choice without choices',
      input: { kind: 'choice', prompt: 'a' },
      why: /^choices: want 2 to 6$/,
    },
    { name: 'with one choice', input: { ...CHOICE, choices: ['a'] }, why: /^choices: want 2 to 6$/ },
    { name: 'with seven', input: { ...CHOICE, choices: 'abcdefg'.split('') }, why: /^choices: want 2 to 6$/ },
    { name: 'with choices in a text', input: { ...CHOICE, choices: 'ab' }, why: /^choices: want 2 to 6$/ },
    {
      name: 'with a choice that is a number',
      input: { ...CHOICE, choices: ['a', 1] },
      why: /^choices\[1\]: want/,
    },
    {
      name: 'with a long choice',
      input: { ...CHOICE, choices: ['a', 'b'.repeat(81)] },
      why: /^choices\[1\]: 81/,
    },
    {
      name: 'with the same choice twice',
      input: { ...CHOICE, choices: ['é', ' e\u0301'] },
      why: /\[1\]: is there twice/,
    },
    {
      name: 'with choices where there are none',
      input: { ...PRESENCE, choices: ['a'] },
      why: /presence has none/,
    },
    { name: 'with choices {} where there are none', input: { ...PRESENCE, choices: {} }, why: /has none/ },
    ...[2999, 3_600_001, 3000.5, '20000', Number.NaN, Number.POSITIVE_INFINITY, -20_000, true].map(
      (windowMs) => ({
        name: `with a window of ${String(windowMs)}`,
        input: { ...PRESENCE, windowMs },
        why: /^windowMs: want a whole number of milliseconds, 3000 to 3600000$/,
      }),
    ),
    ...[1999, 120_001, 2000.5, '3000'].map((graceMs) => ({
      name: `with a grace of ${String(graceMs)}`,
      input: { ...PRESENCE, graceMs },
      why: /^graceMs: want a whole number of milliseconds, 2000 to 120000$/,
    })),
  ];
  for (const { name, input, why } of refused) {
    it(`is refused ${name}`, () => {
      const checked = checkQuestion(input);
      assert.ok(!checked.ok);
      assert.match(checked.reason, why);
    });
  }

  it('is taken as it is, once it was taken; or refused in one line', () => {
    const near = fc.record(
      {
        kind: fc.oneof(fc.constantFrom(...CALL_KINDS), fc.anything()),
        prompt: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
        choices: fc.oneof(fc.array(fc.string({ unit: 'binary' }), { maxLength: 7 }), fc.anything()),
        windowMs: fc.oneof(fc.integer({ min: 2990, max: 3_600_010 }), fc.anything()),
        graceMs: fc.oneof(fc.integer({ min: 1990, max: 120_010 }), fc.anything()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(near, fc.anything(), fc.json().map(JSON.parse)), (value) => {
        const checked = checkQuestion(value);
        if (checked.ok) assert.deepEqual(checkQuestion(checked.value), checked);
        else assert.match(checked.reason, /^[^\n]{1,300}$/);
      }),
    );
  });
});

describe('a window', () => {
  for (const { input, ok } of [
    { input: 3000, ok: true },
    { input: 3_600_000, ok: true },
    { input: 2999, ok: false },
    { input: 3_600_001, ok: false },
    { input: undefined, ok: false },
    { input: null, ok: false },
  ]) {
    it(`of ${String(input)} is ${ok ? 'taken' : 'refused'}`, () => assert.equal(checkWindow(input).ok, ok));
  }
});

describe('the phases of a call', () => {
  const call = { atProgramTimeMs: 1_000_000, windowMs: 20_000, graceMs: 30_000 };
  for (const { nowMs, want } of [
    { nowMs: 0, want: 'open' },
    { nowMs: 1_000_000, want: 'open' },
    { nowMs: 1_019_999, want: 'open' },
    { nowMs: 1_020_000, want: 'grace' },
    { nowMs: 1_050_000, want: 'grace' },
    { nowMs: 1_050_001, want: 'over' },
  ]) {
    it(`at ${nowMs} it is ${want}`, () => assert.equal(callPhase(call, nowMs), want));
  }

  it('do not begin again where a call was closed at once and the clock was set back since', () => {
    assert.equal(callPhase({ ...call, windowMs: 0 }, 999_999), 'grace');
  });

  it('end where its window and its grace do', () => {
    assert.equal(windowEndMs(call), 1_020_000);
    assert.equal(overMs(call), 1_050_000);
  });
});

describe("a call's id", () => {
  for (const { input, want } of [
    { input: 'm1x2y3', want: true },
    { input: 'a'.repeat(32), want: true },
    { input: 'a'.repeat(33), want: false },
    { input: '', want: false },
    { input: 'A', want: false },
    { input: 'a-b', want: false },
    { input: 'a\n', want: false },
    { input: '../a', want: false },
    { input: 1, want: false },
    { input: ['a'], want: false },
  ]) {
    it(`${JSON.stringify(input)} is ${want ? 'one' : 'none'}`, () => assert.equal(isCallId(input), want));
  }
});
