import { deepEqual, equal, match } from 'node:assert/strict';
import fc from 'fast-check';
import type { Call } from '../../../rollcall/protocol/call.ts';
import { callFrame } from '../../../rollcall/protocol/frames.ts';
import {
  type ListedRange,
  readAsk,
  readListedCalls,
  writeAsk,
} from '../../../rollcall/protocol/listed-call.ts';
import { call as anyCall, NOW_MS } from './arbitraries.ts';

const CALL: Call = {
  ...{
    callId: 'k1',
    channel: 'hall-7',
    kind: 'choice',
    prompt: 'Is "3 < 4"?\u00a0👩🏽‍🏫 谁在？',
    openedBy: 'ms-li',
  },
  ...{ choices: ['对', "Nein, 'nie'"], atProgramTimeMs: NOW_MS, windowMs: 20_000, graceMs: 30_000 },
};

const range = (
  change: Partial<ListedRange> & { readonly x?: Readonly<Record<string, string>> },
): ListedRange => ({
  ...{ id: 'call-k1', class: 'org.lectern.roll-call', endMs: null },
  ...change,
  attribute: (name) => ({ 'X-ASK': writeAsk(CALL), ...change.x })[name],
});
const windowTo = (n: number, seconds: number, x = {}): ListedRange =>
  range({ id: `window-k1-${n}`, class: 'org.lectern.roll-call-window', endMs: NOW_MS + seconds * 1000, x });

describe('calls in a playlist', () => {
  it('are written with characters that a quoted string may hold, and read as they were (RFC 8216bis §4.2)', () => {
    fc.assert(
      fc.property(anyCall, (call) => {
        const text = writeAsk(call);
        match(text, /^[A-Za-z0-9_-]{1,6000}$/);
        deepEqual(readAsk(call.callId, text), callFrame(call));
      }),
    );
  });

  it('fit an attribute with the longest question there may be', () => {
    const text = writeAsk({ ...CALL, prompt: '谁'.repeat(200), choices: Array(6).fill('对'.repeat(80)) });
    equal(text.length < 3500, true);
  });

  it('are none where the attribute is anything else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String(), fc.constantFrom('e30', 'bnVsbA', '_w')),
        (text) => {
          equal(readAsk('k1', text), null);
        },
      ),
    );
  });

  for (const { name, ranges, want } of [
    { name: 'open', ranges: [range({})], want: [20_000, false] },
    { name: 'closed', ranges: [range({ endMs: NOW_MS + 7000 })], want: [7000, true] },
    { name: 'closed before it was heard', ranges: [range({ endMs: NOW_MS - 5 })], want: [0, true] },
    { name: 'extended', ranges: [windowTo(1, 60), range({})], want: [60_000, false] },
    { name: 'changed twice', ranges: [windowTo(2, 30), range({}), windowTo(1, 60)], want: [30_000, false] },
    {
      name: 'extended, then closed',
      ranges: [range({ endMs: NOW_MS + 7000 }), windowTo(1, 60)],
      want: [7000, true],
    },
    {
      name: 'closed, then extended',
      ranges: [range({ endMs: NOW_MS + 7000 }), windowTo(1, 60, { 'X-REOPENS': 'YES' })],
      want: [60_000, false],
    },
    { name: 'without what is asked', ranges: [range({ x: { 'X-ASK': '' } })], want: null },
    { name: 'with a bad id', ranges: [range({ id: 'call-K_1' })], want: null },
    { name: 'of another class', ranges: [range({ class: 'org.lectern.run' })], want: null },
  ] as { name: string; ranges: ListedRange[]; want: [number, boolean] | null }[]) {
    it(`have their window as it is now: ${name}`, () => {
      const found = readListedCalls(ranges).map(({ frame, isClosed }) => [frame.windowMs, isClosed]);
      deepEqual(found, want === null ? [] : [want]);
    });
  }

  it('are in the order in which they are heard', () => {
    const earlier = { ...CALL, callId: 'k0', atProgramTimeMs: NOW_MS - 60_000 };
    const ranges = [range({}), range({ id: 'call-k0', x: { 'X-ASK': writeAsk(earlier) } })];
    deepEqual(
      readListedCalls(ranges).map(({ frame }) => frame.callId),
      ['k0', 'k1'],
    );
  });
});
