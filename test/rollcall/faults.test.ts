import { deepEqual, equal } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { type Started, start } from '../support/process.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { TEST_SECRET } from '../support/pipeline.ts';
import { testToken } from '../support/roll-call-client.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { momentWithin, StubbornStudent } from './support/stubborn-student.ts';

/** Of each kind of ledger; a long run sets the variable. */
const ROUNDS = Number(process.env['LECTERN_FAULT_ROUNDS'] ?? 3);
const STUDENTS = 150;
/** Within this the students tap, and something is killed; milliseconds. */
const BURST_MS = 400;
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

for (const kind of ['a log on disk', 'Redis'] as const) {
  describe(`${ROUNDS} rounds in which something is killed while all answer, with ${kind}`, function () {
    this.timeout(30_000 + ROUNDS * 60_000);
    const random = seeded(kind === 'Redis' ? 2 : 1);
    let dir: TempDir;
    let redis: Redis | null = null;
    let gateway: Started;
    let url = '';
    let port = 0;
    let teacher = '';
    const students: StubbornStudent[] = [];

    const launch = async (): Promise<void> => {
      const program = join(import.meta.dirname, '..', 'support', 'role-program.ts');
      gateway = start(
        process.execPath,
        ['--import=tsx', program, 'rollcall', join(dir.path, 'lectern.yaml'), String(port)],
        {
          env: {
            ...{ LECTERN_DATA_DIR: dir.path, LECTERN_SECRET: TEST_SECRET, LECTERN_CONFIG: '' },
            REDIS_URL: redis?.url ?? '',
          },
        },
      );
      await gateway.waitForOutput('rollcall http', 60_000);
    };
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${url}${FOLDER}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${teacher}`, 'content-type': 'application/json' },
      });
    /** Orders that fall into a restart are given again. */
    const order = (method: string, path: string, body: object): Promise<Response> =>
      waitFor(`${method} ${path}`, async () => {
        const reply = await ask(path, { method, body: JSON.stringify(body) });
        return reply.ok || reply.status === 409 ? reply : null;
      });

    before(async () => {
      dir = makeTempDir();
      port = await freePort();
      url = `http://127.0.0.1:${port}`;
      writeFileSync(
        join(dir.path, 'lectern.yaml'),
        'channels:\n  - {id: hall-7, title: x, publishKey: hall-7-key}\norigins: ["http://127.0.0.1:1"]\n',
      );
      if (kind === 'Redis') redis = await startRedis();
      await launch();
      teacher = await testToken({ sub: 't', role: 'teacher' });
      for (let i = 0; i < STUDENTS; i++) {
        const sub = `s${i}`;
        const token = await testToken({ sub });
        students.push(new StubbornStudent(url, sub, token, i % 5 === 0, () => random() * BURST_MS));
      }
      for (const student of students) void student.live();
    });
    after(async () => {
      for (const student of students) student.leave();
      await gateway.stop('SIGKILL');
      await redis?.stop();
      dir.remove();
    });

    for (let round = 1; round <= ROUNDS; round++) {
      it(`round ${round}: what was acknowledged is stored, once, as it was acknowledged`, async () => {
        await waitFor('all students are connected', async () => {
          const { connected } = (await (await ask('')).json()) as { connected: number };
          return connected === STUDENTS;
        });
        const opened = await order('POST', '/calls', { kind: 'presence', prompt: 'Here?', windowMs: 60_000 });
        const { callId } = (await opened.json()) as { callId: string };
        await momentWithin(random() * BURST_MS);
        const victims =
          kind === 'Redis' ? ['gateway', 'redis', 'students'] : ['gateway', 'gateway', 'students'];
        const victim = victims[Math.floor(random() * victims.length)];
        if (victim === 'gateway') {
          await gateway.stop('SIGKILL');
          await launch();
        } else if (victim === 'redis') {
          await redis?.kill();
          await redis?.restart();
        } else for (const student of students) if (random() < 0.5) student.kill();

        await waitFor(
          'every student has her ack',
          () => students.every(({ acknowledged }) => acknowledged.has(callId)),
          40_000,
        );
        await order('PATCH', `/calls/${callId}`, { close: true });
        const csv = await (await ask(`/calls/${callId}/answers.csv`)).text();
        const stored = csv
          .trim()
          .split('\r\n')
          .slice(1)
          .map((row) => row.split(','))
          .filter(([, , , status]) => status !== 'absent')
          .map(([id = '', , , status = '']) => `${id} ${status}`)
          .sort();
        const told = students
          .map(({ sub, acknowledged }) => `${sub} ${acknowledged.get(callId)?.status}`)
          .sort();
        deepEqual(stored, told);
        deepEqual(
          students.flatMap(({ contradictions }) => contradictions),
          [],
        );
        const view = await (await ask(`/calls/${callId}`)).json();
        equal((view as { tally: { present: number } }).tally.present, STUDENTS);
      });
    }
  });
}
