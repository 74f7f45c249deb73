import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import type { Answer, Ledger, StoredCall } from '../../../rollcall/ledger/ledger.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';
import { listedOf } from '../support/listed-answers.ts';
import { type LedgerPlace, makeAnswer, makeCall } from './ledger.contract.ts';

let made = 0;

/** Makes another answer of a student, with a value. */
function makeChange(call: StoredCall, sub: string, sequence: number, change: Partial<Answer> = {}): Answer {
  made++;
  return makeAnswer(call, sub, { answerId: `change-${made}`, sequence, ...change });
}

/** Of one batch: an id that an answer has which waits for another of its student, given by a second student as well. */
const SAME_ID_WHILE_WAITING = (
  [
    ['s4', 0, 'answer-id-0'],
    ['s4', 1, 'answer-id-8'],
    ['s1', 0, 'answer-id-8'],
  ] as const
).map(([sub, sequence, answerId]) => ({
  ...{ sub, sequence, answerId, status: 'present' as const },
  ...{ value: 0 as const, reactionMs: 0 },
}));

const bySub = (a: Answer, b: Answer): number => (a.sub < b.sub ? -1 : 1);

/**
 * What every ledger keeps to of calls whose answers may be changed.
 *
 * @param makePlace makes an empty place
 */
export function changedAnswersContract(name: string, makePlace: () => Promise<LedgerPlace>): void {
  describe(name, function () {
    this.timeout(60_000);
    let place: LedgerPlace;
    let ledger: Ledger;
    let other: Ledger;
    before(async () => {
      place = await makePlace();
      ledger = await place.open();
      other = place.isShared ? await place.open() : ledger;
    });
    after(async () => {
      await ledger.close();
      if (other !== ledger) await other.close();
      await place.remove();
    });
    const reopen = async (): Promise<void> => {
      await ledger.close();
      ledger = await place.open();
      if (!place.isShared) other = ledger;
    };
    const opened = async (): Promise<StoredCall> => {
      const call = makeCall({ changeable: true });
      equal((await ledger.openCall(call, call.atProgramTimeMs)).kind, 'opened');
      return call;
    };
    const counting = async ({ channel, callId }: StoredCall): Promise<Answer[]> => {
      const all: Answer[] = [];
      for await (const answer of ledger.answers(channel, callId)) all.push(answer);
      return all.sort(bySub);
    };
    const valuesOf = async ({ channel, callId }: StoredCall): Promise<[number, number][]> =>
      [...(await other.counts(channel, callId)).values].sort(([a], [b]) => a - b);

    it('stores that the answers to a call may be changed', async () => {
      const call = await opened();
      await reopen();
      deepEqual(await ledger.calls(call.channel), [call]);
    });

    it('lets the first answer of a student stand, where its id was that of a duplicate in the same batch', async () => {
      const call = await opened();
      const batch = [
        ['li', 'answer-id-0'],
        ['li', 'answer-id-1'],
        ['han', 'answer-id-1'],
        ['han', 'answer-id-2'],
      ].map(([sub = '', answerId = '']) => makeAnswer(call, sub, { answerId }));
      deepEqual(
        (await ledger.record(batch)).map((one) => [one.kind, 'answer' in one ? one.answer.answerId : null]),
        [
          ['stands', 'answer-id-0'],
          ['duplicate', 'answer-id-0'],
          ['stands', 'answer-id-1'],
          ['duplicate', 'answer-id-1'],
        ],
      );
    });

    it('counts the newest answer of a student, once, and a retry of any of hers changes nothing', async () => {
      const call = await opened();
      const [first, second] = [makeChange(call, 'li', 1, { value: 0 }), makeChange(call, 'li', 2)];
      deepEqual(await ledger.record([first]), [{ kind: 'stands', answer: first }]);
      deepEqual(await valuesOf(call), [[0, 1]]);
      deepEqual(await other.record([second]), [{ kind: 'stands', answer: second }]);
      for (let i = 0; i < 2; i++) {
        deepEqual(await ledger.record([first]), [{ kind: 'duplicate', answer: second }]);
        deepEqual(await ledger.record([second]), [{ kind: 'stands', answer: second }]);
        deepEqual(await counting(call), [second]);
        deepEqual(await valuesOf(call), [[1, 1]]);
        equal((await ledger.counts(call.channel, call.callId)).present, 1);
        // What was durable is so after a restart, between two answers as well.
        await reopen();
      }
      deepEqual(await ledger.answersOf(call.channel, call.callId, ['li']), [second]);
    });

    it('does not let an older answer win that comes after a newer one, nor one of the same place', async () => {
      const call = await opened();
      const [old, fresh] = [makeChange(call, 'li', 5, { value: 0 }), makeChange(call, 'li', 9)];
      await ledger.record([fresh]);
      deepEqual(await other.record([old]), [{ kind: 'duplicate', answer: fresh }]);
      const equalOne = makeChange(call, 'li', 9, { value: 0 });
      deepEqual(await ledger.record([equalOne]), [{ kind: 'duplicate', answer: fresh }]);
      await reopen();
      deepEqual(await counting(call), [fresh]);
      const { answers } = await ledger.studentData(call.channel, 'li');
      deepEqual(
        answers.map(({ sequence = 0 }) => sequence).sort((a, b) => a - b),
        [5, 9, 9],
        'and all are durable',
      );
    });

    it('lets a late answer change none, and be changed by one in time', async () => {
      const call = await opened();
      const late = makeChange(call, 'li', 0, { status: 'late' });
      deepEqual(await ledger.record([late]), [{ kind: 'stands', answer: late }]);
      const later = makeChange(call, 'li', 0, { status: 'late', value: 0 });
      deepEqual(await ledger.record([later]), [{ kind: 'duplicate', answer: late }]);
      const inTime = makeChange(call, 'li', 7);
      deepEqual(await other.record([inTime]), [{ kind: 'stands', answer: inTime }]);
      deepEqual(await ledger.record([later]), [{ kind: 'duplicate', answer: inTime }]);
      const { present, late: lates } = await ledger.counts(call.channel, call.callId);
      deepEqual([present, lates], [1, 0]);
    });

    it('of answers in one batch has the newest count, in whatever order they stand there', async () => {
      const call = await opened();
      for (const order of [
        [1, 2, 3],
        [3, 2, 1],
        [2, 3, 1],
      ]) {
        const sub = `student-${order.join('')}`;
        const batch = order.map((sequence) => makeChange(call, sub, sequence, { value: sequence % 2 }));
        const newest = batch[order.indexOf(3)];
        deepEqual(
          await ledger.record(batch),
          batch.map((answer) => ({ kind: answer === newest ? 'stands' : 'duplicate', answer: newest })),
        );
      }
      deepEqual(await valuesOf(call), [[1, 3]]);
    });

    it('of answers that come at once by two gateways has the newest count', async () => {
      const call = await opened();
      const changes = Array.from({ length: LIMITS.changesMax + 1 }, (_, i) => makeChange(call, 'li', i + 1));
      await Promise.all(
        changes.map((answer, i) =>
          (i % 2 === 0 ? ledger : other).record([answer, makeChange(call, `s${i}`, 1)]),
        ),
      );
      const newest = changes.at(-1);
      deepEqual(await ledger.answersOf(call.channel, call.callId, ['li']), [newest]);
      equal((await other.counts(call.channel, call.callId)).present, changes.length + 1);
    });

    it('records a bounded number of changes, and a student too many has the one before', async () => {
      const call = await opened();
      const changes = Array.from({ length: LIMITS.changesMax + 1 }, (_, i) => makeChange(call, 'li', i + 1));
      await ledger.record(changes.slice(0, 10));
      for (const change of changes.slice(10)) await other.record([change]);
      const last = changes.at(-1);
      const more = makeChange(call, 'li', 1000, { value: 0 });
      for (let i = 0; i < 2; i++) {
        deepEqual(await ledger.record([more]), [{ kind: 'too-many', answer: last }]);
        deepEqual(await counting(call), [last]);
        deepEqual(await ledger.record(changes.slice(-1)), [{ kind: 'stands', answer: last }]);
        await reopen();
      }
    });

    it('refuses a change with an answerId that somebody else has sent', async () => {
      const call = await opened();
      const [hers, his] = [makeChange(call, 'li', 1), makeChange(call, 'han', 1)];
      await ledger.record([hers, his]);
      const change = { ...makeChange(call, 'li', 2), answerId: his.answerId };
      deepEqual(await other.record([change]), [{ kind: 'id-taken' }]);
    });

    it('names who has changed her answer once, with the newest', async () => {
      const call = await opened();
      const [first, second] = [makeChange(call, 'li', 1, { value: 0 }), makeChange(call, 'li', 2)];
      const his = makeChange(call, 'han', 1);
      await ledger.record([first]);
      const before = await other.newestAnswers(call.channel, call.callId, null, 10);
      deepEqual(before.answers, [first]);
      await ledger.record([his]);
      await ledger.record([second]);
      deepEqual((await other.newestAnswers(call.channel, call.callId, null, 10)).answers, [his, second]);
      const { answers } = await other.newestAnswers(call.channel, call.callId, before.cursor, 10);
      deepEqual(answers, [his, second]);
    });

    it('makes room for another value when nobody gives one any more', async () => {
      const call = await opened();
      const students = Array.from({ length: 202 }, (_, i) => makeChange(call, `s${i}`, 1, { value: i }));
      for (const student of students) await ledger.record([student]);
      // The last two came when there were too many. One of them changes, and takes nothing from others.
      await other.record([makeChange(call, 's201', 2, { value: 0 })]);
      const values = async (): Promise<ReadonlyMap<number, number>> =>
        (await ledger.counts(call.channel, call.callId)).values;
      const numbers = async (): Promise<(number | undefined)[]> => {
        const counted = await values();
        return [counted.size, ...[0, 1, 199, 200, 201].map((value) => counted.get(value))];
      };
      deepEqual(await numbers(), [200, 2, 1, 1, undefined, undefined]);
      await ledger.record([makeChange(call, 's1', 2, { value: 0 })]);
      deepEqual(await numbers(), [199, 3, undefined, 1, undefined, undefined]);
      await other.record([makeChange(call, 's0', 2, { value: 200 })]);
      deepEqual(await numbers(), [200, 2, undefined, 1, 1, undefined]);
      // Its first giver was never counted.
      await ledger.record([makeChange(call, 's200', 2, { value: 0 })]);
      deepEqual(await numbers(), [200, 3, undefined, 1, 1, undefined]);
    });

    it('erases all answers of a student, also those that she has changed', async () => {
      const call = await opened();
      const { channel, callId } = call;
      const hers = [1, 2, 3].map((sequence) => makeChange(call, 'li', sequence, { rosterId: 'li' }));
      // She wrote another name at first, which is another one's on the list.
      const guest = [
        makeChange(call, 'guest-1', 1, { name: 'Li', rosterId: 'li' }),
        makeChange(call, 'guest-1', 2, { name: 'Han', rosterId: 'han' }),
      ];
      for (const answer of [...hers, ...guest]) await ledger.record([answer]);
      const bySequence = (answers: readonly Answer[]): Answer[] =>
        answers.toSorted((a, b) => (a.answerId < b.answerId ? -1 : 1));
      const [typed] = guest;
      const want = bySequence([...hers, ...(typed === undefined ? [] : [typed])]);
      deepEqual(bySequence((await other.studentData(channel, 'li')).answers), want);
      deepEqual(bySequence((await other.eraseStudent(channel, 'li')).answers), want);
      deepEqual((await other.studentData(channel, 'li')).answers, []);
      deepEqual(await counting(call), guest.slice(1));
      const { present, onRoster, values } = await ledger.counts(channel, callId);
      deepEqual([present, onRoster, [...values]], [1, 1, [[1, 1]]]);
      const again = hers.map((answer) => ({ ...answer, name: 'new' }));
      await ledger.record(again);
      equal(
        (await ledger.studentData(channel, 'li')).answers.length,
        3,
        'and what she does then is recorded anew',
      );
    });

    it('counts as a plain model does, whatever is changed, retried and out of order', async () => {
      const change = fc.record({
        sub: fc.constantFrom('s1', 's2', 's3', 's4'),
        sequence: fc.integer({ min: 0, max: 6 }),
        status: fc.constantFrom('present' as const, 'late' as const, 'replay' as const),
        value: fc.constantFrom(0, 1, 2.5, -1e21, 1e-7, null),
        answerId: fc.integer({ min: 0, max: 30 }).map((i) => `answer-id-${i}`),
        reactionMs: fc.integer({ min: 0, max: 90_000 }),
      });
      const listed = new Map([
        ['s1', 's1'],
        ['s2', 'r-"}'],
        ['s3', '"value":7'],
      ]);
      await fc.assert(
        fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
          const call = await opened();
          const answers = changes.map((one) =>
            makeAnswer(call, one.sub, {
              ...one,
              name: '"value":5,"status":"',
              rosterId: listed.get(one.sub) ?? null,
            }),
          );
          for (let from = 0; from < answers.length; from += 7) {
            await (from % 2 === 0 ? ledger : other).record(answers.slice(from, from + 7));
          }
          const [model, ids, known] = [
            new Map<string, Answer>(),
            new Map<string, string>(),
            new Map<string, number>(),
          ];
          for (const answer of answers) {
            const { sub, answerId, sequence = 0 } = answer;
            const before = model.get(sub);
            const isTooMany = (known.get(sub) ?? 0) > LIMITS.changesMax;
            if (ids.has(answerId) || isTooMany || (before !== undefined && sequence === 0)) continue;
            ids.set(answerId, sub);
            known.set(sub, (known.get(sub) ?? 0) + 1);
            if (before === undefined || sequence > (before.sequence ?? 0)) model.set(sub, answer);
          }
          const want = [...model.values()].sort(bySub);
          deepEqual(await counting(call), want);
          const counts = await other.counts(call.channel, call.callId);
          const of = (status: string): number => want.filter((answer) => answer.status === status).length;
          deepEqual([counts.present, counts.late, counts.replay], [of('present'), of('late'), of('replay')]);
          const { size, ...inClass } = listedOf(want);
          deepEqual([counts.listed, counts.onRoster], [inClass, size]);
          const heard = want.filter(({ status }) => status !== 'replay');
          const values = new Map<number, number>();
          for (const { value } of heard) {
            if (typeof value === 'number') values.set(value, (values.get(value) ?? 0) + 1);
          }
          deepEqual(new Map(counts.values), values);
          equal(
            counts.reactions.reduce((sum, count) => sum + count, 0),
            heard.length,
          );
        }),
        { numRuns: 40, examples: [[SAME_ID_WHILE_WAITING]] },
      );
    });
  });
}
