import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { open as openOnDisk } from 'node:fs/promises';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { AppendLog } from '../../../../rollcall/ledger/file/append-log.ts';
import { FileWatchedMinutes } from '../../../../rollcall/ledger/file/file-watched-minutes.ts';
import { FileLedger } from '../../../../rollcall/ledger/file/file-ledger.ts';
import { LedgerError } from '../../../../rollcall/ledger/ledger.ts';
import { readLine, writeLine } from '../../../../rollcall/ledger/file/log-line.ts';
import { type Logger, silentLogger } from '../../../../shared/logger.ts';
import { makeTempDir } from '../../../support/temp-dir.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { ledgerContract, makeAnswer, makeCall, NOW_MS } from '../ledger.contract.ts';

const nowMs = (): number => NOW_MS + 3000;
const open = (dataDir: string, logger: Logger = silentLogger): Promise<FileLedger> =>
  FileLedger.open({ dataDir, keepDays: 7, nowMs, logger });

ledgerContract('a ledger on the local disk', async () => {
  const dir = makeTempDir();
  return { isShared: false, open: () => open(dir.path), remove: async () => dir.remove() };
});

describe('the log of a ledger', () => {
  const dir = makeTempDir();
  after(() => dir.remove());
  let count = 0;
  const folder = (): string => join(dir.path, String(count++));
  const readAll = async (path: string, logger = silentLogger) => {
    const records: unknown[] = [];
    const reading = await new AppendLog({ folder: path, logger }).read((record) => records.push(record));
    return { records, reading };
  };

  it('writes lines that are read back as they were, whatever is in them', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const line = writeLine(record);
        equal(line.indexOf('\n'), line.length - 1);
        deepEqual(readLine(line.slice(0, -1)), JSON.parse(JSON.stringify(record)));
      }),
    );
  });

  it('takes no line with a changed character for one', () => {
    const line = writeLine({ sub: 'li', status: 'present' }).slice(0, -1);
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const changed = line.slice(0, at) + String.fromCharCode(code) + line.slice(at + 1);
        if (changed !== line) equal(readLine(changed), null);
      }),
    );
  });

  it('gives back what was appended, in that order, over several files', async () => {
    const path = folder();
    const log = new AppendLog({ folder: path, fileBytes: 200, logger: silentLogger });
    await log.read(() => {});
    for (let i = 0; i < 20; i++) await log.append([{ i }]);
    await Promise.all(Array.from({ length: 50 }, (_, i) => log.append([{ i: 20 + i }])));
    await log.close();
    const { records, reading } = await readAll(path);
    deepEqual(
      records,
      Array.from({ length: 70 }, (_, i) => ({ i })),
    );
    equal(reading.files > 1, true);
    deepEqual([reading.torn, reading.damaged], [0, 0]);
  });

  it('drops a last line that a kill has torn, at any byte, says so, and goes on in a new file', async () => {
    const path = folder();
    const log = new AppendLog({ folder: path, logger: silentLogger });
    await log.read(() => {});
    await log.append([{ first: true }]);
    await log.close();
    const [name] = readdirSync(path);
    const file = join(path, name ?? '');
    const whole = readFileSync(file);
    const torn = Buffer.from(writeLine({ second: '李雷' }));
    for (let cut = 1; cut < torn.length; cut++) {
      writeFileSync(file, Buffer.concat([whole, torn.subarray(0, cut)]));
      const warnings: string[] = [];
      const logger = { ...silentLogger, warn: (_fields: object, text: string) => void warnings.push(text) };
      const { records, reading } = await readAll(path, logger);
      deepEqual(records, [{ first: true }]);
      equal(reading.torn, 1);
      match(warnings[0] ?? '', /at byte \d+: the last line is torn; dropped/);
    }
    const again = new AppendLog({ folder: path, logger: silentLogger });
    await again.read(() => {});
    await again.append([{ third: true }]);
    await again.close();
    deepEqual((await readAll(path)).records, [{ first: true }, { third: true }]);
  });

  it('leaves out a damaged line in the middle, and nothing else', async () => {
    const path = folder();
    const log = new AppendLog({ folder: path, logger: silentLogger });
    await log.read(() => {});
    await log.append([{ i: 0 }]);
    await log.close();
    appendFileSync(
      join(path, readdirSync(path)[0] ?? ''),
      `${'0'.repeat(8)} {"i":1}\n${writeLine({ i: 2 })}`,
    );
    const { records, reading } = await readAll(path);
    deepEqual(records, [{ i: 0 }, { i: 2 }]);
    equal(reading.damaged, 1);
  });

  for (const { name, truncates } of [
    { name: 'takes back what a flush that failed has left', truncates: true },
    { name: 'leaves out what a flush that failed has left, where it cannot be taken back', truncates: false },
  ]) {
    it(name, async () => {
      const path = folder();
      let fails = false;
      const openFile: typeof openOnDisk = async (...args) => {
        const file = await openOnDisk(...args);
        const fault = async (): Promise<never> => {
          throw new Error('EIO');
        };
        const { datasync, truncate } = file;
        file.datasync = () => (fails ? fault() : datasync.call(file));
        file.truncate = (length) => (truncates ? truncate.call(file, length) : fault());
        return file;
      };
      const log = new AppendLog({ folder: path, openFile, logger: silentLogger });
      await log.read(() => {});
      await log.append([{ i: 0 }]);
      fails = true;
      for (const i of [1, 2]) await rejects(log.append([{ i }]), LedgerError);
      fails = false;
      await log.append([{ i: 3 }]);
      await log.append([{ i: 4 }]);
      await log.close();
      const { records, reading } = await readAll(path);
      deepEqual(records, [{ i: 0 }, { i: 3 }, { i: 4 }]);
      deepEqual([reading.torn, reading.damaged], [0, 0]);
    });
  }

  it('says that something is there when the disk has said so, and not before', async () => {
    const steps: string[] = [];
    let flushed: (() => void) | undefined;
    const openFile: typeof openOnDisk = async (...args) => {
      const file = await openOnDisk(...args);
      const { datasync } = file;
      file.datasync = async () => {
        await new Promise<void>((resolve) => {
          flushed = resolve;
        });
        await datasync.call(file);
        steps.push('flushed');
      };
      return file;
    };
    const log = new AppendLog({ folder: folder(), openFile, logger: silentLogger });
    await log.read(() => {});
    const appended = log.append([{}]).then(() => steps.push('appended'));
    await waitFor('the flush', () => flushed !== undefined);
    deepEqual(steps, []);
    flushed?.();
    await appended;
    deepEqual(steps, ['flushed', 'appended']);
    await log.close();
  });

  it('has what a kill has left on the disk before it believes it', async () => {
    const path = folder();
    const first = new AppendLog({ folder: path, logger: silentLogger });
    await first.read(() => {});
    await first.append([{ i: 0 }]);
    await first.close();
    let synced = 0;
    const openFile: typeof openOnDisk = async (...args) => {
      const file = await openOnDisk(...args);
      const { datasync } = file;
      file.datasync = async () => {
        await datasync.call(file);
        synced++;
      };
      return file;
    };
    const read: number[] = [];
    await new AppendLog({ folder: path, openFile, logger: silentLogger }).read(() => read.push(synced));
    deepEqual(read, [1]);
  });

  it('refuses when it is closed', async () => {
    const log = new AppendLog({ folder: folder(), logger: silentLogger });
    await log.read(() => {});
    await log.close();
    await rejects(
      log.append([{}]),
      (error) => error instanceof LedgerError && error.code === 'ledger-unavailable',
    );
  });
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

describe('minutes on a disk that takes nothing for a while', () => {
  it('are kept when it takes something again, each once', async () => {
    const written: object[] = [];
    let fails = true;
    const watchers = new FileWatchedMinutes({
      append: async (records) => {
        if (fails) throw new Error('ENOSPC');
        written.push(...records);
      },
    });
    const li = { sub: 'li', name: '李雷', rosterId: null };
    watchers.note('hall-7', [{ ...li, minute: 1 }]);
    watchers.note('hall-7', [{ ...li, minute: 1 }]);
    await watchers.close();
    deepEqual([...watchers.between('hall-7', 0, 9)], []);
    fails = false;
    watchers.note('hall-7', [{ ...li, minute: 2 }]);
    await watchers.close();
    deepEqual([...watchers.between('hall-7', 0, 9)], [{ ...li, minutes: [1, 2] }]);
    equal(written.length, 2);
    watchers.note('hall-7', [{ ...li, minute: 2 }]);
    await watchers.close();
    equal(written.length, 2);
  });
});
