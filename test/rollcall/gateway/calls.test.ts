import { deepEqual, equal, ok } from 'node:assert/strict';
import { CLOSE_CODES } from '../../../rollcall/protocol/frames.ts';
import { startTestPipeline, type TestPipeline } from '../../support/pipeline.ts';
import { RollCallClient, answerTo, testToken } from '../../support/roll-call-client.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';

const TEACHER = { sub: 'teacher-1', name: '王老师', role: 'teacher' } as const;
const PRESENCE = { kind: 'presence', prompt: 'Who is here?' };

describe('a roll call over WebSockets', () => {
  let pipeline: TestPipeline;
  const clients: RollCallClient[] = [];
  const join = async (claims: Parameters<typeof RollCallClient.join>[1]): Promise<RollCallClient> => {
    const client = await RollCallClient.join(pipeline.url, claims);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    pipeline = await startTestPipeline({ roles: ['rollcall'] });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.break();
    await pipeline.stop();
  });

  it('asks every student, and tells the teacher who is there', async () => {
    const teacher = await join(TEACHER);
    const students = await Promise.all(['li', 'han', 'lin'].map((sub) => join({ sub, name: `${sub} 同学` })));
    const callId = await teacher.openCall(PRESENCE);
    const [li, han] = students;
    for (const student of [li, han]) {
      const call = await student?.call(callId);
      ok(call !== undefined && student !== undefined);
      const reply = await student.answer(call);
      deepEqual(reply.type === 'ack' && [reply.status, reply.duplicate], ['present', false]);
    }
    const tally = await teacher.next('tally', ({ present }) => present === 2);
    deepEqual([tally.present, tally.late, tally.absent, tally.total, tally.connected], [2, 0, 1, 3, 3]);
    const named = teacher.frames.flatMap((frame) => (frame.type === 'tally' ? frame.changed : []));
    deepEqual(named.map(({ name }) => name).sort(), ['han 同学', 'li 同学']);
  });

  it('gives a retry of an answer the same ack, and another answer of the same student a duplicate', async () => {
    const teacher = await join(TEACHER);
    const student = await join({ sub: 'li' });
    const callId = await teacher.openCall({ kind: 'choice', prompt: 'Which?', choices: ['a', 'b'] });
    const call = await student.call(callId);
    const frame = answerTo(call, { value: 1 });
    const first = await student.answer(call, frame);
    student.frames.splice(0);
    deepEqual(await student.answer(call, frame), first);
    const other = await student.answer(call, { value: 0 });
    deepEqual(other.type === 'ack' && [other.status, other.duplicate], ['present', true]);
    const tally = await teacher.next('tally', ({ present }) => present === 1);
    deepEqual(tally.values, [{ value: 1, count: 1 }]);
  });

  it('tells the teacher of an answer that is changed, and the student which one counts, also after a restart', async () => {
    const dir = makeTempDir();
    try {
      const clients: RollCallClient[] = [];
      const first = await startTestPipeline({ roles: ['rollcall'], dataDir: dir.path });
      const come = async (url: string, claims: typeof TEACHER | { sub: string }): Promise<RollCallClient> => {
        const client = await RollCallClient.join(url, claims);
        clients.push(client);
        return client;
      };
      const teacher = await come(first.url, TEACHER);
      const student = await come(first.url, { sub: 'li' });
      const question = { kind: 'choice', prompt: 'Which?', choices: ['a', 'b'], changeable: true } as const;
      const callId = await teacher.openCall(question);
      const call = await student.call(callId);
      equal(call.changeable, true);
      const old = answerTo(call, { value: 0, sequence: 1 });
      await student.answer(call, old);
      const tally = await teacher.next('tally', ({ values }) => values.some(({ value }) => value === 0));
      deepEqual(tally.values, [{ value: 0, count: 1 }]);
      const counted = { value: 1, sequence: 5 };
      const fresh = answerTo(call, counted);
      const ack = await student.answer(call, fresh);
      deepEqual(ack.type === 'ack' && [ack.duplicate, ack.counted], [false, counted]);
      const changed = await teacher.next('tally', ({ values }) => values.some(({ value }) => value === 1));
      deepEqual([changed.present, changed.values], [1, [{ value: 1, count: 1 }]]);
      deepEqual(
        changed.changed.map(({ sub, value }) => [sub, value]),
        [['li', 1]],
      );
      for (const client of clients.splice(0)) client.break();
      await first.stop();
      const second = await startTestPipeline({ roles: ['rollcall'], dataDir: dir.path });
      const again = await come(second.url, { sub: 'li' });
      deepEqual((await again.next('welcome')).answered, { callId, status: 'present', counted });
      deepEqual(await again.answer(call, fresh), ack);
      const retry = await again.answer(call, old);
      deepEqual(retry.type === 'ack' && [retry.duplicate, retry.counted], [true, counted]);
      for (const client of clients) client.break();
      await second.stop();
    } finally {
      dir.remove();
    }
  });

  it('welcomes a latecomer with the call, and who has answered with that she has', async () => {
    const teacher = await join(TEACHER);
    const callId = await teacher.openCall(PRESENCE);
    const late = await join({ sub: 'late' });
    const welcome = await late.next('welcome');
    equal(welcome.call?.callId, callId);
    equal(welcome.answered, undefined);
    equal((await late.answer(await late.call(callId))).type, 'ack');
    late.break();
    const again = await join({ sub: 'late' });
    deepEqual((await again.next('welcome')).answered, { callId, status: 'present' });
  });

  it('ends a call early and extends one, and tells everybody', async () => {
    const teacher = await join(TEACHER);
    const student = await join({ sub: 'li' });
    const callId = await teacher.openCall({ ...PRESENCE, windowMs: 60_000 });
    const call = await student.call(callId);
    teacher.send({ type: 'extend', ref: 'more', callId, windowMs: 90_000 });
    await teacher.next('done', ({ ref }) => ref === 'more');
    await student.next('call', ({ windowMs }) => windowMs === 90_000);
    teacher.send({ type: 'close', ref: 'end', callId });
    await teacher.next('done', ({ ref }) => ref === 'end');
    const closed = await student.next('closed');
    equal(closed.callId, callId);
    ok(closed.atProgramTimeMs >= call.atProgramTimeMs);
    // Her playhead had not come to the end when she tapped.
    const reply = await student.answer(call, { tapProgramTimeMs: call.atProgramTimeMs, latencyMs: 0 });
    equal(reply.type === 'ack' && reply.status, 'present');
  });

  it('refuses a second call while one is open, and takes it when that has ended', async () => {
    const teacher = await join(TEACHER);
    const callId = await teacher.openCall(PRESENCE);
    teacher.send({ type: 'open', ref: 'second', ...PRESENCE });
    equal((await teacher.next('refused', ({ ref }) => ref === 'second')).code, 'call-open');
    teacher.send({ type: 'close', ref: 'end', callId });
    await teacher.next('done', ({ ref }) => ref === 'end');
    ok((await teacher.openCall(PRESENCE)) !== callId);
  });

  for (const { name, claims, want } of [
    {
      name: 'a token for another channel',
      claims: { sub: 'li', channel: 'hall-8' },
      want: CLOSE_CODES.forbidden,
    },
    {
      name: 'a token of an encoder',
      claims: { sub: 'li', role: 'encoder' as const },
      want: CLOSE_CODES.forbidden,
    },
    { name: 'an expired token', claims: { sub: 'li', exp: 1000 }, want: CLOSE_CODES.unauthorized },
  ]) {
    it(`closes ${name} with ${want}`, async () => {
      const client = await RollCallClient.open(pipeline.url);
      client.send({ type: 'hello', token: await testToken(claims) });
      equal((await client.end()).code, want);
    });
  }

  for (const { name, frame, want } of [
    { name: 'what is no JSON', frame: '{', want: CLOSE_CODES.badFrame },
    { name: 'an answer before the hello', frame: '{"type":"ping"}', want: CLOSE_CODES.badFrame },
    { name: 'a forged token', frame: '{"type":"hello","token":"a.b.c"}', want: CLOSE_CODES.unauthorized },
    { name: 'a frame of a megabyte', frame: 'x'.repeat(1_000_000), want: 1009 },
    { name: 'bytes', frame: Buffer.from([1, 2, 3]), want: CLOSE_CODES.badFrame },
  ]) {
    it(`closes ${name} with ${want}`, async () => {
      const client = await RollCallClient.open(pipeline.url);
      client.ws.send(frame);
      equal((await client.end()).code, want);
    });
  }

  it('closes a student who gives orders, and a flood', async () => {
    const student = await join({ sub: 'li' });
    student.send({ type: 'open', ...PRESENCE });
    equal((await student.end()).code, CLOSE_CODES.forbidden);
    const flood = await join({ sub: 'han' });
    for (let i = 0; i < 100; i++) flood.send({ type: 'ping' });
    equal((await flood.end()).code, CLOSE_CODES.flood);
  });

  it('keeps the roll right, and healthy students answered, under a flood of junk', async () => {
    const teacher = await join(TEACHER);
    const student = await join({ sub: 'li' });
    const call = await student.call(await teacher.openCall(PRESENCE));
    const count = Number(process.env['LECTERN_JUNK_FRAMES'] ?? 20_000);
    const each = 1000;
    const junk = ['{', '[]', 'null', '{"type":"answer"}', `{"type":"hello","token":"${'x'.repeat(200)}"}`];
    const flooding = Array.from({ length: count / each }, async () => {
      const client = await RollCallClient.open(pipeline.url);
      for (let i = 0; i < each; i++) client.ws.send(junk[i % junk.length] ?? '');
      return (await client.end()).code;
    });
    equal((await student.answer(call)).type, 'ack');
    deepEqual(new Set(await Promise.all(flooding)), new Set([CLOSE_CODES.badFrame]));
    const tally = await teacher.next('tally', ({ present }) => present === 1);
    deepEqual([tally.present, tally.late, tally.total], [1, 0, 1]);
    const metrics = await (await fetch(`${pipeline.url}/metrics`)).text();
    ok(metrics.includes(`lectern_rollcall_dropped_total{reason="bad-frame"} ${count / each}`));
  });

  it('answers who wants a channel that is not there', async () => {
    const refused = await fetch(`${pipeline.url}/rollcall/nowhere`);
    equal(refused.status, 404);
  });

  it('says bye when it stops', async () => {
    const student = await join({ sub: 'li' });
    await pipeline.stop();
    const bye = await student.next('bye');
    ok(bye.reconnectAfterMs >= 1000);
    equal((await student.end()).code, CLOSE_CODES.goingAway);
  });
});

describe('a roll call after its gateway was killed', () => {
  it('has every answer that was acknowledged, and asks on', async () => {
    const dir = makeTempDir();
    try {
      const first = await startTestPipeline({ roles: ['rollcall'], dataDir: dir.path });
      const teacher = await RollCallClient.join(first.url, TEACHER);
      const student = await RollCallClient.join(first.url, { sub: 'li' });
      const callId = await teacher.openCall(PRESENCE);
      const call = await student.call(callId);
      const frame = answerTo(call);
      const ack = await student.answer(call, frame);
      await first.stop();
      const second = await startTestPipeline({ roles: ['rollcall'], dataDir: dir.path });
      const again = await RollCallClient.join(second.url, { sub: 'li' });
      equal((await again.next('welcome')).answered?.callId, callId);
      deepEqual(await again.answer(call, frame), ack);
      const watching = await RollCallClient.join(second.url, TEACHER);
      const tally = await watching.next('tally');
      deepEqual([tally.callId, tally.present], [callId, 1]);
      await waitFor('nobody else', () => tally.total === 1);
      for (const client of [again, watching]) client.break();
      await second.stop();
    } finally {
      dir.remove();
    }
  });
});
