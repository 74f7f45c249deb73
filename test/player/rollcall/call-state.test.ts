import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import {
  callStateAfter,
  type CallState,
  type CallEvent,
  EMPTY_CALL_STATE,
} from '../../../player/rollcall/call-state.ts';
import { callStateView } from '../../../player/rollcall/call-view.ts';
import { WatchMeter } from '../../../player/rollcall/watch-meter.ts';
import { overMs } from '../../../rollcall/protocol/call.ts';
import type { CallFrame, ServerFrame } from '../../../rollcall/protocol/frames.ts';

const AT_MS = 1_581_899_400_000;
const CALL: CallFrame = {
  ...{ type: 'call', callId: 'k1', kind: 'presence', prompt: 'Who is here?' },
  ...{ atProgramTimeMs: AT_MS, windowMs: 20_000, graceMs: 30_000 },
};
const frame = (sent: ServerFrame): CallEvent => ({ kind: 'frame', frame: sent });
const at = (serverMs: number, playheadMs: number | null, stillMs = 0): CallEvent => ({
  kind: 'moment',
  moment: {
    serverMs: AT_MS + serverMs,
    playheadMs: playheadMs === null ? null : AT_MS + playheadMs,
    stillMs,
  },
});
const tapped: CallEvent = { kind: 'tapped', callId: 'k1', answerId: 'answer-1' };
const ack = frame({ type: 'ack', callId: 'k1', answerId: 'answer-1', status: 'present', duplicate: false });
const welcome = (more: object = {}): CallEvent =>
  frame({ type: 'welcome', serverTimeMs: AT_MS, sub: 'li', name: 'li', role: 'student', ...more });
const refused = (code: string, more: object = {}): CallEvent =>
  frame({ type: 'refused', code, reason: code, answerId: 'answer-1', ...more });
const after = (...events: readonly CallEvent[]): CallState => events.reduce(callStateAfter, EMPTY_CALL_STATE);
/** A call that is opened while the first one is in its grace, and a moment before she hears it. */
const NEXT: CallFrame = { ...CALL, callId: 'k2', prompt: '3 × 4?', atProgramTimeMs: AT_MS + 25_000 };
const LATER = at(24_000, 23_000);
const kindAfter = (...events: readonly CallEvent[]): string => callStateView(after(...events)).kind;

