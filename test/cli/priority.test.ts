import assert from 'node:assert/strict';
import { raiseSession, workOf } from '../../cli/priority.ts';
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

describe('the priority of a session', () => {
  /** A session with this nice value. */
  function makeSession(nice: number) {
    const session = {
      nice,
      read: () => session.nice,
      write: (to: number) => {
        session.nice = to;
      },
    };
    return session;
  }

  it('is raised, and put back at the end', () => {
    const session = makeSession(0);
    const putBack = raiseSession(session);
    assert.equal(session.nice, -3);
    putBack?.();
    assert.equal(session.nice, 0);
  });

  for (const nice of [-10, -3, 5]) {
    it(`stays where somebody has set it to ${nice}`, () => {
      const session = makeSession(nice);
      assert.equal(raiseSession(session), null);
      assert.equal(session.nice, nice);
    });
  }

  it('stays where an operator has set it meanwhile', () => {
    const session = makeSession(0);
    const putBack = raiseSession(session);
    session.nice = -7;
    putBack?.();
    assert.equal(session.nice, -7);
  });

  it('is put back once by two processes in one terminal', () => {
    const session = makeSession(0);
    const first = raiseSession(session);
    assert.equal(raiseSession(session), null);
    first?.();
    assert.equal(session.nice, 0);
  });

  it('is left alone where the system has none', () => {
    const read = (): number => assert.fail('not Linux');
    assert.equal(raiseSession({ read, write: read }), null);
  });
});
