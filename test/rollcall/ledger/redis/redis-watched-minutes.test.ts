import { deepEqual, ok } from 'node:assert/strict';
import { RedisWatchedMinutes } from '../../../../rollcall/ledger/redis/redis-watched-minutes.ts';
import type { RedisReply } from '../../../../rollcall/ledger/redis/redis-reply.ts';
import { gate } from '../../../transcode/job-queue.contract.ts';

/** More than one pipeline. */
const MINUTES = 600;

describe('watched minutes in Redis', () => {
  it('are not written any more when their student was erased meanwhile, and all others are', async () => {
    const sent: string[] = [];
    const [started, answered] = [gate(), gate()];
    const minutes = new RedisWatchedMinutes(
      {
        async sendAll(commands): Promise<readonly RedisReply[]> {
          sent.push(...commands.map((command) => command.join(' ')));
          started.open();
          await answered.promise;
          return [];
        },
        async *scan() {},
      },
      60,
    );
    const who = { rosterId: null };
    minutes.note(
      'hall-7',
      Array.from({ length: MINUTES }, (_, minute) => ({ ...who, sub: 'li', name: 'Li', minute })),
    );
    minutes.note('hall-7', [{ ...who, sub: 'han', name: 'Han', minute: 1 }]);
    minutes.note('hall-8', [{ ...who, sub: 'han', name: 'Han', minute: 1 }]);
    const written = minutes.close();
    await started.promise;
    minutes.discard('hall-7', ({ sub }) => sub === 'han');
    answered.open();
    await written;
    ok(sent.some((command) => command.includes('{hall-8}:minutes:0:han')));
    deepEqual(
      sent.filter((command) => command.includes('{hall-7}') && /han/i.test(command)),
      [],
    );
    const bits = sent.filter((command) => command.startsWith('SETBIT'));
    deepEqual(bits.length, MINUTES + 1);
  });

  it('are of whom they were told last, also across the end of an hour', async () => {
    const minutes = new RedisWatchedMinutes(
      {
        sendAll: (commands) => Promise.resolve(commands.map(() => [1, 0])),
        async *scan(key): AsyncIterable<[string, string]> {
          const name = key.endsWith(':0') ? 'Li' : '李雷';
          yield ['li', JSON.stringify({ name, rosterId: null })];
        },
      },
      60,
    );
    const found = [];
    for await (const watcher of minutes.between('hall-7', 0, 119)) found.push(watcher);
    deepEqual(found, [{ sub: 'li', name: '李雷', rosterId: null, minutes: [29, 89] }]);
    await minutes.close();
  });
});
