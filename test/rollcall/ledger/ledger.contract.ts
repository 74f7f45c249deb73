import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { Answer, StoredCall, Ledger, Watcher } from '../../../rollcall/ledger/ledger.ts';
import { waitFor } from '../../support/wait-for.ts';
import { listedOf } from '../support/listed-answers.ts';

/** What the contract is tried on. */
export type LedgerPlace = {
  /** Opens a ledger on the place; where several may share it, another gateway. */
  open(): Promise<Ledger>;
  /** Whether several gateways may have it open at once. */
  readonly isShared: boolean;
  remove(): Promise<void>;
};

/** A time at which tests make their calls: now, since what is too old is not kept. */
export const NOW_MS = Math.floor(Date.now() / 1000) * 1000;

let made = 0;

/** Makes a call of a channel of its own. */
export function makeCall(change: Partial<StoredCall> = {}): StoredCall {
  made++;
  return {
    ...{
      callId: `call${made}`,
      channel: `hall-${made}`,
      kind: 'choice',
      prompt: '3 × 4?',
      choices: ['7', '12'],
    },
    ...{ atProgramTimeMs: NOW_MS, windowMs: 20_000, graceMs: 30_000, openedBy: 't', broadcast: null },
    settled: false,
    ...change,
  };
}

/** Makes an answer to a call. */
export function makeAnswer(call: StoredCall, sub: string, change: Partial<Answer> = {}): Answer {
  return {
    ...{ callId: call.callId, channel: call.channel, sub, name: `${sub} 同学`, rosterId: null },
    ...{ answerId: `answer-${call.callId}-${sub}`, value: 1, status: 'present', reactionMs: 1234 },
    ...{ tapProgramTimeMs: NOW_MS + 1234, latencyMs: 600, stalled: false, receivedMs: NOW_MS + 1900 },
    ...change,
  };
}

/**
 * What every ledger keeps to.
 *
 * @param makePlace makes an empty place
 */
