import { deepEqual, equal } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { freePort } from '../support/free-port.ts';
import { type Started, start } from '../support/process.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { TEST_SECRET } from '../support/pipeline.ts';
import { testToken } from '../support/roll-call-client.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { momentWithin, StubbornStudent, type Tap } from './support/stubborn-student.ts';

/** Of each kind of ledger; a long run sets the variable. */
const ROUNDS = Number(process.env['LECTERN_FAULT_ROUNDS'] ?? 3);
const STUDENTS = 150;
/** Within this the students tap, and something is killed; milliseconds. */
const BURST_MS = 400;
/** The last one is chosen by none, until somebody changes her mind. */
const CHOICES = ['red', 'green', 'blue', 'none'];
const LATE_SHARE = 0.2;
const FOLDER = '/api/rollcall/hall-7';

/** Random numbers that are the same in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A gateway, which is killed and started again at one address. */
type Gateway = { readonly url: string; readonly port: number; process: Started };

for (const kind of ['a log on disk', 'Redis and two gateways'] as const) {
  describe(`${ROUNDS} rounds in which something is killed while all answer, with ${kind}`, function () {
    this.timeout(30_000 + ROUNDS * 60_000);
    const isRedis = kind !== 'a log on disk';
    const random = seeded(isRedis ? 2 : 1);
    const gateways: Gateway[] = [];
    const students: StubbornStudent[] = [];
    const calls: string[] = [];
    let dir: TempDir;
    let redis: Redis | null = null;
    let teacher = '';

    const launch = async (port: number): Promise<Started> => {
      const program = join(import.meta.dirname, '..', 'support', 'role-program.ts');
      const started = start(
        process.execPath,
        ['--import=tsx', program, 'rollcall', join(dir.path, 'lectern.yaml'), String(port)],
        {
          env: {
            ...{ LECTERN_DATA_DIR: dir.path, LECTERN_SECRET: TEST_SECRET, LECTERN_CONFIG: '' },
            REDIS_URL: redis?.url ?? '',
          },
        },
      );
      await started.waitForOutput('rollcall http', 60_000);
      return started;
    };
    const one = <T>(list: readonly T[]): T => {
      const found = list[Math.floor(random() * list.length)];
      if (found === undefined) throw new Error('there is none');
      return found;
    };
    const relaunch = async (gateway: Gateway): Promise<void> => {
      await gateway.process.stop('SIGKILL');
      gateway.process = await launch(gateway.port);
    };
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${one(gateways).url}${FOLDER}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${teacher}`, 'content-type': 'application/json' },
      });
    /** A request that fails because a gateway restarts is sent again. */
    const order = (method: string, path: string, body: object): Promise<Response> =>
      waitFor(`${method} ${path}`, async () => {
        const reply = await ask(path, { method, body: JSON.stringify(body) });
        return reply.ok || reply.status === 409 ? reply : null;
      });
    /** What is stored of a call: who, how it counts and what she chose. */
    const stored = async (callId: string): Promise<string[]> => {
      const csv = await (await ask(`/calls/${callId}/answers.csv`)).text();
      return csv
        .trim()
        .split('\r\n')
        .slice(1)
        .map((row) => row.split(','))
        .filter(([, , , status]) => status !== 'absent')
        .map(([id = '', , , status = '', value = '']) => `${id} ${status} ${value}`)
        .sort();
    };
    /** What the students would swear to. */
    const told = (callId: string): string[] =>
      students
        .map(({ sub, acknowledged }) => {
          const ack = acknowledged.get(callId);
          return `${sub} ${ack?.status} ${CHOICES[Number(ack?.value)]}`;
        })
        .sort();

    before(async () => {
      dir = makeTempDir();
      writeFileSync(
        join(dir.path, 'lectern.yaml'),
        'channels:\n  - {id: hall-7, title: x, publishKey: hall-7-stream-key}\norigins: ["http://127.0.0.1:1"]\n',
      );
      if (isRedis) redis = await startRedis();
      for (let i = 0; i < (isRedis ? 2 : 1); i++) {
        const port = await freePort();
        gateways.push({ url: `http://127.0.0.1:${port}`, port, process: await launch(port) });
      }
      teacher = await testToken({ sub: 't', role: 'teacher' });
      for (let i = 0; i < STUDENTS; i++) {
        const [sub, byPost] = [`s${i}`, i % 5 === 0];
        const token = await testToken({ sub });
        const tap = (): Tap => ({ value: Math.floor(random() * 3), isLate: random() < LATE_SHARE });
        const delayMs = (): number => random() * BURST_MS;
        students.push(new StubbornStudent(one(gateways).url, { sub, token, byPost }, delayMs, tap));
      }
      for (const student of students) void student.live();
    });
    after(async () => {
      for (const student of students) student.leave();
      for (const gateway of gateways) await gateway.process.stop('SIGKILL');
      await redis?.stop();
      dir.remove();
    });

    for (let round = 1; round <= ROUNDS; round++) {
      it(`round ${round}: what was acknowledged is stored, once, as it was acknowledged`, async () => {
        await waitFor('all students are connected', async () => {
          const { connected } = (await (await ask('')).json()) as { connected: number };
          return connected === STUDENTS;
        });
        const question = { kind: 'choice', prompt: 'Which?', choices: CHOICES, windowMs: LIMITS.windowMinMs };
        const opened = await order('POST', '/calls', { ...question, graceMs: 60_000 });
        const { callId } = (await opened.json()) as { callId: string };
        calls.push(callId);
        await momentWithin(random() * BURST_MS);
        const victim = one(isRedis ? ['gateway', 'redis', 'students'] : ['gateway', 'gateway', 'students']);
        if (victim === 'gateway') await relaunch(one(gateways));
        else if (victim === 'redis') {
          await redis?.kill();
          await redis?.restart();
        } else for (const student of students) if (random() < 0.5) student.kill();

        await waitFor(
          'every student has her ack',
          () => students.every(({ acknowledged }) => acknowledged.has(callId)),
          40_000,
        );
        await order('PATCH', `/calls/${callId}`, { close: true });
        const found = await stored(callId);
        deepEqual(found, told(callId));
        deepEqual(
          students.flatMap(({ contradictions }) => contradictions),
          [],
        );
        const { tally } = (await (await ask(`/calls/${callId}`)).json()) as {
          tally: { present: number; late: number; values: { value: number; count: number }[] };
        };
        deepEqual([tally.present, tally.late], [countOf(found, 'present'), countOf(found, 'late')]);
        deepEqual(
          tally.values.toSorted((a, b) => a.value - b.value),
          CHOICES.flatMap((choice, i) => {
            const count = countOf(found, choice);
            return count === 0 ? [] : [{ value: i, count }];
          }),
        );
      });
    }

    it('is all there still after everything was killed at once', async () => {
      for (const student of students) student.leave();
      await Promise.all([...gateways.map(({ process: gateway }) => gateway.stop('SIGKILL')), redis?.kill()]);
      await redis?.restart();
      for (const gateway of gateways) gateway.process = await launch(gateway.port);
      for (const callId of calls) deepEqual(await stored(callId), told(callId));
      equal(calls.length, ROUNDS);
    });
  });
}

function countOf(rows: readonly string[], word: string): number {
  return rows.filter((row) => row.split(' ').includes(word)).length;
}
