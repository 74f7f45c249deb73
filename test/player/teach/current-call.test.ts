import { deepEqual, equal } from 'node:assert/strict';
import { CurrentCall } from '../../../player/teach/current-call.ts';
import type { CallFrame, TallyFrame } from '../../../rollcall/protocol/frames.ts';

const call = (callId: string, atProgramTimeMs: number): CallFrame => ({
  ...{ type: 'call', callId, kind: 'presence', prompt: 'Who is here?', atProgramTimeMs },
  ...{ windowMs: 20_000, graceMs: 10_000 },
});
const tally = (callId: string, subs: readonly string[]): TallyFrame => ({
  ...{ type: 'tally', callId, present: subs.length, late: 0, absent: 0, replay: 0, total: 3, connected: 3 },
  ...{ strangers: 0, values: [], reactionP50Ms: null, reactionP90Ms: null },
  changed: subs.map((sub) => ({ sub, name: sub, status: 'present', value: null, reactionMs: 1000 })),
});

describe('the current call of a teacher', () => {
  it('goes from open to grace to over by the time of the server, and reports the end once', () => {
    const current = new CurrentCall();
    current.handle(call('k1', 0));
    const at = (serverMs: number) => {
      current.setServerTime(serverMs);
      return [current.tick(), current.phase.value];
    };
    deepEqual([0, 19_000, 21_000, 29_000, 31_000, 32_000].map(at), [
      [false, 'open'],
      [false, 'open'],
      [false, 'grace'],
      [false, 'grace'],
      [true, 'over'],
      [false, 'over'],
    ]);
  });

  it('is shortened by the frame that closes it', () => {
    const current = new CurrentCall();
    current.handle(call('k1', 1000));
    current.handle({ type: 'closed', callId: 'k1', atProgramTimeMs: 6000 });
    equal(current.call.value?.windowMs, 5000);
    current.handle({ type: 'closed', callId: 'another', atProgramTimeMs: 1000 });
    equal(current.call.value?.windowMs, 5000);
  });

  it('lists who has changed her answer at the top, with the new one, and who is told of again where she was', () => {
    const current = new CurrentCall();
    current.handle(call('k1', 0));
    const told = (sub: string, value: string, reactionMs: number) => ({
      ...tally('k1', []),
      changed: [{ sub, name: sub, status: 'present' as const, value, reactionMs }],
    });
    for (const frame of [told('li', 'a', 1), told('han', 'b', 2), told('li', 'c', 3), told('han', 'b', 2)]) {
      current.handle(frame);
    }
    deepEqual(
      current.newest.value.map(({ sub, value }) => `${sub} ${value}`),
      ['li c', 'han b'],
    );
  });

  it('lists each student who answered once, newest first, and starts anew with the next call', () => {
    const current = new CurrentCall();
    current.handle(call('k1', 0));
    current.handle(tally('k1', ['li', 'han']));
    current.handle(tally('k1', ['li', 'lucy']));
    deepEqual(
      current.newest.value.map(({ sub }) => sub),
      ['lucy', 'han', 'li'],
    );
    current.handle(tally('k2', ['jim']));
    equal(current.tally.value?.callId, 'k1');
    current.handle(call('k2', 60_000));
    deepEqual([current.newest.value.length, current.tally.value], [0, null]);
  });
});
