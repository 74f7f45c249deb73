import { deepEqual, equal, ok } from 'node:assert/strict';
import { AddressDoors } from '../../../rollcall/gateway/address-doors.ts';
import { Admission } from '../../../rollcall/gateway/admission.ts';
import { byeFrame, ConnectionGate } from '../../../rollcall/gateway/connection-gate.ts';

describe('the gate for new connections', () => {
  const gateOf = (open: number, perSecond = 100, perAddress = 1000, room = false): ConnectionGate =>
    new ConnectionGate({
      ...{ admission: new Admission(perSecond), addresses: new AddressDoors(perAddress), maxConnections: 5 },
      ...{ openConnections: () => open, makeRoom: () => room, steadyMs: () => 0 },
    });
  const isBetween = (value: number | null, least: number, most: number): void =>
    ok(value !== null && value >= least && value <= most, `${value}`);

  it('accepts connections while there are fewer than the most', () => {
    equal(gateOf(4).retryAfterS('a'), null);
    isBetween(gateOf(5).retryAfterS('a'), 20, 40);
  });

  it('accepts one more where a connection that says nothing has made room', () => {
    equal(gateOf(5, 100, 1000, true).retryAfterS('a'), null);
  });

  it('refuses an address that connects too often, which takes nothing from the others', () => {
    const gate = gateOf(0, 10, 3);
    const answers = Array.from({ length: 100 }, () => gate.retryAfterS('203.0.113.5'));
    deepEqual(answers.slice(0, 3), [null, null, null]);
    for (const answer of answers.slice(3)) isBetween(answer, 5, 30);
    for (let i = 0; i < 7; i++) equal(gate.retryAfterS(`198.51.100.${i}`), null);
    isBetween(gate.retryAfterS('198.51.100.9'), 5, 30);
  });

  it('does not count by address where that is not known', () => {
    const gate = gateOf(0, 10, 2);
    for (let i = 0; i < 10; i++) equal(gate.retryAfterS(null), null);
    isBetween(gate.retryAfterS(null), 5, 30);
  });

  it('takes all addresses of one IPv6 network for one', () => {
    const gate = gateOf(0, 10, 2);
    equal(gate.retryAfterS('2001:db8:1:2::1'), null);
    equal(gate.retryAfterS('2001:db8:1:2::2'), null);
    isBetween(gate.retryAfterS('2001:db8:1:2:ffff::3'), 5, 30);
    equal(gate.retryAfterS('2001:db8:1:3::1'), null);
  });

  it('accepts no more than the rate', () => {
    const gate = gateOf(0, 1);
    equal(gate.retryAfterS('a'), null);
    isBetween(gate.retryAfterS('b'), 5, 30);
  });

  it('refuses everything once the server stops', () => {
    const gate = gateOf(0);
    gate.stop();
    isBetween(gate.retryAfterS('a'), 3, 8);
  });

  it('spreads reconnects over a second, and a millisecond more for each client', () => {
    for (let i = 0; i < 50; i++) isBetween(byeFrame(5000).reconnectAfterMs, 1000, 7000);
  });
});