describe('the calls of a student', () => {
  for (const { name, events, want } of [
    { name: 'asks nothing before her playhead is there', events: [frame(CALL), at(500, -100)], want: 'none' },
    {
      name: 'says nothing about a call that was over before she heard it',
      events: [frame(CALL), at(overMs(CALL) - AT_MS + 1000, 60_000)],
      want: 'none',
    },
    { name: 'asks when her playhead is there', events: [frame(CALL), at(600, 0)], want: 'asking' },
    {
      name: 'asks who is 6 s behind 6 s later',
      events: [frame(CALL), at(5900, -100), at(6000, 0)],
      want: 'asking',
    },
    {
      name: 'does not ask who is 6 s behind after five, while her picture moves',
      events: [frame(CALL), at(5500, -500)],
      want: 'none',
    },
    {
      name: 'asks after 5 s whose picture stands still',
      events: [frame(CALL), at(5000, -800, 5000)],
      want: 'asking',
    },
    {
      name: 'does not ask who is 25 s behind after five, though her picture hitches',
      events: [frame(CALL), at(9000, -16_000, 2000)],
      want: 'none',
    },
    {
      name: 'says for a while that a tap has not got through, when the call is over',
      events: [frame(CALL), at(600, 0), tapped, at(50_001, 49_400)],
      want: 'unsent',
    },
    {
      name: 'does not lie over the picture for ever while the server is away',
      events: [frame(CALL), at(600, 0), tapped, at(56_001, 55_400)],
      want: 'none',
    },
    {
      name: 'says that it is there when it gets through after that',
      events: [frame(CALL), at(600, 0), tapped, at(90_000, 89_400), ack],
      want: 'confirmed',
    },
    { name: 'asks after 5 s who has no picture', events: [frame(CALL), at(5000, null)], want: 'asking' },
    { name: 'does not ask her before that', events: [frame(CALL), at(4900, null)], want: 'none' },
    { name: 'asks a latecomer', events: [at(8000, 7000), welcome({ call: CALL })], want: 'asking' },
    {
      name: 'does not ask who has answered on another device',
      events: [at(8000, 7000), welcome({ call: CALL, answered: { callId: 'k1', status: 'present' } })],
      want: 'none',
    },
    { name: 'says that it is sending', events: [frame(CALL), at(600, 0), tapped], want: 'sending' },
    { name: 'says so only after the ack', events: [frame(CALL), at(600, 0), tapped, ack], want: 'confirmed' },
    {
      name: 'says it no longer a while later',
      events: [frame(CALL), at(600, 0), tapped, ack, at(7000, 6400)],
      want: 'none',
    },
    {
      name: 'goes on sending when it may be sent again',
      events: [frame(CALL), at(600, 0), tapped, refused('ledger-unavailable', { retryAfterMs: 2000 })],
      want: 'sending',
    },
    {
      name: 'says when it was refused for good',
      events: [frame(CALL), at(600, 0), tapped, refused('call-over')],
      want: 'refused',
    },
    {
      name: 'asks again who was early by a hair',
      events: [frame(CALL), at(600, 0), tapped, refused('too-early')],
      want: 'asking',
    },
    { name: 'lets her answer late', events: [frame(CALL), at(600, 0), at(21_000, 20_500)], want: 'asking' },
    {
      name: 'says that she missed it',
      events: [frame(CALL), at(600, 0), at(50_100, 49_500)],
      want: 'missed',
    },
    {
      name: 'says nothing to who heard it when it was over',
      events: [frame(CALL), at(60_000, 0)],
      want: 'none',
    },
    {
      name: 'asks the next call',
      events: [frame(CALL), at(600, 0), tapped, ack, frame({ ...CALL, callId: 'k2' })],
      want: 'asking',
    },
    {
      name: 'asks again whose value does not fit',
      events: [frame(CALL), at(600, 0), tapped, refused('bad-answer')],
      want: 'asking',
    },
    {
      name: 'heeds no refusal of another answer',
      events: [frame(CALL), at(600, 0), tapped, refused('call-over', { answerId: 'answer-9' })],
      want: 'sending',
    },
    {
      name: 'does not ask again when the window of what she answered changes, and another call came between',
      events: [
        frame(CALL),
        at(600, 0),
        tapped,
        ack,
        frame(NEXT),
        frame({ ...CALL, windowMs: 90_000 }),
        LATER,
      ],
      want: 'none',
    },
    {
      name: 'does not ask after a reload whose kept tap was acknowledged before the welcome',
      events: [ack, at(9000, 8000), welcome({ call: CALL }), LATER],
      want: 'none',
    },
    {
      name: 'forgets no ack when a tap of an earlier page is sent once more',
      events: [frame(CALL), at(600, 0), tapped, ack, tapped, refused('too-early')],
      want: 'confirmed',
    },
  ]) {
    it(name, () => {
      equal(kindAfter(...events), want);
    });
  }

  it('counts her time by her own playhead, and by the clock when that stands still', () => {
    const left = (...events: readonly CallEvent[]): number => {
      const view = callStateView(after(...events));
      return view.kind === 'asking' ? view.leftMs : -1;
    };
    equal(left(frame(CALL), at(6000, 0)), 20_000);
    equal(left(frame(CALL), at(6000, 0), at(11_000, 5000)), 15_000);
    equal(left(frame(CALL), at(5000, null), at(8000, null)), 17_000);
    equal(
      left(frame(CALL), at(600, 0), frame({ type: 'closed', callId: 'k1', atProgramTimeMs: AT_MS + 4000 })),
      4000,
    );
    equal(left(frame(CALL), at(600, 0), frame({ ...CALL, windowMs: 35_000 })), 35_000);
  });

  it('gives her whole time to who was asked while her picture stood still, when it moves on and comes to the call', () => {
    const asked = [frame(CALL), at(6000, -2000, 6000)];
    const before = callStateView(after(...asked));
    ok(before.kind === 'asking' && before.stalled);
    const then = callStateView(after(...asked, at(7000, -1900)));
    ok(then.kind === 'asking' && !then.stalled);
    equal(then.leftMs, 20_000);
    const jumped = callStateView(after(...asked, at(7000, 6400)));
    ok(jumped.kind === 'asking' && jumped.stalled, 'who jumps to live keeps what she was given');
  });

  it('says so where another answer of hers was first', () => {
    const isOther = (duplicate: boolean): boolean => {
      const reply = {
        type: 'ack',
        callId: 'k1',
        answerId: 'answer-1',
        status: 'present',
        duplicate,
      } as const;
      const view = callStateView(after(frame(CALL), at(600, 0), tapped, frame(reply)));
      return view.kind === 'confirmed' && view.isOther;
    };
    deepEqual([isOther(true), isOther(false)], [true, false]);
  });

  it('asks who is far behind both calls, each at its time, though the next is open before she hears the first', () => {
    const askedOf = (...events: readonly CallEvent[]): string => {
      const view = callStateView(after(...events));
      return view.kind === 'none' ? '' : `${view.kind} ${view.call.callId}`;
    };
    const behind = [frame(CALL), at(10_000, -18_000), frame(NEXT), at(28_500, 0)];
    equal(askedOf(...behind), 'asking k1');
    equal(askedOf(...behind, tapped, at(29_000, 500)), 'sending k1');
    equal(askedOf(...behind, at(53_500, 25_000)), 'asking k2');
    // What she has not answered waits until the newer one is done with, and can still be answered late.
    const answered = [
      ...([at(48_000, 26_000), { kind: 'tapped', callId: 'k2', answerId: 'answer-2' }] as const),
      frame({ type: 'ack', callId: 'k2', answerId: 'answer-2', status: 'present', duplicate: false }),
    ];
    const before = [frame(CALL), frame(NEXT), at(30_000, 0)];
    equal(askedOf(...before, ...answered), 'confirmed k2');
    equal(askedOf(...before, ...answered, at(49_900, 49_000)), 'confirmed k2');
    equal(
      askedOf(...before, frame({ ...CALL, graceMs: 60_000 }), ...answered, at(55_000, 54_000)),
      'asking k1',
    );
  });

  it('says whose answer was not taken that she may try once more', () => {
    const view = callStateView(after(frame(CALL), at(600, 0), tapped, refused('bad-claim')));
    ok(view.kind === 'asking' && view.isAgain);
  });

  it('never asks again after an ack, and never loses a tap, whatever comes in whatever order', () => {
    const any = fc.oneof(
      fc.constant(frame(CALL)),
      fc.constant(welcome({ call: CALL })),
      fc.constant(welcome()),
      fc.constant(frame({ type: 'closed', callId: 'k1', atProgramTimeMs: AT_MS + 9000 })),
      fc.constant(refused('ledger-unavailable', { retryAfterMs: 1 })),
      fc.constant(frame({ ...CALL, windowMs: 60_000 })),
      fc.constant(tapped),
      fc
        .tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: -5000, max: 40_000 }))
        .map(([server, head]) => at(server, head)),
    );
    fc.assert(
      fc.property(fc.array(any), fc.array(any), (before, later) => {
        const sending = after(frame(CALL), at(600, 0), tapped, ...before);
        ok(['sending', 'unsent'].includes(callStateView(sending).kind));
        const others = [refused('call-over'), refused('too-early'), ...later, tapped, frame(CALL)];
        const confirmed = [ack, ...later, ...others].reduce(callStateAfter, sending);
        ok(['confirmed', 'none'].includes(callStateView(confirmed).kind));
      }),
    );
  });
});

