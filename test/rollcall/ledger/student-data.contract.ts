import { deepEqual, equal } from 'node:assert/strict';
import type { Ledger, StoredCall } from '../../../rollcall/ledger/ledger.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type LedgerPlace, makeAnswer, makeCall, NOW_MS } from './ledger.contract.ts';

/**
 * What every ledger keeps to that exports and erases the data of one student.
 *
 * @param makePlace makes an empty place
 */
export function studentDataContract(name: string, makePlace: () => Promise<LedgerPlace>): void {
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
    const opened = async (): Promise<StoredCall> => {
      const call = makeCall();
      equal((await ledger.openCall(call, call.atProgramTimeMs)).kind, 'opened');
      return call;
    };

    /** A call with answers, class list and minutes of a girl with a number, and of others. */
    const withHer = async (): Promise<StoredCall> => {
      const call = await opened();
      const { channel, callId } = call;
      await ledger.putRoster(channel, [
        { id: '714', name: '韩梅梅', group: '1' },
        { id: '715', name: '李雷', group: '1' },
      ]);
      await ledger.record([
        makeAnswer(call, '714', { name: '韩梅梅', rosterId: '714' }),
        makeAnswer(call, 'guest-1', { name: '韩 梅梅', rosterId: '714', status: 'late' }),
        makeAnswer(call, '715', { name: '李雷', rosterId: '715' }),
        makeAnswer(call, '71', { name: '别人', rosterId: null }),
      ]);
      await ledger.noteAsked(channel, callId, [
        { sub: '714', name: '韩梅梅', rosterId: '714' },
        { sub: '715', name: '李雷', rosterId: '715' },
      ]);
      const minute = Math.floor(NOW_MS / 60_000);
      ledger.noteWatched(channel, [
        { sub: '714', name: '韩梅梅', rosterId: '714', minute },
        { sub: '714', name: '韩梅梅', rosterId: '714', minute: minute + 1 },
        { sub: '715', name: '李雷', rosterId: '715', minute },
      ]);
      await waitFor('her minutes', async () => {
        const { watched } = await ledger.studentData(channel, '714');
        return watched[0]?.minutes.length === 2;
      });
      return call;
    };

    it('gives all that there is, by her number, and nothing of others', async () => {
      const { channel, callId } = await withHer();
      const data = await other.studentData(channel, '714');
      deepEqual(data.roster, [{ id: '714', name: '韩梅梅', group: '1' }]);
      deepEqual(data.answers.map(({ sub }) => sub).sort(), ['714', 'guest-1']);
      deepEqual(data.asked, [{ callId, sub: '714', name: '韩梅梅', rosterId: '714' }]);
      deepEqual(
        data.watched.map(({ sub }) => sub),
        ['714'],
      );
      const none = { roster: [], answers: [], asked: [], watched: [] };
      deepEqual(await ledger.studentData(channel, '7140'), none);
      deepEqual(await ledger.studentData('hall-of-others', '714'), none);
    });

    it('erases her from a class list that has just come from another gateway, and keeps that list', async () => {
      const { channel } = await opened();
      await ledger.putRoster(channel, [{ id: '715', name: '李雷', group: '1' }]);
      equal((await ledger.roster(channel)).length, 1);
      const li = { id: '716', name: '林涛', group: '2' };
      await other.putRoster(channel, [{ id: '714', name: '韩梅梅', group: '1' }, li]);
      deepEqual((await ledger.eraseStudent(channel, '714')).roster, [
        { id: '714', name: '韩梅梅', group: '1' },
      ]);
      deepEqual(await ledger.roster(channel), [li]);
    });

    it('erases all that there is, from counts and lists as well, and leaves the others', async () => {
      const call = await withHer();
      const { channel, callId } = call;
      const elsewhere = await withHer();
      const before = await ledger.studentData(channel, '714');
      const erased = await ledger.eraseStudent(channel, '714');
      deepEqual(erased.answers.length, before.answers.length);
      const none = { roster: [], answers: [], asked: [], watched: [] };
      deepEqual(await ledger.studentData(channel, '714'), none);
      await waitFor('the other gateway', async () => (await other.roster(channel)).length === 1);
      const { present, late, onRoster, values } = await other.counts(channel, callId);
      deepEqual([present, late, onRoster, values.get(1)], [2, 0, 1, 2]);
      deepEqual(await ledger.answersOf(channel, callId, ['714', '715', 'guest-1']), [
        null,
        makeAnswer(call, '715', { name: '李雷', rosterId: '715' }),
        null,
      ]);
      const { answers } = await ledger.newestAnswers(channel, callId, null, 10);
      deepEqual(answers.map(({ sub }) => sub).sort(), ['71', '715']);
      equal((await ledger.studentData(elsewhere.channel, '714')).answers.length, 2);
      // What she does afterwards is recorded anew.
      const again = makeAnswer(call, '714', { name: '新名', rosterId: null, answerId: 'again' });
      deepEqual(await ledger.record([again]), [{ kind: 'stands', answer: again }]);
    });
  });
}
