import { equal, ok } from 'node:assert/strict';
import { Admission } from '../../../rollcall/gateway/admission.ts';
import { byeFrame, ConnectionGate } from '../../../rollcall/gateway/connection-gate.ts';

describe('the gate for new connections', () => {
  const gateOf = (open: number, perSecond = 100): ConnectionGate =>
    new ConnectionGate({
      ...{ admission: new Admission(perSecond), maxConnections: 5 },
      ...{ openConnections: () => open, steadyMs: () => 0 },
    });
  const isBetween = (value: number | null, least: number, most: number): void =>
    ok(value !== null && value >= least && value <= most, `${value}`);

  it('accepts connections while there are fewer than the most', () => {
    equal(gateOf(4).retryAfterS(), null);
    isBetween(gateOf(5).retryAfterS(), 20, 40);
  });

  it('accepts no more than the rate', () => {
    const gate = gateOf(0, 1);
    equal(gate.retryAfterS(), null);
    isBetween(gate.retryAfterS(), 5, 30);
  });

  it('refuses everything once the server stops', () => {
    const gate = gateOf(0);
    gate.stop();
    isBetween(gate.retryAfterS(), 3, 8);
  });

  it('spreads reconnects over a second, and a millisecond more for each client', () => {
    for (let i = 0; i < 50; i++) isBetween(byeFrame(5000).reconnectAfterMs, 1000, 7000);
  });
});
