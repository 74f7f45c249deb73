import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileLedger } from '../../../../rollcall/ledger/file/file-ledger.ts';
import { LedgerError } from '../../../../rollcall/ledger/ledger.ts';
import { type Logger, silentLogger } from '../../../../shared/logger.ts';
import { makeTempDir } from '../../../support/temp-dir.ts';
import { changedAnswersContract } from '../changed-answers.contract.ts';
import { ledgerContract, type LedgerPlace, makeAnswer, makeCall, NOW_MS } from '../ledger.contract.ts';
import { studentDataContract } from '../student-data.contract.ts';

const nowMs = (): number => NOW_MS + 3000;
const open = (dataDir: string, logger: Logger = silentLogger): Promise<FileLedger> =>
  FileLedger.open({ dataDir, keepDays: 7, nowMs, logger });

const makePlace = async (): Promise<LedgerPlace> => {
  const dir = makeTempDir();
  return { isShared: false, open: () => open(dir.path), remove: async () => dir.remove() };
};
ledgerContract('a ledger on the local disk', makePlace);
studentDataContract('the data of one student on the local disk', makePlace);
changedAnswersContract('answers that may be changed, on the local disk', makePlace);

describe('a ledger on a disk that takes nothing', () => {
  it('acknowledges nothing, says why, and lets the same answer stand when the disk is back', async () => {
    const dir = makeTempDir();
    try {
      const ledger = await open(dir.path);
      const call = makeCall();
      await ledger.openCall(call, NOW_MS);
      const answer = makeAnswer(call, 'li');
      await ledger.close();
      await rejects(ledger.record([answer]), LedgerError);
      equal((await ledger.counts(call.channel, call.callId)).present, 0);
      match(ledger.notReady() ?? '', /cannot be written/);
      const again = await open(dir.path);
      deepEqual(await again.record([answer]), [{ kind: 'stands', answer }]);
      await again.close();
    } finally {
      dir.remove();
    }
  });
});

describe('a student who is erased from a ledger on the local disk', () => {
  // The number in its quotes: three digits may stand in a checksum or a random id as well.
  const HER = ['韩梅梅', '"714"', 'secret-sub'];
  const onDisk = (dataDir: string): string =>
    readdirSync(join(dataDir, 'rollcall'))
      .map((name) => readFileSync(join(dataDir, 'rollcall', name), 'utf8'))
      .join('\n');

  it('is nowhere on the disk any more, in whole, damaged or left over files; all others are', async () => {
    const dir = makeTempDir();
    try {
      const first = await open(dir.path);
      const call = makeCall();
      const { channel, callId } = call;
      await first.openCall(call, NOW_MS);
      await first.putRoster(channel, [
        { id: '714', name: '韩梅梅', group: '' },
        { id: '715', name: '李雷', group: '' },
      ]);
      const hers = makeAnswer(call, 'secret-sub', { name: '韩梅梅', rosterId: '714' });
      const his = makeAnswer(call, 's-715', { name: '李雷', rosterId: '715' });
      await first.record([hers, his]);
      await first.close();
      const [name = ''] = readdirSync(join(dir.path, 'rollcall'));
      const file = join(dir.path, 'rollcall', name);
      // A line that the disk has damaged, one that a kill has torn, and what a kill has left of a file that was written anew.
      appendFileSync(file, '00000000 {"t":"answer","answer":{"name":"韩梅梅"}}\n');
      writeFileSync(`${file}.draft`, 'half of 韩梅梅');
      appendFileSync(file, '00000000 {"t":"answer","answer":{"name":"韩梅');
      const ledger = await open(dir.path);
      ledger.noteWatched(channel, [{ ...hers, minute: Math.floor(NOW_MS / 60_000) }]);
      await ledger.noteAsked(channel, callId, [{ sub: 'x', name: '韩梅梅', rosterId: '714' }]);
      await ledger.record([makeAnswer(call, '714', { name: '韩梅梅', rosterId: null })]);
      for (const word of HER) ok(onDisk(dir.path).includes(word), word);
      await ledger.eraseStudent(channel, '714');
      await ledger.close();
      for (const word of HER.slice(0, 2)) ok(!onDisk(dir.path).includes(word), word);
      ok(!onDisk(dir.path).includes('secret-sub'));
      const again = await open(dir.path);
      deepEqual(await again.answersOf(channel, callId, ['secret-sub', 's-715']), [null, his]);
      deepEqual(await again.roster(channel), [{ id: '715', name: '李雷', group: '' }]);
      equal((await again.calls(channel)).length, 1);
      await again.close();
    } finally {
      dir.remove();
    }
  });

  it('does not come back, and loses no answer of others, while many are recorded', async () => {
    const dir = makeTempDir();
    try {
      const ledger = await open(dir.path);
      const call = makeCall();
      await ledger.openCall(call, NOW_MS);
      await ledger.record([makeAnswer(call, '714', { name: '韩梅梅' })]);
      const others = Array.from({ length: 300 }, (_, at) => makeAnswer(call, `s${at}`));
      const recorded = others.map((answer) => ledger.record([answer]));
      const erased = ledger.eraseStudent(call.channel, '714');
      await Promise.all([...recorded, erased]);
      await ledger.close();
      ok(!onDisk(dir.path).includes('韩梅梅'));
      const again = await open(dir.path);
      equal((await again.counts(call.channel, call.callId)).present, 300);
      await again.close();
    } finally {
      dir.remove();
    }
  });
});
