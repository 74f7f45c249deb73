import assert from 'node:assert/strict';
import fc from 'fast-check';
import { callFrame } from '../../../rollcall/protocol/frames.ts';
import { readServerFrame } from '../../../rollcall/protocol/server-frame-reader.ts';
import { call, mutated, NOW_MS, serverFrame } from './arbitraries.ts';

const CALL = {
  ...{ type: 'call', callId: 'c1', kind: 'choice', prompt: 'Which?', choices: ['a', 'b'] },
  ...{ atProgramTimeMs: NOW_MS, windowMs: 20_000, graceMs: 30_000 },
};
const WELCOME = { type: 'welcome', serverTimeMs: NOW_MS, sub: 's-1', name: '李雷', role: 'student' };
const ACK = { type: 'ack', callId: 'c1', answerId: 'answer-1', status: 'present', duplicate: false };
const TALLY = {
  ...{ type: 'tally', callId: 'c1', present: 1, late: 0, replay: 0, absent: 2, total: 3, connected: 3 },
  ...{ values: [{ value: 1, count: 1 }], reactionP50Ms: 300, reactionP90Ms: null },
  changed: [{ sub: 's-1', name: '李雷', status: 'present', value: 1, reactionMs: 300 }],
};
const NAMED = TALLY.changed[0];

describe('a frame from a server', () => {
  it('is read back as it was made, of every type', () => {
    fc.assert(
      fc.property(serverFrame, (frame) => assert.deepEqual(readServerFrame(JSON.stringify(frame)), frame)),
      { numRuns: 1000 },
    );
  });

  it('that asks students carries the call, and nothing that is not theirs', () => {
    fc.assert(
      fc.property(call, (made) => {
        const frame = callFrame(made);
        const { choices, channel: _channel, openedBy: _openedBy, ...rest } = made;
        assert.deepEqual(frame, { type: 'call', ...rest, ...(made.kind === 'choice' ? { choices } : {}) });
      }),
    );
  });

  it('only ever is read or is none, whatever a proxy made of it', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw).toString('utf8'));
    const text = serverFrame.map((frame) => JSON.stringify(frame));
    const swapped = fc
      .tuple(
        serverFrame,
        fc.constantFrom('callId', 'status', 'values', 'changed', 'call', 'role'),
        fc.jsonValue(),
      )
      .map(([frame, name, value]) => JSON.stringify({ ...frame, [name]: value }));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.json(), swapped, mutated(text)), (given) => {
        const frame = readServerFrame(given);
        if (frame !== null) assert.deepEqual(readServerFrame(JSON.stringify(frame)), frame);
      }),
      { numRuns: 1000 },
    );
  });

  it('is none when it is deep enough to break what reads it', () => {
    for (const opening of ['[', '{"type":', '{"type":"tally","changed":[']) {
      assert.equal(readServerFrame(opening.repeat(100_000)), null);
    }
  });

  const none: readonly { readonly name: string; readonly input: unknown }[] = [
    { name: 'null', input: null },
    { name: 'a list', input: [WELCOME] },
    { name: 'an object without a type', input: {} },
    { name: 'a type that is not known yet', input: { type: 'applause' } },
    { name: 'a welcome without a time', input: { ...WELCOME, serverTimeMs: null } },
    { name: 'a welcome without a name', input: { ...WELCOME, name: undefined } },
    { name: 'a welcome of no role', input: { ...WELCOME, role: 'encoder' } },
    { name: 'a call of no kind', input: { ...CALL, kind: 'quiz' } },
    { name: 'a call without its choices', input: { ...CALL, choices: undefined } },
    { name: 'a call whose choice is a number', input: { ...CALL, choices: ['a', 1] } },
    { name: 'a call with an id of a path', input: { ...CALL, callId: '../c1' } },
    { name: 'a call with a window below 0', input: { ...CALL, windowMs: -1 } },
    { name: 'a call without a grace', input: { ...CALL, graceMs: undefined } },
    { name: 'a call at no time', input: { ...CALL, atProgramTimeMs: '0' } },
    { name: 'a closed without a time', input: { type: 'closed', callId: 'c1' } },
    { name: 'an ack of no status', input: { ...ACK, status: 'absent' } },
    { name: 'an ack of an odd answer', input: { ...ACK, answerId: 'x' } },
    { name: 'an ack that does not say whether it is a duplicate', input: { ...ACK, duplicate: undefined } },
    { name: 'a refused without a code', input: { type: 'refused', reason: 'no' } },
    { name: 'a tally with a count below 0', input: { ...TALLY, present: -1 } },
    { name: 'a tally without its total', input: { ...TALLY, total: undefined } },
    { name: 'a tally without its connected', input: { ...TALLY, connected: null } },
    { name: 'a tally whose values are none', input: { ...TALLY, values: [1] } },
    { name: 'a tally whose answers are not listed', input: { ...TALLY, changed: {} } },
    {
      name: 'a tally with an answer of no status',
      input: { ...TALLY, changed: [{ ...NAMED, status: 'x' }] },
    },
    { name: 'a tally with an answer of nobody', input: { ...TALLY, changed: [{ ...NAMED, sub: null }] } },
    {
      name: 'a tally with an answer of an odd value',
      input: { ...TALLY, changed: [{ ...NAMED, value: [] }] },
    },
    {
      name: 'a tally with a reaction before the call',
      input: { ...TALLY, changed: [{ ...NAMED, reactionMs: -1 }] },
    },
    { name: 'a done without a ref', input: { type: 'done', callId: 'c1' } },
    { name: 'a pong without a time', input: { type: 'pong' } },
    { name: 'a bye that does not say when', input: { type: 'bye', reconnectAfterMs: -1 } },
  ];
  for (const { name, input } of none) {
    it(`is none: ${name}`, () => assert.equal(readServerFrame(JSON.stringify(input)), null));
  }
  it('is none: what is no JSON', () => assert.equal(readServerFrame('{'), null));

  const partly = [
    {
      name: 'a welcome with a call that cannot be read',
      input: { ...WELCOME, call: { ...CALL, kind: 'quiz' } },
    },
    {
      name: 'a welcome with an answer that cannot be read',
      input: { ...WELCOME, answered: { callId: 'c1' } },
    },
    { name: 'a welcome with what is not known yet', input: { ...WELCOME, mood: 'fine' } },
  ];
  for (const { name, input } of partly) {
    it(`is read without it: ${name}`, () =>
      assert.deepEqual(readServerFrame(JSON.stringify(input)), WELCOME));
  }
});
