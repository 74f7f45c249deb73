import { deepEqual } from 'node:assert/strict';
import { type ConnectionTimes, deadlineAction } from '../../../rollcall/gateway/connection-deadlines.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';

const { silenceMs, helloWithinMs } = LIMITS;
const EXP_MS = 1_000_000;
const MEMBER: ConnectionTimes = { isOpen: true, openedMs: 0, heardMs: 0, tokenExpMs: EXP_MS };

describe('the deadlines of a connection', () => {
  for (const { name, times, steadyMs, want, ...rest } of [
    { name: 'none at the last moment of silence', times: MEMBER, steadyMs: silenceMs, want: null },
    { name: 'silence', times: MEMBER, steadyMs: silenceMs + 1, want: ['terminate', 'silent'] },
    {
      name: 'none for a client that spoke',
      times: { ...MEMBER, heardMs: 1 },
      steadyMs: silenceMs + 1,
      want: null,
    },
    {
      name: 'none at the last moment for a hello',
      ...{ times: { ...MEMBER, tokenExpMs: null }, steadyMs: helloWithinMs, want: null },
    },
    {
      name: 'no hello',
      ...{ times: { ...MEMBER, tokenExpMs: null }, steadyMs: helloWithinMs + 1, want: ['close', 'no-hello'] },
    },
    { name: 'none while the token is valid', times: MEMBER, steadyMs: 0, nowMs: EXP_MS - 1, want: null },
    {
      name: 'the end of the token',
      ...{ times: MEMBER, steadyMs: 0, nowMs: EXP_MS, want: ['close', 'expired-token'] },
    },
    {
      name: 'none for a close frame that may be answered still',
      ...{ times: { ...MEMBER, isOpen: false }, steadyMs: silenceMs, nowMs: EXP_MS, want: null },
    },
    {
      name: 'a close frame that is not answered',
      ...{ times: { ...MEMBER, isOpen: false }, steadyMs: silenceMs + 1, want: ['terminate', null] },
    },
  ]) {
    it(name, () => {
      const nowMs = 'nowMs' in rest ? rest.nowMs : 0;
      const action = deadlineAction(times, steadyMs, nowMs);
      deepEqual(action && [action.kind, action.metric], want);
    });
  }
});
