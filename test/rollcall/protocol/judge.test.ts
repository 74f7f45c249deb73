import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Claim, judge, sequenceOf } from '../../../rollcall/protocol/answer.ts';
import { type Call, CALL_KINDS, overMs, windowEndMs } from '../../../rollcall/protocol/call.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';
import { call as anyCall, callAndClaim, fittingValue, NOW_MS } from './arbitraries.ts';

/** Heard at {@link NOW_MS}; 20 s of time, 30 s of grace. */
const CALL: Call = {
  ...{ callId: 'c1', channel: 'hall-7', kind: 'presence', prompt: 'Who is here?', choices: [] },
  ...{ windowMs: 20_000, graceMs: 30_000, atProgramTimeMs: NOW_MS, openedBy: 'teacher-1' },
};

/** What a student whose clock is right says of a tap. @param afterMs since the call, in the server's time */
function honest(afterMs: number, latencyMs: number, stalled = false): Claim {
  const tapProgramTimeMs = NOW_MS + afterMs - latencyMs;
  return { callId: 'c1', answerId: 'answer-1', value: null, tapProgramTimeMs, latencyMs, stalled };
}

function outcome(call: Call, claim: Claim, receivedMs: number): string {
  const judgement = judge(call, claim, receivedMs);
  return judgement.kind === 'counts' ? `${judgement.status} ${judgement.reactionMs}` : judgement.code;
}

describe('how an answer is judged', () => {
  const table: readonly {
    readonly name: string;
    readonly claim: Claim;
    /** After the call, in the server's time, milliseconds. */
    readonly receivedAfterMs: number;
    readonly want: string;
  }[] = [
    { name: '0.6 s behind, at once', claim: honest(900, 600), receivedAfterMs: 950, want: 'present 300' },
    { name: '6 s behind, as fast', claim: honest(6300, 6000), receivedAfterMs: 6350, want: 'present 300' },
    {
      name: '30 s behind, as fast',
      claim: honest(30_300, 30_000),
      receivedAfterMs: 30_350,
      want: 'present 300',
    },
    {
      name: 'slow line: 20 s to arrive',
      claim: honest(900, 600),
      receivedAfterMs: 21_000,
      want: 'present 300',
    },
    {
      name: '0.6 s behind, at her last moment',
      claim: honest(20_600, 600),
      receivedAfterMs: 20_650,
      want: 'present 20000',
    },
    {
      name: '6 s behind, at hers',
      claim: honest(26_000, 6000),
      receivedAfterMs: 26_050,
      want: 'present 20000',
    },
    {
      name: 'half a second after it',
      claim: honest(21_100, 600),
      receivedAfterMs: 21_150,
      want: 'present 20500',
    },
    {
      name: 'more than that after it',
      claim: honest(21_101, 600),
      receivedAfterMs: 21_150,
      want: 'late 20501',
    },
    {
      name: '6 s behind, more than that after it',
      claim: honest(26_501, 6000),
      receivedAfterMs: 26_550,
      want: 'late 20501',
    },
    {
      name: 'in time, and here at the last moment of the grace',
      claim: honest(900, 600),
      receivedAfterMs: 50_000,
      want: 'present 300',
    },
    {
      name: 'in time, and here after that',
      claim: honest(900, 600),
      receivedAfterMs: 50_001,
      want: 'call-over',
    },
    {
      name: 'late, at the last moment of the grace',
      claim: honest(50_000, 600),
      receivedAfterMs: 50_000,
      want: 'late 49400',
    },
    {
      name: 'in a start-over 31 s behind',
      claim: honest(31_300, 31_000),
      receivedAfterMs: 31_350,
      want: 'replay 300',
    },
    {
      name: 'in a start-over 30.001 s behind',
      claim: honest(30_301, 30_001),
      receivedAfterMs: 30_350,
      want: 'replay 300',
    },
    {
      name: 'in a start-over, after her window',
      claim: honest(52_000, 31_000),
      receivedAfterMs: 50_000,
      want: 'replay 21000',
    },
    {
      name: 'an hour behind',
      claim: honest(3_600_000, 3_600_000),
      receivedAfterMs: 40_000,
      want: 'bad-claim',
    },
    { name: 'at the moment itself', claim: honest(600, 600), receivedAfterMs: 650, want: 'present 0' },
    {
      name: 'half a second before it: her playhead was read early',
      claim: honest(100, 600),
      receivedAfterMs: 150,
      want: 'present 0',
    },
    { name: 'earlier than that', claim: honest(99, 600), receivedAfterMs: 150, want: 'too-early' },
    { name: 'long before it', claim: honest(-60_000, 600), receivedAfterMs: 1000, want: 'too-early' },
    {
      name: 'before it, from a call of the past',
      claim: honest(-60_000, 0),
      receivedAfterMs: -59_000,
      want: 'too-early',
    },
    { name: 'her clock 2 s ahead', claim: honest(2900, 600), receivedAfterMs: 900, want: 'present 2300' },
    {
      name: 'her clock more than that ahead',
      claim: honest(2901, 600),
      receivedAfterMs: 900,
      want: 'bad-claim',
    },
    { name: 'far in the future', claim: honest(86_400_000, 0), receivedAfterMs: 900, want: 'bad-claim' },
    {
      name: 'stalled, asked after 5 s',
      claim: honest(5300, 5000, true),
      receivedAfterMs: 5350,
      want: 'present 300',
    },
    {
      name: 'stalled for long',
      claim: honest(8000, 60_000, true),
      receivedAfterMs: 8050,
      want: 'present 3000',
    },
    {
      name: 'stalled, at her last moment',
      claim: honest(25_500, 40_000, true),
      receivedAfterMs: 25_550,
      want: 'present 20500',
    },
    {
      name: 'stalled, after that',
      claim: honest(25_501, 40_000, true),
      receivedAfterMs: 25_550,
      want: 'late 20501',
    },
    {
      name: 'stalled, her clock 2 s behind',
      claim: honest(3000, 600, true),
      receivedAfterMs: 5050,
      want: 'present 0',
    },
    {
      name: 'stalled, before she can have been asked',
      claim: honest(2999, 600, true),
      receivedAfterMs: 5050,
      want: 'too-early',
    },
    {
      name: 'stalled, in the future',
      claim: honest(7351, 600, true),
      receivedAfterMs: 5350,
      want: 'bad-claim',
    },
    {
      name: 'fractions of milliseconds',
      claim: honest(900.4, 600.2),
      receivedAfterMs: 950,
      want: 'present 300',
    },
  ];
  for (const { name, claim, receivedAfterMs, want } of table) {
    it(`${name}: ${want}`, () => assert.equal(outcome(CALL, claim, NOW_MS + receivedAfterMs), want));
  }

  it('counts by the window as it is now: one that was closed early, one that was extended', () => {
    const claim = honest(15_600, 600);
    const receivedMs = NOW_MS + 16_000;
    assert.equal(outcome({ ...CALL, windowMs: 10_000 }, claim, receivedMs), 'late 15000');
    assert.equal(outcome({ ...CALL, windowMs: 0 }, honest(1000, 600), receivedMs), 'present 400');
    assert.equal(
      outcome({ ...CALL, windowMs: 60_000 }, honest(50_600, 600), NOW_MS + 51_000),
      'present 50000',
    );
  });

  for (const kind of CALL_KINDS) {
    it(`refuses a value that does not fit a call of kind ${kind}, whenever it comes`, () => {
      const value = kind === 'text' ? 7 : 'seven';
      const call = { ...CALL, kind, choices: kind === 'choice' ? ['a', 'b'] : [] };
      assert.equal(outcome(call, { ...honest(900, 600), value }, NOW_MS + 950), 'bad-answer');
      assert.equal(outcome(call, { ...honest(900, 600), value }, NOW_MS + 950_000), 'bad-answer');
    });
  }
});