export function ledgerContract(name: string, makePlace: () => Promise<LedgerPlace>): void {
  describe(name, function () {
    this.timeout(60_000);
    let place: LedgerPlace;
    let ledger: Ledger;
    let other: Ledger;
    before(async () => {
      place = await makePlace();
      ledger = await place.open();
      // Two gateways, where there may be two.
      other = place.isShared ? await place.open() : ledger;
    });
    after(async () => {
      await ledger.close();
      if (other !== ledger) await other.close();
      await place.remove();
    });
    const opened = async (change: Partial<StoredCall> = {}): Promise<StoredCall> => {
      const call = makeCall(change);
      equal((await ledger.openCall(call, call.atProgramTimeMs)).kind, 'opened');
      return call;
    };

    it('opens one call of a channel at a time, and tells which one is in the way', async () => {
      const first = await opened();
      const second = { ...makeCall(), channel: first.channel, atProgramTimeMs: NOW_MS + 5000 };
      deepEqual(await other.openCall(second, NOW_MS + 5000), { kind: 'busy', call: first });
      equal((await other.openCall(second, NOW_MS + 20_001)).kind, 'opened');
      const ids = await waitFor('both', async () => {
        const calls = await ledger.calls(first.channel);
        return calls.length === 2 ? calls.map(({ callId }) => callId) : null;
      });
      deepEqual(ids, [first.callId, second.callId]);
    });

    it('of two that open a call at once lets one do it', async () => {
      const call = makeCall();
      const rival = { ...makeCall(), channel: call.channel };
      const kinds = await Promise.all([ledger.openCall(call, NOW_MS), other.openCall(rival, NOW_MS)]);
      deepEqual(kinds.map(({ kind }) => kind).sort(), ['busy', 'opened']);
    });

    it('has what it has opened and changed among its calls at once, whatever was asked before', async () => {
      const call = makeCall();
      const before = ledger.calls(call.channel);
      await ledger.openCall(call, NOW_MS);
      deepEqual(await ledger.calls(call.channel), [call]);
      const between = ledger.calls(call.channel);
      await ledger.changeCall(call.channel, call.callId, () => ({ windowMs: 5000 }));
      deepEqual(await ledger.calls(call.channel), [{ ...call, windowMs: 5000 }]);
      await Promise.all([before, between]);
    });

    it('changes a call, for all gateways', async () => {
      const call = await opened();
      const broadcast = { id: 'b-1', startMs: NOW_MS - 1000 };
      await other.changeCall(call.channel, call.callId, () => ({ broadcast }));
      const changed = await ledger.changeCall(call.channel, call.callId, () => ({ windowMs: 5000 }));
      deepEqual(changed, { ...call, broadcast, windowMs: 5000 });
      await waitFor('the change', async () => (await other.calls(call.channel))[0]?.windowMs === 5000);
      equal(await ledger.changeCall(call.channel, 'nothing', () => ({ windowMs: 1 })), null);
    });

    it('changes a call by what it is at that moment: none is extended beside one that is opened', async () => {
      for (let i = 0; i < 5; i++) {
        const call = await opened({ windowMs: 3000 });
        const rival = { ...makeCall(), channel: call.channel };
        const [open, extended] = await Promise.all([
          ledger.openCall(rival, NOW_MS + 5000),
          other.changeCall(call.channel, call.callId, (_call, isNewest) =>
            isNewest ? { windowMs: 60_000 } : null,
          ),
        ]);
        equal(open.kind === 'opened', extended === null);
      }
    });

    it('leaves a call that is not to be changed', async () => {
      const call = await opened();
      equal(await ledger.changeCall(call.channel, call.callId, () => null), null);
      deepEqual(await ledger.calls(call.channel), [call]);
    });

    it('has no call in the way that was ended, though the clock was set back since', async () => {
      const call = await opened({ atProgramTimeMs: NOW_MS + 600_000 });
      await ledger.changeCall(call.channel, call.callId, () => ({ windowMs: 0 }));
      const next = { ...makeCall(), channel: call.channel };
      equal((await ledger.openCall(next, NOW_MS)).kind, 'opened');
      equal((await ledger.calls(call.channel)).at(-1)?.callId, next.callId, 'and is the newest');
    });

    it('lets the first answer of a student stand, gives a retry the same, and says what is a duplicate', async () => {
      const call = await opened();
      const answer = makeAnswer(call, 'li');
      deepEqual(await ledger.record([answer]), [{ kind: 'stands', answer }]);
      deepEqual(await other.record([answer]), [{ kind: 'stands', answer }]);
      const second = makeAnswer(call, 'li', { answerId: 'another-one', value: 0 });
      deepEqual(await other.record([second]), [{ kind: 'duplicate', answer }]);
      deepEqual(await ledger.answersOf(call.channel, call.callId, ['li', 'han']), [answer, null]);
    });

    it('refuses an answerId that somebody else has sent', async () => {
      const call = await opened();
      await ledger.record([makeAnswer(call, 'li', { answerId: 'the-same-id' })]);
      deepEqual(await other.record([makeAnswer(call, 'han', { answerId: 'the-same-id' })]), [
        { kind: 'id-taken' },
      ]);
      // In one batch as well.
      const batch = ['a', 'b'].map((sub) => makeAnswer(call, sub, { answerId: 'twice-in-one' }));
      deepEqual(
        (await ledger.record(batch)).map(({ kind }) => kind),
        ['stands', 'id-taken'],
      );
    });

    it('of a thousand answers of one student at once lets one stand', async () => {
      const call = await opened();
      const tries = Array.from({ length: 1000 }, (_, i) =>
        makeAnswer(call, 'li', { answerId: `try-number-${i}` }),
      );
      const recorded = await Promise.all(
        tries.map((answer, i) => (i % 2 === 0 ? ledger : other).record([answer])),
      );
      const standing = new Set(
        recorded.flatMap(([one]) =>
          one === undefined || one.kind === 'id-taken' ? [] : [one.answer.answerId],
        ),
      );
      equal(standing.size, 1);
      equal(recorded.filter(([one]) => one?.kind === 'stands').length, 1);
      equal((await ledger.counts(call.channel, call.callId)).present, 1);
    });

    it('counts as a plain model does', async () => {
      const student = fc.record({
        sub: fc.constantFrom(...Array.from({ length: 12 }, (_, i) => `s${i}`)),
        status: fc.constantFrom('present' as const, 'late' as const, 'replay' as const),
        value: fc.constantFrom(0, 1, 2.5, null),
        // Some of them are sent by two students.
        answerId: fc.integer({ min: 0, max: 20 }).map((i) => `answer-id-${i}`),
        reactionMs: fc.integer({ min: 0, max: 90_000 }),
        rosterId: fc.constantFrom('s1', 's2', 'r3', null),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(student, { maxLength: 30 }), async (students) => {
          const call = await opened();
          const answers = students.map((one) => makeAnswer(call, one.sub, one));
          for (let from = 0; from < answers.length; from += 7) {
            await (from % 2 === 0 ? ledger : other).record(answers.slice(from, from + 7));
          }
          const first: Answer[] = [];
          for (const answer of answers) {
            const isNew = first.every(
              ({ sub, answerId }) => sub !== answer.sub && answerId !== answer.answerId,
            );
            if (isNew) first.push(answer);
          }
          const counts = await other.counts(call.channel, call.callId);
          const of = (status: string): number => first.filter((answer) => answer.status === status).length;
          deepEqual([counts.present, counts.late, counts.replay], [of('present'), of('late'), of('replay')]);
          const { size, ...listed } = listedOf(first);
          deepEqual([counts.listed, counts.onRoster], [listed, size]);
          const heard = first.filter(({ status }) => status !== 'replay');
          for (const value of [0, 1, 2.5]) {
            const want = heard.filter((answer) => answer.value === value).length;
            equal(counts.values.get(value) ?? 0, want);
          }
          equal(
            counts.reactions.reduce((sum, count) => sum + count, 0),
            heard.length,
          );
          const all: Answer[] = [];
          for await (const answer of ledger.answers(call.channel, call.callId)) all.push(answer);
          const bySub = (a: Answer, b: Answer): number => (a.sub < b.sub ? -1 : 1);
          deepEqual(all.sort(bySub), first.sort(bySub));
        }),
        { numRuns: 30 },
      );
    });

    it('counts two hundred values of a call, and those on', async () => {
      const call = await opened({ kind: 'number', choices: [] });
      const answers = Array.from({ length: 250 }, (_, value) => makeAnswer(call, `s${value}`, { value }));
      await ledger.record(answers.slice(0, 150));
      await other.record(answers.slice(150));
      await ledger.record([0, 249].map((value) => makeAnswer(call, `again${value}`, { value })));
      const { present, values } = await other.counts(call.channel, call.callId);
      const some = [0, 199, 249].map((value) => values.get(value) ?? 0);
      deepEqual([present, values.size, ...some], [252, 200, 2, 1, 0]);
    });

    it('has nothing of a call that nobody has answered', async () => {
      const { channel, callId } = await opened();
      deepEqual(await ledger.record([]), []);
      const { reactions, values, ...counts } = await ledger.counts(channel, callId);
      deepEqual(Object.values({ ...counts, listed: 0 }), [0, 0, 0, 0, 0, 0]);
      deepEqual([values.size, reactions.length, reactions.every((count) => count === 0)], [0, 601, true]);
      deepEqual(await ledger.answersOf(channel, callId, []), []);
      for await (const answer of ledger.answers(channel, callId)) throw new Error(answer.sub);
      for await (const attendee of ledger.asked(channel, callId)) throw new Error(attendee.sub);
    });

    it('takes and gives thousands at once, each once and in order', async () => {
      const call = await opened();
      const subs = Array.from({ length: 2500 }, (_, i) => `s${i}`);
      const recorded = await ledger.record(subs.map((sub) => makeAnswer(call, sub)));
      deepEqual(
        recorded.map((one) => (one.kind === 'id-taken' ? '' : one.answer.sub)),
        subs,
      );
      const given = await other.answersOf(call.channel, call.callId, [...subs, 'nobody']);
      deepEqual(
        given.map((answer) => answer?.sub ?? null),
        [...subs, null],
      );
      const people = subs.map((sub) => ({ sub, name: `${sub} 同学`, rosterId: sub }));
      await ledger.noteAsked(call.channel, call.callId, people);
      const asked: { sub: string }[] = [];
      for await (const attendee of other.asked(call.channel, call.callId)) asked.push(attendee);
      const bySub = (a: { sub: string }, b: { sub: string }): number => (a.sub < b.sub ? -1 : 1);
      deepEqual(asked.sort(bySub), people.toSorted(bySub));
      equal((await other.counts(call.channel, call.callId)).asked, 2500);
    });

    it('gives the newest answers, each once', async () => {
      const call = await opened();
      const subs = Array.from({ length: 5 }, (_, i) => `s${i}`);
      await ledger.record(subs.slice(0, 3).map((sub) => makeAnswer(call, sub)));
      const first = await other.newestAnswers(call.channel, call.callId, null, 2);
      deepEqual(
        first.answers.map(({ sub }) => sub),
        ['s1', 's2'],
      );
      deepEqual((await other.newestAnswers(call.channel, call.callId, first.cursor, 2)).answers, []);
      await ledger.record(subs.slice(3).map((sub) => makeAnswer(call, sub)));
      const second = await other.newestAnswers(call.channel, call.callId, first.cursor, 30);
      deepEqual(
        second.answers.map(({ sub }) => sub),
        ['s3', 's4'],
      );
    });

    it('notes who was asked, once each', async () => {
      const call = await opened();
      const people = ['li', 'han'].map((sub) => ({ sub, name: sub, rosterId: null }));
      await ledger.noteAsked(call.channel, call.callId, people);
      await other.noteAsked(call.channel, call.callId, people.slice(1));
      equal((await ledger.counts(call.channel, call.callId)).asked, 2);
      const found: string[] = [];
      for await (const { sub } of other.asked(call.channel, call.callId)) found.push(sub);
      deepEqual(found.sort(), ['han', 'li']);
    });

    it('notes minutes that were watched, each once, and gives them by time', async () => {
      const minute = Math.floor(NOW_MS / 3_600_000) * 60;
      const li = { sub: 'li', name: '李雷', rosterId: 'r1' };
      const channel = makeCall().channel;
      for (const at of [-1, 0, 29, 30, 59, 60, 0])
        ledger.noteWatched(channel, [{ ...li, minute: minute + at }]);
      other.noteWatched(channel, [{ ...li, minute: minute + 30 }]);
      const minutesOf = async (from: number, to: number): Promise<readonly number[]> => {
        for await (const watcher of ledger.watchers(channel, minute + from, minute + to)) {
          deepEqual([watcher.sub, watcher.name, watcher.rosterId], ['li', '李雷', 'r1']);
          return watcher.minutes.map((at) => at - minute);
        }
        return [];
      };
      await waitFor('all minutes', async () => (await minutesOf(-60, 100)).length === 6);
      deepEqual(await minutesOf(-60, 100), [-1, 0, 29, 30, 59, 60]);
      deepEqual(await minutesOf(0, 59), [0, 29, 30, 59]);
      deepEqual(await minutesOf(61, 90), []);
    });

    it('puts a roster in place of the one before, for all gateways', async () => {
      const { channel } = makeCall();
      deepEqual(await ledger.roster(channel), []);
      const roster = [{ id: '1', name: '李雷', group: '7-1' }];
      await other.putRoster(channel, roster);
      await waitFor('the roster', async () => (await ledger.roster(channel)).length === 1);
      deepEqual(await ledger.roster(channel), roster);
      await ledger.putRoster(channel, []);
      await waitFor('no roster', async () => (await other.roster(channel)).length === 0);
    });

    it('counts who is connected, here and elsewhere', async () => {
      const { channel } = makeCall();
      await other.connected(channel, 3);
      ok((await ledger.connected(channel, 4)) >= 4);
    });

    it('finishes what is under way when it is closed', async () => {
      const call = await opened();
      const answer = makeAnswer(call, 'li');
      const minute = Math.floor(NOW_MS / 60_000);
      const recording = ledger.record([answer]);
      ledger.noteWatched(call.channel, [{ sub: 'li', name: '李雷', rosterId: null, minute }]);
      await ledger.close();
      deepEqual(await recording, [{ kind: 'stands', answer }]);
      ledger = await place.open();
      if (!place.isShared) other = ledger;
      const watched: (readonly number[])[] = [];
      for await (const { minutes } of ledger.watchers(call.channel, minute, minute)) watched.push(minutes);
      deepEqual(watched, [[minute]]);
    });

    it('has all that was durable when it is opened again', async () => {
      const call = await opened();
      const answer = makeAnswer(call, 'li', { value: 0 });
      await ledger.record([answer]);
      await ledger.close();
      ledger = await place.open();
      if (!place.isShared) other = ledger;
      deepEqual(await ledger.calls(call.channel), [call]);
      deepEqual(await ledger.record([answer]), [{ kind: 'stands', answer }]);
      const counts = await ledger.counts(call.channel, call.callId);
      deepEqual([counts.present, counts.values.get(0)], [1, 1]);
    });

    it('knows who was asked when it is opened again', async () => {
      const call = await opened();
      const people = ['li', 'han'].map((sub) => ({ sub, name: `${sub} 同学`, rosterId: null }));
      await ledger.noteAsked(call.channel, call.callId, people);
      await ledger.close();
      ledger = await place.open();
      if (!place.isShared) other = ledger;
      const found = [];
      for await (const attendee of ledger.asked(call.channel, call.callId)) found.push(attendee);
      deepEqual(
        found.sort((a, b) => b.sub.localeCompare(a.sub)),
        people,
      );
    });

    it('has minutes under the name that was told last', async () => {
      const { channel } = makeCall();
      const minute = Math.floor(NOW_MS / 60_000);
      ledger.noteWatched(channel, [{ sub: 'li', name: 'Li', rosterId: null, minute }]);
      ledger.noteWatched(channel, [{ sub: 'li', name: '李雷', rosterId: 'r1', minute: minute + 1 }]);
      const all = async (): Promise<Watcher[]> => {
        const found = [];
        for await (const watcher of ledger.watchers(channel, minute, minute + 1)) found.push(watcher);
        return found;
      };
      await waitFor('both minutes', async () => (await all())[0]?.minutes.length === 2);
      deepEqual(await all(), [{ sub: 'li', name: '李雷', rosterId: 'r1', minutes: [minute, minute + 1] }]);
    });
  });
}
