import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { startRedis } from '../test/support/redis.ts';
import type { Bench, BenchResult, Row } from './bench.ts';
import { rowAtMost } from './bench.ts';
import { percentile } from './measure/statistics.ts';
import { connectCaller } from './rollcall/caller.ts';
import { type Crowd, startCrowd } from './rollcall/crowd.ts';
import type { AnswersReport } from './rollcall/crowd-options.ts';
import type { DialectName } from './rollcall/dialect.ts';
import { openFilesAllowed, residentBytes } from './rollcall/process-figures.ts';
import { quickToken } from './rollcall/tokens.ts';
import { LOAD_CORE, SERVER_CORE } from './start/cores.ts';
import { type LecternProcess, SECRET, startLectern } from './start/lectern-process.ts';
import { startProgram } from './start/program.ts';

const CHANNEL = 'hall-7';
/** Nobody is there to take marks and attendance: they are no part of this. */
const YAML = `channels:
  - {id: ${CHANNEL}, title: Hall 7, publishKey: hall-7-stream-key}
origins: ["http://127.0.0.1:1"]
`;
const STUDENTS = 18_000;
const ROUNDS = 5;
const CONNECT_PER_S = 1500;
const ACKS_WITHIN_MS = 30_000;
/** After they have come a process is given so long to tidy up, milliseconds. */
const SETTLE_MS = 5000;
/** Marks: p99 of all answers on one process, and on several; bytes a connection; all back after a storm, seconds. */
const P99_MS = 1000;
const P99_MANY_MS = 3000;
const CONNECTION_BYTES = 12_000;
const BACK_S = 60;

type Target = { readonly host: string; readonly port: number };
type Measured = {
  /** One a round, milliseconds. */
  readonly fromPromptMs: readonly (readonly number[])[];
  readonly fromFrameMs: readonly number[];
  readonly missing: number;
  readonly odd: number;
  readonly loadBusy: number;
};

/** Every student answers at once, and each answer is durable before its ack. */
export const rollcall: Bench = {
  name: 'rollcall',
  title: 'a roll call that all answer at once: prompt to durable ack, beside Socket.IO without durability',
  needs: ['ffmpeg', 'redis'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const students = options.students ?? STUDENTS;
    const gateways = options.gateways ?? 1;
    const rounds = options.rounds ?? ROUNDS;
    return gateways > 1 ? onMany({ students, gateways, rounds, say }) : onOne({ students, rounds, say });
  },
};

type Wanted = { readonly students: number; readonly rounds: number; say(line: string): void };

async function onOne({ students, rounds, say }: Wanted): Promise<BenchResult> {
  const allowed = openFilesAllowed('self');
  if (allowed < students + 200) {
    throw new Error(
      `${students} connections need as many open files, and a process may have ${allowed}: raise ulimit -n`,
    );
  }
  // All roles: one by itself asks for Redis.
  const gateway = await startLectern(YAML, { core: SERVER_CORE });
  const crowd = await startCrowd({
    ...{ students, processes: 2, core: LOAD_CORE, dialect: 'lectern', channel: CHANNEL, secret: SECRET },
    ...{ targets: [{ host: '127.0.0.1', port: gateway.httpPort }], connectPerSecond: CONNECT_PER_S },
  });
  try {
    await after(SETTLE_MS);
    const beforeBytes = residentBytes(gateway.pid);
    await crowd.gather();
    say(`${students} are connected`);
    await after(SETTLE_MS);
    const connectionBytes = (residentBytes(gateway.pid) - beforeBytes) / students;
    const ours = await callRounds(
      crowd,
      { host: '127.0.0.1', port: gateway.httpPort },
      'lectern',
      rounds,
      say,
    );
    say('all connections are dropped');
    const storm = await crowd.storm();
    const back = storm.flatMap(({ backAfterMs }) => [...backAfterMs]).sort((a, b) => a - b);
    await crowd.stop();
    const peer = await onSocketIo(students, rounds, say);
    const p = (measured: Measured, share: number): number => percentile(allOf(measured), share);
    const rows: Row[] = [
      rowAtMost('prompt to durable ack, p50', 'ms', p(ours, 0.5), null, 'Socket.IO', p(peer.measured, 0.5)),
      rowAtMost(
        'prompt to durable ack, p99',
        'ms',
        p(ours, 0.99),
        P99_MS,
        'Socket.IO',
        p(peer.measured, 0.99),
      ),
      rowAtMost(
        '  the best of the rounds, p99',
        'ms',
        bestOf(ours),
        null,
        'Socket.IO',
        bestOf(peer.measured),
      ),
      rowAtMost('frame at the student to durable ack, p99', 'ms', percentile(ours.fromFrameMs, 0.99), null),
      rowAtMost(
        'memory a connection',
        'B',
        connectionBytes,
        CONNECTION_BYTES,
        'Socket.IO',
        peer.connectionBytes,
      ),
      rowAtMost('answers without an ack', '', ours.missing, 0),
      rowAtMost('acks that say something else', '', ours.odd, 0),
      rowAtMost('storm: all are back after', 's', (back.at(-1) ?? Number.NaN) / 1000, BACK_S),
      rowAtMost('  half of them', 's', percentile(back, 0.5) / 1000, null),
      rowAtMost('  refused again after their Retry-After', '', sum(storm.map((one) => one.refusedAgain)), 0),
      rowAtMost('  refused once', '', sum(storm.map((one) => one.refusals)), null),
    ];
    const notes = [
      `${students} students, ${rounds} rounds, one gateway with a log on disk; load on the other core, ${(100 * ours.loadBusy).toFixed(0)} % of it busy`,
    ];
    return { rows, notes, detail: { ours, peer, storm }, broken: ours.missing > 0 };
  } finally {
    await crowd.stop();
    await gateway.stop();
  }
}

