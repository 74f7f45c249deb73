import { deepEqual, equal } from 'node:assert/strict';
import { AnswerIntake, LOOKUPS_MAX } from '../../../rollcall/gateway/answer-intake.ts';
import type { Identity } from '../../../rollcall/gateway/identity.ts';
import { FileLedger } from '../../../rollcall/ledger/file/file-ledger.ts';
import { LedgerError, unavailable } from '../../../rollcall/ledger/ledger.ts';
import type { Claim } from '../../../rollcall/protocol/answer.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';
import type { AckFrame, RefusedFrame } from '../../../rollcall/protocol/frames.ts';
import { RosterIndex } from '../../../rollcall/roster/roster-index.ts';
import { silentLogger as logger } from '../../../shared/logger.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { makeCall, NOW_MS } from '../ledger/ledger.contract.ts';

const CALL = makeCall({ atProgramTimeMs: NOW_MS, windowMs: 20_000, graceMs: 30_000 });
const OVER_MS = NOW_MS + CALL.windowMs + CALL.graceMs + 1;
const LI: Identity = { sub: 'li', name: 'Li', role: 'student', expMs: Number.POSITIVE_INFINITY };
const CLAIM: Claim = {
  ...{ callId: CALL.callId, answerId: 'answer-1', value: 0 },
  ...{ tapProgramTimeMs: NOW_MS + 500, latencyMs: 100, stalled: false },
};

