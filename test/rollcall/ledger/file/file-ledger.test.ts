import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { FileLedger } from '../../../../rollcall/ledger/file/file-ledger.ts';
import { LedgerError } from '../../../../rollcall/ledger/ledger.ts';
import { type Logger, silentLogger } from '../../../../shared/logger.ts';
import { makeTempDir } from '../../../support/temp-dir.ts';
import { ledgerContract, makeAnswer, makeCall, NOW_MS } from '../ledger.contract.ts';

const nowMs = (): number => NOW_MS + 3000;
const open = (dataDir: string, logger: Logger = silentLogger): Promise<FileLedger> =>
  FileLedger.open({ dataDir, keepDays: 7, nowMs, logger });

ledgerContract('a ledger on the local disk', async () => {
  const dir = makeTempDir();
  return { isShared: false, open: () => open(dir.path), remove: async () => dir.remove() };
});

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
