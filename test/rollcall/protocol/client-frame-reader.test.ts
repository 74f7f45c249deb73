import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readClientFrame } from '../../../rollcall/protocol/client-frame-reader.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';
import { callAndClaim, callId, mutated, NOW_MS } from './arbitraries.ts';

const CLAIM = { callId: 'c1', answerId: 'answer-1', tapProgramTimeMs: NOW_MS, latencyMs: 600 };
const OPEN = { type: 'open', kind: 'presence', prompt: 'Who is here?' };
const QUESTION = {
  ...{ kind: 'presence', prompt: 'Who is here?', choices: [] },
  ...{ windowMs: LIMITS.windowDefaultMs, graceMs: LIMITS.graceDefaultMs },
};

describe('a frame from a client', () => {
  const taken: readonly { readonly name: string; readonly frame: object; readonly want: object }[] = [
    { name: 'hello', frame: { type: 'hello', token: 'a.b.c' }, want: { type: 'hello', token: 'a.b.c' } },
    { name: 'ping', frame: { type: 'ping' }, want: { type: 'ping' } },
    {
      name: 'watched',
      frame: { type: 'watched', minute: 29_433_333 },
      want: { type: 'watched', minute: 29_433_333 },
    },
    {
      name: 'answer',
      frame: { type: 'answer', ...CLAIM },
      want: { type: 'answer', claim: { ...CLAIM, value: null, stalled: false } },
    },
    { name: 'open', frame: OPEN, want: { type: 'open', ref: null, question: QUESTION } },
    {
      name: 'open with a ref',
      frame: { ...OPEN, ref: 'r-1' },
      want: { type: 'open', ref: 'r-1', question: QUESTION },
    },
    {
      name: 'close',
      frame: { type: 'close', ref: 'r', callId: 'c1' },
      want: { type: 'close', ref: 'r', callId: 'c1' },
    },
    {
      name: 'extend',
      frame: { type: 'extend', callId: 'c1', windowMs: 90_000 },
      want: { type: 'extend', ref: null, callId: 'c1', windowMs: 90_000 },
    },
  ];
  for (const { name, frame, want } of taken) {
    it(`${name} is read`, () =>
      assert.deepEqual(readClientFrame(JSON.stringify(frame)), { ok: true, value: want }));
    it(`${name} with a member that is not named in the protocol is refused`, () => {
      const read = readClientFrame(JSON.stringify({ ...frame, more: 1 }));
      assert.ok(!read.ok);
      assert.match(read.reason, /^[a-z]+: no member "more"$/);
    });
  }

  const refused: readonly { readonly name: string; readonly text: string; readonly why: RegExp }[] = [
    { name: 'nothing', text: '', why: /^frame: not JSON$/ },
    { name: 'half an object', text: '{"type":"ping"', why: /not JSON/ },
    { name: 'two objects', text: '{"type":"ping"}{"type":"ping"}', why: /not JSON/ },
    { name: 'a NUL', text: '\u0000', why: /not JSON/ },
    { name: 'null', text: 'null', why: /^frame: want an object$/ },
    { name: 'a list', text: '[{"type":"ping"}]', why: /want an object/ },
    { name: 'a text', text: '"ping"', why: /want an object/ },
    { name: 'no type', text: '{}', why: /^frame: no type at all$/ },
    { name: 'a type that is not known', text: '{"type":"shout"}', why: /^frame: no type "shout"$/ },
    { name: 'a type of the server', text: '{"type":"welcome"}', why: /no type "welcome"/ },
    { name: 'a type out of the prototype', text: '{"type":"constructor"}', why: /no type "constructor"/ },
    { name: 'a type that is a list', text: '{"type":["ping"]}', why: /no type \["ping"\]/ },
    { name: 'a long type', text: JSON.stringify({ type: 'x'.repeat(500) }), why: /^frame: no type "x{39}$/ },
    { name: 'a hello without a token', text: '{"type":"hello"}', why: /^hello: want a token$/ },
    { name: 'a hello with a number', text: '{"type":"hello","token":1}', why: /want a token/ },
    {
      name: 'a hello with a token too long',
      text: JSON.stringify({ type: 'hello', token: 'x'.repeat(4097) }),
      why: /want a token/,
    },
    { name: 'a minute before time', text: '{"type":"watched","minute":-1}', why: /^watched: minute:/ },
    { name: 'half a minute', text: '{"type":"watched","minute":0.5}', why: /^watched: minute:/ },
    { name: 'a minute beyond numbers', text: '{"type":"watched","minute":1e300}', why: /^watched: minute:/ },
    {
      name: 'a ref with a space',
      text: JSON.stringify({ ...OPEN, ref: 'a b' }),
      why: /^open: ref: want 1 to 64/,
    },
    { name: 'an empty ref', text: JSON.stringify({ ...OPEN, ref: '' }), why: /^open: ref:/ },
    { name: 'a long ref', text: JSON.stringify({ ...OPEN, ref: 'a'.repeat(65) }), why: /^open: ref:/ },
    { name: 'a ref that is a number', text: '{"type":"close","callId":"c1","ref":1}', why: /^close: ref:/ },
    { name: 'a close of nothing', text: '{"type":"close"}', why: /^close: callId: want/ },
    { name: 'an extend of nothing', text: '{"type":"extend","windowMs":9000}', why: /^extend: callId: want/ },
    { name: 'an extend by nothing', text: '{"type":"extend","callId":"c1"}', why: /^windowMs: want/ },
    { name: 'a question without words', text: '{"type":"open","kind":"hand"}', why: /^prompt: want text/ },
    { name: 'an answer without a tap', text: '{"type":"answer","callId":"c1"}', why: /^answerId:/ },
    { name: '__proto__', text: '{"type":"ping","__proto__":{"type":"open"}}', why: /no member "__proto__"/ },
  ];
  for (const { name, text, why } of refused) {
    it(`${name} is refused`, () => {
      const read = readClientFrame(text);
      assert.ok(!read.ok);
      assert.match(read.reason, why);
    });
  }

  const anyFrame = fc.oneof(
    callAndClaim.map(({ claim }) => ({ type: 'answer', ...claim })),
    callId.map((id) => ({ type: 'close', ref: 'r', callId: id })),
    fc.constantFrom(...taken.map(({ frame }) => frame)),
  );

  it('only ever is read or refused in one line, whatever it is', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw).toString('utf8'));
    const ofAnyType = fc
      .tuple(
        fc.constantFrom('hello', 'answer', 'watched', 'ping', 'open', 'close', 'extend'),
        fc.dictionary(
          fc.constantFrom('ref', 'callId', 'token', 'minute', 'kind', 'windowMs', 'x'),
          fc.jsonValue(),
        ),
      )
      .map(([type, rest]) => JSON.stringify({ ...rest, type }));
    const any = fc.oneof(
      bytes,
      fc.json(),
      ofAnyType,
      mutated(anyFrame.map((frame) => JSON.stringify(frame))),
    );
    fc.assert(
      fc.property(any, (text) => {
        const read = readClientFrame(text);
        if (!read.ok) assert.match(read.reason, /^[^\n]{1,300}$/);
      }),
      { numRuns: 1000 },
    );
  });

  for (const { opening, closing } of [
    { opening: '[', closing: ']' },
    { opening: '{"a":', closing: '}' },
    { opening: '{"type":', closing: '}' },
    { opening: '{"type":[', closing: ']}' },
    { opening: '{"type":"answer","value":[', closing: ']}' },
  ]) {
    it(`is refused with ${opening} as deep as a frame can be, and nothing is thrown`, () => {
      const depth = Math.floor(LIMITS.frameBytes / (opening.length + closing.length));
      assert.equal(readClientFrame(`${opening.repeat(depth)}1${closing.repeat(depth)}`).ok, false);
      assert.equal(readClientFrame(opening.repeat(depth)).ok, false);
    });
  }

  it('with an answer gives the claim that was sent', () => {
    fc.assert(
      fc.property(callAndClaim, ({ claim }) => {
        const read = readClientFrame(JSON.stringify({ type: 'answer', ...claim }));
        assert.deepEqual(read, { ok: true, value: { type: 'answer', claim } });
      }),
    );
  });
});
