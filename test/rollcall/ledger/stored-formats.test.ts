import { deepEqual } from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileLedger } from '../../../rollcall/ledger/file/file-ledger.ts';
import type { Answer, Ledger } from '../../../rollcall/ledger/ledger.ts';
import { RedisConnection } from '../../../rollcall/ledger/redis/redis-connection.ts';
import { RedisLedger } from '../../../rollcall/ledger/redis/redis-ledger.ts';
import { silentLogger as logger } from '../../../shared/logger.ts';
import { startRedis } from '../../support/redis.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

/** Written by version 0.1.0 at {@link NOW_MS}; the files of its log are those with another ending here, `.txt`. */
const FIXTURES = join(import.meta.dirname, 'fixtures', '0.1.0');
const NOW_MS = 1_581_899_400_000;
const MINUTE = Math.floor(NOW_MS / 60_000);
const nowMs = (): number => NOW_MS + 30_000;

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

/** What the fixtures contain. */
async function check(ledger: Ledger): Promise<void> {
  const [call, ...others] = await ledger.calls('hall-7');
  deepEqual(others, []);
  deepEqual(call, {
    ...{ callId: 'c1', channel: 'hall-7', kind: 'choice', prompt: '哪一个？', choices: ['甲', '乙'] },
    ...{ windowMs: 1500, graceMs: 30_000, atProgramTimeMs: NOW_MS, openedBy: 't' },
    ...{ broadcast: { id: 'b1', startMs: NOW_MS - 60_000 }, settled: true },
  });
  const answers = await all(ledger.answers('hall-7', 'c1'));
  const told = ({ sub, rosterId, value, status, reactionMs }: Answer): string =>
    [sub, rosterId, value, status, reactionMs].join(' ');
  deepEqual(answers.map(told).sort(), ['1 1 1 present 1234', '9  1 replay 400', 'guest-2  0 late 25000']);
  const counts = await ledger.counts('hall-7', 'c1');
  deepEqual([counts.present, counts.late, counts.replay, counts.onRoster, counts.asked], [1, 1, 1, 1, 2]);
  deepEqual(
    [...counts.values].sort(([a], [b]) => a - b),
    [
      [0, 1],
      [1, 1],
    ],
  );
  deepEqual([counts.reactions[12], counts.reactions[250]], [1, 1]);
  const { answers: newest } = await ledger.newestAnswers('hall-7', 'c1', null, 30);
  deepEqual(
    newest.map(({ sub }) => sub),
    ['1', 'guest-2', '9'],
  );
  deepEqual((await all(ledger.asked('hall-7', 'c1'))).map(({ sub }) => sub).sort(), ['1', 'guest-2']);
  deepEqual(await ledger.roster('hall-7'), [
    { id: '1', name: '李雷', group: '7-1' },
    { id: '2', name: '韩梅梅', group: '' },
  ]);
  deepEqual(await all(ledger.watchers('hall-7', MINUTE - 60, MINUTE + 60)), [
    { sub: '1', name: '李雷', rosterId: '1', minutes: [MINUTE, MINUTE + 1] },
  ]);
  // A retry of an answer from before gets the same ack.
  const retry = answers.find(({ sub }) => sub === '1');
  deepEqual(retry && (await ledger.record([retry]))[0]?.kind, 'stands');
}

describe('what version 0.1.0 has stored', () => {
  it('is read from its log, without what was void or incomplete', async () => {
    const dir = makeTempDir();
    try {
      const folder = join(dir.path, 'rollcall');
      mkdirSync(folder);
      for (const name of ['000000000000001', '000000000000002']) {
        copyFileSync(join(FIXTURES, 'log', `${name}.txt`), join(folder, `${name}.log`));
      }
      const ledger = await FileLedger.open({ dataDir: dir.path, keepDays: 7, nowMs, logger });
      try {
        await check(ledger);
        deepEqual(await ledger.answersOf('hall-7', 'c1', ['lost', 'torn']), [null, null]);
      } finally {
        await ledger.close();
      }
    } finally {
      dir.remove();
    }
  });

  it('is read from its Redis', async () => {
    const redis = await startRedis();
    try {
      const admin = new RedisConnection({ redisUrl: redis.url, logger, nowMs });
      await admin.open();
      const commands = JSON.parse(readFileSync(join(FIXTURES, 'redis.json'), 'utf8')) as (
        | string
        | number
      )[][];
      await admin.sendAll(commands);
      await admin.close();
      const ledger = await RedisLedger.open({ redisUrl: redis.url, keepDays: 7, nowMs, logger });
      try {
        await check(ledger);
      } finally {
        await ledger.close();
      }
    } finally {
      await redis.stop();
    }
  });
});
