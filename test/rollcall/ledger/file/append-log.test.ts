import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open as openOnDisk } from 'node:fs/promises';
import { join } from 'node:path';
import { AppendLog } from '../../../../rollcall/ledger/file/append-log.ts';
import { writeLine } from '../../../../rollcall/ledger/file/log-line.ts';
import { LedgerError } from '../../../../rollcall/ledger/ledger.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { makeTempDir } from '../../../support/temp-dir.ts';
import { waitFor } from '../../../support/wait-for.ts';

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
      match(warnings[0] ?? '', /at byte \d+: the last line is incomplete and is ignored/);
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