describe('the intake of answers', () => {
  let dir: TempDir;
  let ledger: FileLedger;
  let intake: AnswerIntake;
  let nowMs = NOW_MS;

  beforeEach(async () => {
    dir = makeTempDir();
    nowMs = NOW_MS + 1000;
    ledger = await FileLedger.open({ dataDir: dir.path, keepDays: 1, nowMs: () => nowMs, logger });
    await ledger.openCall(CALL, nowMs);
    intake = new AnswerIntake(ledger, { acknowledged: () => {} }, () => nowMs, logger);
  });
  afterEach(async () => {
    await ledger.close();
    dir.remove();
  });
  const take = (claim: Partial<Claim> = {}, identity = LI): Promise<AckFrame | RefusedFrame> =>
    new Promise((done) => {
      const context = { call: CALL, roster: new RosterIndex([]) };
      intake.take(CALL.channel, context, identity, { ...CLAIM, ...claim }, done);
    });

  it('gives a retry the same ack when the call is long over', async () => {
    const ack = await take();
    equal(ack.type === 'ack' && ack.status, 'present');
    nowMs = OVER_MS;
    deepEqual(await take(), ack);
  });

  it('tells who comes with another answer after the end that hers stands', async () => {
    const ack = await take();
    nowMs = OVER_MS;
    deepEqual(await take({ answerId: 'answer-2' }), { ...ack, answerId: 'answer-2', duplicate: true });
  });

  it('refuses who comes after the end for the first time, whoever else has answered', async () => {
    await take();
    nowMs = OVER_MS;
    const reply = await take({ answerId: 'answer-2' }, { ...LI, sub: 'han' });
    deepEqual(reply.type === 'refused' && reply.code, 'call-over');
  });

  it('has a retry come again while it cannot be seen whether the answer stands', async () => {
    await take();
    nowMs = OVER_MS;
    ledger.answersOf = async () => {
      throw unavailable('away');
    };
    const reply = await take();
    deepEqual(reply.type === 'refused' && [reply.code, reply.retryAfterMs], ['ledger-unavailable', 2000]);
  });

  it('looks up a bounded number of answers at the same time', async () => {
    nowMs = OVER_MS;
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    ledger.answersOf = async () => {
      await held;
      return [null];
    };
    const many = Array.from({ length: LOOKUPS_MAX }, () => take());
    const reply = await take();
    deepEqual(reply.type === 'refused' && [reply.code, reply.retryAfterMs], ['ledger-unavailable', 2000]);
    letGo();
    for (const { type } of await Promise.all(many)) equal(type, 'refused');
    const after = await take();
    equal(after.type === 'refused' && after.code, 'call-over');
  });

  it('says why an answer cannot be kept, as the ledger does', async () => {
    ledger.record = async () => {
      throw new LedgerError('no flush', { code: 'ledger-not-durable', status: 503 });
    };
    const reply = await take();
    deepEqual(reply.type === 'refused' && [reply.code, reply.retryAfterMs], ['ledger-not-durable', 2000]);
  });

  it('tells all others of a batch what became of their answers when one reply throws', async () => {
    const told: string[] = [];
    const context = { call: CALL, roster: new RosterIndex([]) };
    for (const sub of ['a', 'b', 'c']) {
      const claim = { ...CLAIM, answerId: `answer-${sub}` };
      intake.take(CALL.channel, context, { ...LI, sub }, claim, (reply) => {
        told.push(`${sub} ${reply.type}`);
        if (sub === 'b') throw new Error('a fault of ours');
      });
    }
    await intake.idle();
    deepEqual(told, ['a ack', 'b ack', 'c ack']);
    equal((await take({ answerId: 'answer-b' }, { ...LI, sub: 'b' })).type, 'ack', 'and it is durable');
  });

  it('replies once to a retry whose reply throws, and goes on', async () => {
    await take();
    nowMs = OVER_MS;
    let told = 0;
    intake.take(CALL.channel, { call: CALL, roster: new RosterIndex([]) }, LI, CLAIM, () => {
      told++;
      throw new Error('a fault of ours');
    });
    await intake.idle();
    equal(told, 1);
    equal((await take()).type, 'ack');
  });

  it('is idle when all that it was given is answered, and not before', async () => {
    const told: string[] = [];
    void take().then(({ type }) => told.push(type));
    await intake.idle();
    deepEqual(told, ['ack']);
    nowMs = OVER_MS;
    void take().then(({ type }) => told.push(type));
    await intake.idle();
    deepEqual(told, ['ack', 'ack']);
    await intake.idle();
  });

  describe('of a call whose answers may be changed', () => {
    const call = { ...CALL, changeable: true } as const;
    const change = (n: number, claim: Partial<Claim> = {}): Promise<AckFrame | RefusedFrame> =>
      new Promise((done) => {
        const given = { ...CLAIM, answerId: `change-no-${n}`, sequence: n, ...claim };
        intake.take(CALL.channel, { call, roster: new RosterIndex([]) }, LI, given, done);
      });
    const told = (reply: AckFrame | RefusedFrame): unknown =>
      reply.type === 'ack' ? [reply.status, reply.duplicate, reply.counted] : reply.code;

    it('says of each which one counts', async () => {
      deepEqual(told(await change(1)), ['present', false, { value: 0, sequence: 1 }]);
      deepEqual(told(await change(3, { value: 1 })), ['present', false, { value: 1, sequence: 3 }]);
      deepEqual(told(await change(2)), ['present', true, { value: 1, sequence: 3 }], 'out of order');
      deepEqual(told(await change(1)), ['present', true, { value: 1, sequence: 3 }], 'a retry of the first');
      deepEqual(told(await change(3, { value: 1 })), ['present', false, { value: 1, sequence: 3 }]);
    });

    it('takes no change after her window, nor after the call', async () => {
      await change(1);
      const afterWindow = { tapProgramTimeMs: NOW_MS + 21_000, value: 1 };
      nowMs = NOW_MS + 22_000;
      deepEqual(told(await change(2, afterWindow)), ['present', true, { value: 0, sequence: 1 }]);
      nowMs = OVER_MS;
      deepEqual(told(await change(3, { value: 1 })), ['present', true, { value: 0, sequence: 1 }]);
    });

    it('takes a change in time that a slow line delivers in the grace', async () => {
      await change(1);
      nowMs = NOW_MS + 45_000;
      deepEqual(told(await change(2, { value: 1 })), ['present', false, { value: 1, sequence: 2 }]);
    });

    it('refuses more changes than there may be, for good', async () => {
      for (let n = 1; n <= LIMITS.changesMax + 1; n++) equal((await change(n)).type, 'ack');
      const refused = await change(99, { value: 1 });
      deepEqual(refused.type === 'refused' && [refused.code, refused.retryAfterMs], [
        'too-many-changes',
        undefined,
      ]);
      deepEqual(told(await change(LIMITS.changesMax + 1)), [
        ...['present', false],
        { value: 0, sequence: LIMITS.changesMax + 1 },
      ]);
    });
  });

  it('lets no answer be changed where the teacher did not allow it', async () => {
    const first = await take();
    const second = await take({ answerId: 'answer-2', value: 1, sequence: 99 });
    deepEqual(second, { ...first, answerId: 'answer-2', duplicate: true });
  });
});
