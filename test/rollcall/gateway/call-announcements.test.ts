import { deepEqual } from 'node:assert/strict';
import { type AnnouncedCall, announcements } from '../../../rollcall/gateway/call-announcements.ts';
import { makeCall, NOW_MS } from '../ledger/ledger.contract.ts';

const CALL = makeCall({ atProgramTimeMs: NOW_MS, windowMs: 20_000, graceMs: 30_000 });
const { callId } = CALL;

describe('what the members of a room are told about a call', () => {
  const known = (windowMs: number, isClosed: boolean): AnnouncedCall => ({ callId, windowMs, isClosed });
  for (const { name, announced, atMs, want, next, ...rest } of [
    {
      name: 'the call, when it is new',
      ...{ announced: null, atMs: 0, want: ['call'], next: known(20_000, false), isNewCall: true },
    },
    {
      name: 'the call and its end, when it is new and in its grace',
      ...{
        announced: null,
        atMs: 20_000,
        want: ['call', 'closed'],
        next: known(20_000, true),
        isNewCall: true,
      },
    },
    { name: 'nothing, when it is new and over', announced: null, atMs: 50_001, want: [], next: null },
    {
      name: 'nothing while it stays open',
      ...{ announced: known(20_000, false), atMs: 5000, want: [], next: known(20_000, false) },
    },
    {
      name: 'its end, when its window ends',
      ...{ announced: known(20_000, false), atMs: 20_000, want: ['closed'], next: known(20_000, true) },
    },
    {
      name: 'its end once',
      ...{ announced: known(20_000, true), atMs: 25_000, want: [], next: known(20_000, true) },
    },
    {
      name: 'the call again, when its window changes',
      ...{ announced: known(10_000, false), atMs: 5000, want: ['call'], next: known(20_000, false) },
    },
    {
      name: 'the call again, when its window is extended after its end',
      ...{ announced: known(10_000, true), atMs: 15_000, want: ['call'], next: known(20_000, false) },
    },
    {
      name: 'only its end, when it is closed early',
      ...{ announced: known(60_000, false), atMs: 20_000, want: ['closed'], next: known(20_000, true) },
    },
    {
      name: 'nothing, when its window changes after its end was announced and stays in the past',
      ...{ announced: known(10_000, true), atMs: 25_000, want: [], next: known(20_000, true) },
    },
    {
      name: 'the call, when another one was announced before',
      announced: { callId: 'other', windowMs: 20_000, isClosed: true },
      ...{ atMs: 0, want: ['call'], next: known(20_000, false), isNewCall: true },
    },
  ]) {
    it(name, () => {
      const result = announcements(announced, CALL, NOW_MS + atMs);
      deepEqual(
        result.frames.map(({ type }) => type),
        want,
      );
      deepEqual([result.announced, result.isNewCall], [next, 'isNewCall' in rest]);
    });
  }
});
