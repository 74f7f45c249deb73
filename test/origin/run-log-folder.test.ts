import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunLogSnapshot } from '../../origin/packager/timeline/run-log.ts';
import { openRunLogs } from '../../origin/run-log-folder.ts';
import { SnapshotError, SnapshotFolder } from '../../origin/snapshot-folder.ts';
import { type Logger, silentLogger } from '../../shared/logger.ts';
import { waitFor } from '../support/wait-for.ts';

const snapshot = (base: number): RunLogSnapshot => ({
  base,
  runs: [{ firstNumber: 10, group: 'slate', broadcast: '', state: 'before' }],
});

describe('runs that are kept over a restart', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lectern-runs-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it('gives back the newest of what was kept, and leaves no other file', async () => {
    const store = await openRunLogs(dataDir, silentLogger);
    for (let base = 0; base < 50; base += 1) store.save('hall-7', snapshot(base));
    await store.flush();
    const again = await openRunLogs(dataDir, silentLogger);
    assert.deepEqual(await again.load(['hall-7', 'hall-8']), new Map([['hall-7', snapshot(49)]]));
    assert.deepEqual(await readdir(join(dataDir, 'runs')), ['hall-7.json']);
  });

  for (const torn of ['', '{"base":1', '{"base":-1,"runs":[]}', '[]']) {
    it(`says that ${JSON.stringify(torn)} cannot be read, and counts anew`, async () => {
      const warnings: string[] = [];
      const logger: Logger = { ...silentLogger, warn: (_fields, message) => warnings.push(message) };
      const store = await openRunLogs(dataDir, logger);
      await writeFile(join(dataDir, 'runs', 'hall-7.json'), torn);
      assert.equal((await store.load(['hall-7'])).size, 0);
      assert.match(warnings[0] ?? '', /hall-7/);
    });
  }

  it('writes again what could not be written, each channel by itself, and says so once', async () => {
    const errors: string[] = [];
    const logger: Logger = { ...silentLogger, error: (_fields, message) => errors.push(message) };
    const parse = (value: unknown): number => Number(value);
    const folder = await SnapshotFolder.open({ dataDir, name: 'runs', parse, logger, retryMs: 1 });
    // A folder in the place of a draft cannot be written over.
    const inTheWay = join(dataDir, 'runs', 'hall-7.json');
    await mkdir(join(inTheWay, 'x'), { recursive: true });
    folder.save('hall-7', 1);
    folder.save('hall-8', 1);
    await waitFor('the other channel', () => existsSync(join(dataDir, 'runs', 'hall-8.json')));
    folder.save('hall-7', 2);
    await folder.flush();
    assert.match(errors.join(), /^runs of hall-7 cannot be written; it is tried again/);
    assert.equal(errors.length, 1);
    await rm(inTheWay, { recursive: true });
    await waitFor('it is written', () => existsSync(inTheWay) && readFileSync(inTheWay, 'utf8') === '2');
    await rm(join(dataDir, 'runs'), { recursive: true });
    folder.save('hall-7', 3);
    await waitFor('the folder is made again', () => existsSync(inTheWay));
    assert.equal(await readFile(inTheWay, 'utf8'), '3');
  });

  it('refuses a data folder that is a file', async () => {
    const path = join(dataDir, 'file');
    await writeFile(path, 'x');
    await assert.rejects(
      openRunLogs(path, silentLogger),
      (error) => error instanceof SnapshotError && error.code === 'bad-data-dir',
    );
    assert.equal(await readFile(path, 'utf8'), 'x');
  });
});
