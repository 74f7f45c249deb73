import { deepEqual, equal, ok } from 'node:assert/strict';
import { readPendingAnswer } from '../../../player/rollcall/indexed-answers.ts';
import { type AnswerStore, Outbox } from '../../../player/rollcall/outbox.ts';
import type { AnswerFrame } from '../../../rollcall/protocol/frames.ts';
import { makeStore } from './rollcall-world.ts';

describe('answers on their way', () => {
  const answer = (answerId: string): AnswerFrame => ({
    ...{ type: 'answer', callId: 'k1', answerId, tapProgramTimeMs: 5, latencyMs: 600 },
  });

  it('are kept before they may be sent, are there after a reload, and go with their ack', async () => {
    const store = makeStore();
    const outbox = new Outbox('hall-7', store);
    await outbox.add(answer('answer-1'), 'li', 1000);
    ok(store.kept.has('answer-1'));
    const reloaded = new Outbox('hall-7', store);
    await reloaded.load(2000);
    deepEqual(
      reloaded.pending.map(({ frame }) => frame),
      [answer('answer-1')],
    );
    await reloaded.remove('answer-1');
    deepEqual([reloaded.pending.length, store.kept.size], [0, 0]);
  });

  it('of another channel are left, and old ones go', async () => {
    const store = makeStore();
    await new Outbox('hall-8', store).add(answer('answer-8'), 'li', 9_000_000);
    await new Outbox('hall-7', store).add(answer('answer-7'), 'li', 1000);
    const outbox = new Outbox('hall-7', store);
    await outbox.load(9_000_000);
    deepEqual([outbox.pending.length, [...store.kept.keys()]], [0, ['answer-8']]);
  });

  it('are kept for as long as the page lives where the browser keeps nothing', async () => {
    const failing: AnswerStore = {
      put: () => Promise.reject(new Error('full')),
      remove: () => Promise.reject(new Error('gone')),
      all: () => Promise.reject(new Error('gone')),
    };
    for (const store of [null, failing]) {
      const outbox = new Outbox('hall-7', store);
      await outbox.load(0);
      await outbox.add(answer('answer-1'), 'li', 0);
      equal(outbox.pending.length, 1);
      await outbox.remove('answer-1');
      equal(outbox.pending.length, 0);
    }
  });

  it('that another version has kept are read, or left out', () => {
    const kept = {
      channel: 'hall-7',
      owner: 'li',
      tappedMs: 1,
      frame: { ...answer('answer-1'), value: 2, stalled: true },
    };
    deepEqual(readPendingAnswer(kept), kept);
    for (const bad of [
      null,
      {},
      { ...kept, frame: null },
      { ...kept, frame: { ...kept.frame, callId: '' } },
    ]) {
      equal(readPendingAnswer(bad), null);
    }
  });
});