/** When an answer arrives: from a second before its call to some time after all is over. */
const received = fc.double({ min: -0.1, max: 1.2, noNaN: true });
const at = (call: Call, share: number): number =>
  Math.round(call.atProgramTimeMs + share * (call.windowMs + call.graceMs));

describe('whatever a student claims', () => {
  it('present is never what was tapped after her window and the slack', () => {
    fc.assert(
      fc.property(callAndClaim, received, ({ call, claim }, share) => {
        const judgement = judge(call, claim, at(call, share));
        if (judgement.kind !== 'counts' || judgement.status !== 'present') return;
        const endMs = windowEndMs(call) + LIMITS.playheadSlackMs;
        if (claim.stalled) {
          assert.ok(claim.tapProgramTimeMs + claim.latencyMs <= endMs + LIMITS.stalledAfterMs);
        } else assert.ok(claim.tapProgramTimeMs <= endMs && claim.latencyMs <= LIMITS.liveLatencyMs);
      }),
    );
  });

  it('she cannot gain more than the grace: nothing counts that comes after it', () => {
    fc.assert(
      fc.property(callAndClaim, fc.integer({ min: 1, max: 1e9 }), ({ call, claim }, lateMs) => {
        assert.deepEqual(outcome(call, claim, overMs(call) + lateMs), 'call-over');
      }),
    );
  });

  it('nothing counts that says it was tapped in the future, or before the call could be heard', () => {
    fc.assert(
      fc.property(callAndClaim, received, ({ call, claim }, share) => {
        const receivedMs = at(call, share);
        const judgement = judge(call, claim, receivedMs);
        if (judgement.kind !== 'counts') return;
        assert.ok(claim.tapProgramTimeMs + claim.latencyMs <= receivedMs + LIMITS.clockSlackMs);
        assert.ok(claim.stalled || claim.tapProgramTimeMs >= call.atProgramTimeMs - LIMITS.playheadSlackMs);
        assert.ok(Number.isInteger(judgement.reactionMs) && judgement.reactionMs >= 0);
        // The most that the slack of clocks and playheads lets one claim.
        assert.ok(judgement.reactionMs <= call.windowMs + call.graceMs + 2 * LIMITS.clockSlackMs);
      }),
    );
  });

  it('only how far the times lie apart counts: all of them moved by the same changes nothing', () => {
    const shift = fc.integer({ min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(callAndClaim, received, shift, ({ call, claim }, share, byMs) => {
        const receivedMs = at(call, share);
        const movedCall = { ...call, atProgramTimeMs: call.atProgramTimeMs + byMs };
        const movedClaim = { ...claim, tapProgramTimeMs: claim.tapProgramTimeMs + byMs };
        assert.deepEqual(judge(movedCall, movedClaim, receivedMs + byMs), judge(call, claim, receivedMs));
      }),
    );
  });

  it('how slow her network is changes nothing, as long as the answer comes at all', () => {
    fc.assert(
      fc.property(callAndClaim, received, received, ({ call, claim }, one, other) => {
        const [first, second] = [one, other].map((share) => judge(call, claim, at(call, share)));
        if (first?.kind === 'counts' && second?.kind === 'counts') assert.deepEqual(first, second);
      }),
    );
  });
});

describe('an honest student', () => {
  const student = fc.record({
    latencyMs: fc.integer({ min: 0, max: LIMITS.liveLatencyMs }),
    reactionMs: fc.nat(30_000),
    networkMs: fc.nat(5000),
  });

  it('is present when she taps in her window, however far behind she is', () => {
    fc.assert(
      fc.property(anyCall, student, (call, { latencyMs, reactionMs, networkMs }) => {
        fc.pre(reactionMs <= call.windowMs);
        const [value] = fc.sample(fittingValue(call), 1);
        const tapProgramTimeMs = call.atProgramTimeMs + reactionMs;
        const claim = {
          ...honest(0, 0),
          callId: call.callId,
          value: value ?? null,
          tapProgramTimeMs,
          latencyMs,
        };
        const receivedMs = tapProgramTimeMs + latencyMs + networkMs;
        const want = receivedMs > overMs(call) ? 'call-over' : `present ${reactionMs}`;
        assert.equal(outcome(call, claim, receivedMs), want);
      }),
    );
  });

  it('counts the same 0.6 s and 6 s behind, for the same reaction', () => {
    fc.assert(
      fc.property(fc.nat(40_000), (reactionMs) => {
        const [near, far] = [600, 6000].map((latencyMs) =>
          outcome(CALL, honest(reactionMs + latencyMs, latencyMs), NOW_MS + reactionMs + latencyMs + 50),
        );
        assert.equal(near, far);
      }),
    );
  });
});

describe('the place of an answer among those of its student', () => {
  const may: Call = { ...CALL, kind: 'number', changeable: true };
  for (const { name, call, claim, reactionMs, want } of [
    {
      name: 'is none where the first answer counts',
      call: CALL,
      claim: { sequence: 7 },
      reactionMs: 300,
      want: null,
    },
    { name: 'is what her client says', call: may, claim: { sequence: 7 }, reactionMs: 300, want: 7 },
    {
      name: 'is the time of the tap without that',
      call: may,
      claim: {},
      reactionMs: 300,
      want: NOW_MS + 900,
    },
    {
      name: 'holds to the end of her window',
      call: may,
      claim: { sequence: 7 },
      reactionMs: 20_500,
      want: 7,
    },
    { name: 'is behind all others after it', call: may, claim: { sequence: 7 }, reactionMs: 20_501, want: 0 },
  ]) {
    it(name, () => assert.equal(sequenceOf(call, { ...honest(900, 600), ...claim }, reactionMs), want));
  }

  it('never is that of a late answer while another is in time', () => {
    fc.assert(
      fc.property(callAndClaim, ({ call, claim }) => {
        const judgement = judge(call, claim, overMs(call));
        if (judgement.kind === 'refused') return;
        const sequence = sequenceOf(call, claim, judgement.reactionMs);
        if (call.changeable !== true) assert.equal(sequence, null);
        else if (judgement.status === 'late') assert.equal(sequence, 0);
        else if (judgement.status === 'present') assert.ok(sequence !== null && sequence >= 1);
      }),
    );
  });
});