async function onMany({
  students,
  gateways,
  rounds,
  say,
}: Wanted & { readonly gateways: number }): Promise<BenchResult> {
  const redis = await startRedis();
  const started: LecternProcess[] = [];
  let crowd: Crowd | null = null;
  try {
    for (let i = 0; i < gateways; i++) {
      started.push(await startLectern(YAML, { role: 'rollcall', redisUrl: redis.url }));
    }
    const targets = started.map(({ httpPort }) => ({ host: '127.0.0.1', port: httpPort }));
    crowd = await startCrowd({
      ...{ students, processes: gateways, core: null, dialect: 'lectern', channel: CHANNEL, secret: SECRET },
      ...{ targets, connectPerSecond: CONNECT_PER_S },
    });
    await crowd.gather();
    say(`${students} are connected to ${gateways} gateways`);
    await after(SETTLE_MS);
    const [first] = targets;
    if (first === undefined) throw new Error('no gateway');
    const ours = await callRounds(crowd, first, 'lectern', rounds, say);
    const all = allOf(ours);
    const rows: Row[] = [
      rowAtMost('prompt to durable ack, p50', 'ms', percentile(all, 0.5), null),
      rowAtMost('prompt to durable ack, p99', 'ms', percentile(all, 0.99), P99_MANY_MS),
      rowAtMost('  the best of the rounds, p99', 'ms', bestOf(ours), null),
      rowAtMost('answers without an ack', '', ours.missing, 0),
      rowAtMost('acks that say something else', '', ours.odd, 0),
    ];
    const notes = [
      `${students} students on ${gateways} gateways and one Redis, which flushes each command; all on this machine`,
    ];
    return { rows, notes, detail: ours, broken: ours.missing > 0 };
  } finally {
    await crowd?.stop();
    for (const gateway of started) await gateway.stop();
    await redis.stop();
  }
}

async function onSocketIo(
  students: number,
  rounds: number,
  say: (line: string) => void,
): Promise<{ readonly measured: Measured; readonly connectionBytes: number }> {
  const program = startProgram(
    join(import.meta.dirname, 'rollcall', 'socket-io-program.ts'),
    { secret: SECRET },
    SERVER_CORE,
  );
  const { port } = await program.next<{ kind: 'listening'; port: number }>('listening');
  const crowd = await startCrowd({
    ...{ students, processes: 2, core: LOAD_CORE, dialect: 'socket.io', channel: CHANNEL, secret: SECRET },
    ...{ targets: [{ host: '127.0.0.1', port }], connectPerSecond: CONNECT_PER_S },
  });
  try {
    await after(SETTLE_MS);
    const beforeBytes = residentBytes(program.pid);
    await crowd.gather();
    say(`${students} are connected to Socket.IO`);
    await after(SETTLE_MS);
    const connectionBytes = (residentBytes(program.pid) - beforeBytes) / students;
    return {
      measured: await callRounds(crowd, { host: '127.0.0.1', port }, 'socket.io', rounds, say),
      connectionBytes,
    };
  } finally {
    await crowd.stop();
    await program.stop();
  }
}

async function callRounds(
  crowd: Crowd,
  target: Target,
  dialect: DialectName,
  rounds: number,
  say: (line: string) => void,
): Promise<Measured> {
  const caller = await connectCaller(target, {
    dialect,
    channel: CHANNEL,
    token: teacherToken(),
  });
  const fromPromptMs: number[][] = [];
  const fromFrameMs: number[] = [];
  let [missing, odd, loadBusy] = [0, 0, 0];
  try {
    for (let round = 1; round <= rounds; round++) {
      const { callId, sentMs } = await caller.open({ windowMs: 60_000 });
      const reports = await crowd.answers(ACKS_WITHIN_MS);
      const own: number[] = [];
      for (const report of reports) {
        for (const [i, ackedAtMs] of report.ackedAtMs.entries()) {
          if (Number.isNaN(ackedAtMs)) missing++;
          else {
            own.push(ackedAtMs - sentMs);
            fromFrameMs.push(ackedAtMs - (report.calledAtMs[i] ?? Number.NaN));
          }
        }
        odd += report.odd;
        loadBusy = Math.max(loadBusy, busyOf(reports));
      }
      fromPromptMs.push(own.sort((a, b) => a - b));
      say(
        `round ${round}: p50 ${percentile(own, 0.5).toFixed(0)} ms, p99 ${percentile(own, 0.99).toFixed(0)} ms`,
      );
      await caller.close(callId);
      await after(1000);
    }
  } finally {
    caller.end();
  }
  return { fromPromptMs, fromFrameMs: fromFrameMs.sort((a, b) => a - b), missing, odd, loadBusy };
}

function teacherToken(): string {
  const exp = Math.floor(Date.now() / 1000) + 86_400;
  return quickToken(SECRET, { sub: 'teacher-1', name: 'teacher-1', channel: CHANNEL, role: 'teacher', exp });
}

function busyOf(reports: readonly AnswersReport[]): number {
  return sum(reports.map(({ busy }) => (Number.isNaN(busy) ? 0 : busy)));
}

function allOf({ fromPromptMs }: Measured): number[] {
  return fromPromptMs.flat().sort((a, b) => a - b);
}

function bestOf({ fromPromptMs }: Measured): number {
  return Math.min(...fromPromptMs.map((own) => percentile(own, 0.99)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
