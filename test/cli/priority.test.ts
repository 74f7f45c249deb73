import assert from 'node:assert/strict';
import { workOf } from '../../cli/priority.ts';
import { ROLE_NAMES } from '../../shared/role.ts';

describe('what a process of Lectern works for', () => {
  for (const { roles, want } of [
    { roles: ROLE_NAMES, want: 'live' },
    { roles: ['origin'], want: 'live' },
    { roles: ['transcode'], want: 'sound' },
    { roles: ['ingest'], want: 'sound' },
    { roles: ['rollcall'], want: 'roll-call' },
  ] as const) {
    it(`${roles.join(', ')}: ${want}`, () => assert.equal(workOf(roles), want));
  }
});