describe('watched minutes', () => {
  /** Plays from one second of program time to another, looking every so many seconds of the clock. */
  const play = (meter: WatchMeter, fromS: number, toS: number, stepS = 0.25, speed = 1): number[] => {
    const told: number[] = [];
    for (let s = fromS; s <= toS; s += stepS) {
      clockS += stepS / speed;
      told.push(...meter.update(s * 1000, clockS * 1000));
    }
    meter.update(null, clockS * 1000);
    return told;
  };
  let clockS = 0;

  it('are told once, when half of one was played', () => {
    deepEqual(play(new WatchMeter(), 0, 29), []);
    deepEqual(play(new WatchMeter(), 0, 59.5), [0]);
    deepEqual(play(new WatchMeter(), 20, 200), [0, 1, 2]);
    const meter = new WatchMeter();
    deepEqual([...play(meter, 0, 80), ...play(meter, 0, 80)], [0]);
  });

  it('are as many however often the page is let look, and however fast it plays', () => {
    for (const [stepS, speed] of [
      [0.1, 1],
      [1, 1],
      [60, 1],
      [0.2, 2],
      [1, 2],
    ] as const) {
      deepEqual(play(new WatchMeter(), 0, 240, stepS, speed), [0, 1, 2, 3], `every ${stepS} s`);
    }
  });

  it('add up from pieces, and what is played twice counts once', () => {
    const meter = new WatchMeter();
    deepEqual([...play(meter, 0, 20), ...play(meter, 0, 20), ...play(meter, 0, 20)], []);
    deepEqual(play(meter, 40, 51), [0]);
  });

  it('are not made by jumps, nor by standing still, nor by sleeping', () => {
    const meter = new WatchMeter();
    for (let i = 0; i <= 120; i++) deepEqual(meter.update(i * 5000, i * 250), []);
    for (let i = 0; i < 1000; i++) deepEqual(meter.update(600_000, 30_000 + i * 250), []);
    deepEqual(meter.update(1_200_000, 280_000 + 600_000), []);
    deepEqual(meter.update(null, 900_000), []);
  });
});
