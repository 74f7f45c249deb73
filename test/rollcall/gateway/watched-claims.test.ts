import { deepEqual, equal, ok } from 'node:assert/strict';
import { WatchedClaims } from '../../../rollcall/gateway/watched-claims.ts';

const NOW_MS = 1_800_000_000_000;
const NOW_MINUTE = NOW_MS / 60_000;

describe('claims to have watched', () => {
  let passedMs: number;
  let claims: WatchedClaims;
  beforeEach(() => {
    passedMs = 0;
    claims = new WatchedClaims({ nowMs: () => NOW_MS + passedMs, steadyMs: () => passedMs });
  });

  const claim = (sub: string, minute: number, rosterId: string | null = 'r', rosterSize = 40): boolean =>
    claims.judge('hall-7', { sub, name: sub, rosterId }, minute, rosterSize).kind === 'counts';
  const claimAll = (sub: string, count: number): number => {
    let taken = 0;
    for (let i = 0; i < count; i++) if (claim(sub, NOW_MINUTE - i)) taken++;
    return taken;
  };

  it('of a whole day at once by somebody who was never there: hardly any', () => {
    ok(claimAll('never-there', 1440) <= 5);
  });

  it('as time passes, at every speed of the player: all of them', () => {
    claims.heard('hall-7', 'li');
    for (let i = 0; i < 90; i++) {
      passedMs += 30_000;
      ok(claim('li', NOW_MINUTE - 90 + i), `minute ${i} at twice the speed`);
    }
  });

  it('that a page had kept while it was not connected: as many as have passed', () => {
    claims.heard('hall-7', 'li');
    passedMs = 40 * 60_000;
    ok(claimAll('li', 40) === 40);
    ok(claimAll('li', 1000) <= 43);
  });

  it('beyond that are told when to come again, and count then', () => {
    claims.heard('hall-7', 'li');
    claimAll('li', 3);
    const li = { sub: 'li', name: 'Li', rosterId: null };
    const verdict = claims.judge('hall-7', li, NOW_MINUTE - 10, 40);
    deepEqual(verdict, { kind: 'too-many', retryAfterMs: 30_000 });
    passedMs += 30_000;
    ok(claim('li', NOW_MINUTE - 10));
  });

  it('of students with a token who are not on the list: of all of them', () => {
    for (let i = 0; i < 300; i++) ok(claim(`s-${i}`, NOW_MINUTE, null), `student ${i}`);
  });

  it('of the future, and of long ago: none', () => {
    const li = { sub: 'li', name: 'Li', rosterId: null };
    for (const minute of [NOW_MINUTE + 1, NOW_MINUTE - 1441])
      deepEqual(claims.judge('hall-7', li, minute, 40), { kind: 'refused' });
    equal(claim('li', NOW_MINUTE + 1), false);
    equal(claim('li', NOW_MINUTE - 1441), false);
    equal(claim('li', NOW_MINUTE), true);
  });

  it('of one take nothing from another', () => {
    claimAll('greedy', 100);
    ok(claim('li', NOW_MINUTE));
  });

  for (const { name, rosterSize, most } of [
    { name: 'beside a class list', rosterSize: 40, most: 200 },
    { name: 'where there is no list', rosterSize: 0, most: 20_000 },
  ]) {
    it(`of people whom nobody knows ${name}: of so many in a day`, () => {
      let taken = 0;
      for (let i = 0; i < most + 500; i++) if (claim(`guest-${i}`, NOW_MINUTE, null, rosterSize)) taken++;
      equal(taken, most);
      ok(claim('guest-0', NOW_MINUTE, null, rosterSize), 'who was there before still counts');
      ok(claim('on-the-list', NOW_MINUTE), 'and so does everybody on the list');
      passedMs = 86_400_001;
      ok(claim('guest-of-tomorrow', NOW_MINUTE + 1440, null, rosterSize));
    });
  }
});
