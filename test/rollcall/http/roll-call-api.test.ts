import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { ROLL_CALL_ROUTES } from '../../../rollcall/api-routes.ts';
import { startTestPipeline, type TestPipeline } from '../../support/pipeline.ts';
import { answerTo, RollCallClient, testToken } from '../../support/roll-call-client.ts';
import { waitFor } from '../../support/wait-for.ts';

const FOLDER = '/api/rollcall/hall-7';
const PRESENCE = { kind: 'presence', prompt: 'Who is here?' };

describe('the API of the roll call', () => {
  let pipeline: TestPipeline;
  let teacher: string;
  before(async () => {
    pipeline = await startTestPipeline();
    teacher = await testToken({ sub: 't', role: 'teacher' });
  });
  after(() => pipeline.stop());

  const ask = (
    method: string,
    path: string,
    token: string | null,
    body?: unknown,
    type = 'application/json',
  ): Promise<Response> =>
    fetch(`${pipeline.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const open = async (question: object = PRESENCE) => {
    const answer = await ask('POST', `${FOLDER}/calls`, teacher, question);
    equal(answer.status, 201, await answer.clone().text());
    return (await answer.json()) as { callId: string; atProgramTimeMs: number; windowMs: number };
  };
  const end = (callId: string): Promise<Response> =>
    ask('PATCH', `${FOLDER}/calls/${callId}`, teacher, { close: true });
  const claim = (call: { atProgramTimeMs: number }, change: object = {}): object => {
    const {
      type: _type,
      callId: _callId,
      ...rest
    } = answerTo({
      ...{ type: 'call', callId: 'x', kind: 'presence', prompt: 'x', windowMs: 1, graceMs: 1 },
      atProgramTimeMs: call.atProgramTimeMs,
    });
    return { ...rest, ...change };
  };

  it('asks for a token on every route but that of guests', async () => {
    for (const { method, path, access } of ROLL_CALL_ROUTES) {
      if (access === 'anyone') continue;
      const filled = path.replace('{channel}', 'hall-7').replace('{callId}', 'x');
      const { status } = await ask(method.toUpperCase(), filled, null, method === 'get' ? undefined : {});
      equal(status, 401, `${method} ${path}`);
    }
  });

  it('gives a guest a token, with which she answers; and the same id when she comes again', async () => {
    const first = await ask('POST', `${FOLDER}/guests`, null, { name: ' 李雷 ' });
    equal(first.status, 200);
    const guest = (await first.json()) as { token: string; sub: string; name: string };
    equal(guest.name, '李雷');
    const again = await ask('POST', `${FOLDER}/guests`, null, { name: '李雷雷', token: guest.token });
    equal(((await again.json()) as { sub: string }).sub, guest.sub);
    const call = await open();
    const answers = `${FOLDER}/calls/${call.callId}/answers`;
    const body = claim(call);
    const ack = await ask('POST', answers, guest.token, body);
    const { answerId } = body as { answerId: string };
    const want = { type: 'ack', callId: call.callId, answerId, status: 'present', duplicate: false };
    deepEqual(await ack.json(), want);
    deepEqual(await (await ask('POST', answers, guest.token, body)).json(), want);
    await end(call.callId);
  });

  it('refuses guests where tokens are asked for', async () => {
    const yaml = 'access: token\nchannels:\n  - {id: hall-7, title: x, publishKey: hall-7-stream-key}\n';
    const closed = await startTestPipeline({ yaml, roles: ['rollcall'] });
    try {
      const answer = await fetch(`${closed.url}${FOLDER}/guests`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"x"}' },
      });
      equal(answer.status, 403);
      equal(((await answer.json()) as { error: { code: string } }).error.code, 'no-guests');
    } finally {
      await closed.stop();
    }
  });

  it('takes a class list, and tells who is missing, by name, a page at a time', async () => {
    const list = 'number,name,class\r\n1,李雷,7-1\r\n2,"韩, 梅梅",7-2\r\n3,林涛,7-1\r\n';
    const put = await ask('PUT', `${FOLDER}/roster`, teacher, list, 'text/csv');
    deepEqual(await put.json(), { size: 3 });
    const call = await open();
    const token = await testToken({ sub: '2', name: '韩梅梅' });
    equal((await ask('POST', `${FOLDER}/calls/${call.callId}/answers`, token, claim(call))).status, 200);
    const students = `${FOLDER}/calls/${call.callId}/students`;
    const missing = await (await ask('GET', `${students}?show=missing&count=1`, teacher)).json();
    deepEqual(missing, {
      total: 2,
      students: [
        {
          ...{ id: '1', name: '李雷', group: '7-1', onRoster: true, beside: '' },
          ...{ status: 'absent', value: null, reactionMs: null },
        },
      ],
    });
    const csv = await (await ask('GET', `${FOLDER}/calls/${call.callId}/answers.csv`, teacher)).arrayBuffer();
    deepEqual([...new Uint8Array(csv).slice(0, 3)], [0xef, 0xbb, 0xbf]);
    const rows = new TextDecoder().decode(csv).split('\r\n');
    match(rows[1] ?? '', /^1,李雷,7-1,absent,/);
    match(rows[2] ?? '', /^2,"韩, 梅梅",7-2,present,,0\.1,/);
    await end(call.callId);
    const attendance = (await (await ask('GET', `${FOLDER}/attendance`, teacher)).json()) as {
      students: { id: string; answers: { status: string }[] }[];
    };
    deepEqual(attendance.students.find(({ id }) => id === '2')?.answers.at(-1)?.status, 'present');
    deepEqual(attendance.students.find(({ id }) => id === '3')?.answers.at(-1)?.status, 'absent');
    equal((await ask('PUT', `${FOLDER}/roster`, teacher, [])).status, 200);
  });

  it('adds up the minutes that were watched, each once', async () => {
    const token = await testToken({ sub: 'watcher', name: 'watcher' });
    const minute = Math.floor(Date.now() / 60_000) - 1;
    for (const at of [minute, minute, minute - 1]) {
      equal((await ask('POST', `${FOLDER}/watched`, token, { minute: at })).status, 204);
    }
    const call = await open();
    await end(call.callId);
    const csv = await (await ask('GET', `${FOLDER}/attendance.csv`, teacher)).text();
    match(csv, /\nwatcher,watcher,,no,2,/);
  });

  it('sends the same frames as events, and an answer by POST shows in the counts', async () => {
    const token = await testToken({ sub: 'proxied', name: 'proxied' });
    const over = new AbortController();
    const stream = await fetch(`${pipeline.url}${FOLDER}/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal: over.signal,
    });
    match(stream.headers.get('content-type') ?? '', /^text\/event-stream/);
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of stream.body ?? []) text += decoder.decode(chunk, { stream: true });
    })().catch(() => {});
    await waitFor('the welcome', () => text.startsWith('data: {"type":"welcome"'));
    const call = await open({ kind: 'number', prompt: 'How many?' });
    await waitFor('the call', () => text.includes(`data: {"type":"call","callId":"${call.callId}"`));
    const body = claim(call, { value: 42 });
    equal((await ask('POST', `${FOLDER}/calls/${call.callId}/answers`, token, body)).status, 200);
    const watching = await RollCallClient.join(pipeline.url, { sub: 't', role: 'teacher' });
    const tally = await watching.next('tally', ({ callId }) => callId === call.callId);
    deepEqual(tally.values, [{ value: 42, count: 1 }]);
    watching.break();
    await end(call.callId);
    await waitFor('the end', () => text.includes('"type":"closed"'));
    over.abort();
    await reading;
  });

  it('ends the events at once, or with the first one after the welcome, for those who poll', async () => {
    const token = await testToken({ sub: 'polled', name: 'polled' });
    const poll = async (waitS: string) => {
      const reply = await ask('GET', `${FOLDER}/events?waitS=${waitS}`, token);
      return { status: reply.status, text: await reply.text() };
    };
    match((await poll('0')).text, /^data: \{"type":"welcome".*\n\n$/);
    // Its head is here: it is held from now on.
    const held = await ask('GET', `${FOLDER}/events?waitS=25`, token);
    const { callId } = await open();
    await end(callId);
    match(await held.text(), new RegExp(`"type":"(call|closed)","callId":"${callId}"`));
    equal((await poll('26')).status, 400);
  });

  it('takes changes of an answer where the teacher allows them, a bounded number, and counts the newest once', async () => {
    const student = await testToken({ sub: 'li' });
    const question = { kind: 'choice', prompt: '3 × 4?', choices: ['7', '12'], changeable: true };
    const call = await open(question);
    const path = `${FOLDER}/calls/${call.callId}`;
    const change = async (sequence: number, value: number): Promise<unknown> => {
      const body = claim(call, { answerId: `change-no-${sequence}`, sequence, value });
      const reply = await ask('POST', `${path}/answers`, student, body);
      const { duplicate, counted, error } = (await reply.json()) as {
        readonly duplicate?: boolean;
        readonly counted?: unknown;
        readonly error?: { readonly code: string };
      };
      return error === undefined ? [reply.status, duplicate, counted] : [reply.status, error.code];
    };
    deepEqual(await change(1, 0), [200, false, { value: 0, sequence: 1 }]);
    deepEqual(await change(3, 1), [200, false, { value: 1, sequence: 3 }]);
    deepEqual(await change(2, 0), [200, true, { value: 1, sequence: 3 }]);
    for (let sequence = 4; sequence < 22; sequence++) await change(sequence, sequence % 2);
    deepEqual(await change(99, 0), [409, 'too-many-changes']);
    await end(call.callId);
    const told = (await (await ask('GET', path, teacher)).json()) as {
      readonly changeable: boolean;
      readonly tally: { readonly present: number; readonly values: unknown };
    };
    deepEqual([told.changeable, told.tally.present], [true, 1]);
    deepEqual(told.tally.values, [{ value: 1, count: 1 }]);
    const file = await (await ask('GET', `${path}/answers.csv`, teacher)).text();
    deepEqual(
      file.match(/^li,.*$/gm)?.map((row) => row.includes(',12,')),
      [true],
    );
  });

  describe('refuses', () => {
    let call: { callId: string; atProgramTimeMs: number; windowMs: number };
    let student: string;
    before(async () => {
      student = await testToken({ sub: 'li' });
      call = await open({ ...PRESENCE, windowMs: 60_000 });
    });
    after(() => end(call.callId));
    const refusedWith = async (answer: Response): Promise<[number, string]> => {
      const { error } = (await answer.json()) as { error: { code: string } };
      return [answer.status, error.code];
    };
    const answers = (): string => `${FOLDER}/calls/${call.callId}/answers`;

    for (const { name, change, want } of [
      { name: 'an answer from before the call', change: { tapProgramTimeMs: 1 }, want: [409, 'too-early'] },
      { name: 'a tap of the future', change: { latencyMs: 90_000 }, want: [400, 'bad-claim'] },
      { name: 'a value where none is asked for', change: { value: 1 }, want: [400, 'bad-answer'] },
      { name: 'an answer for another student', change: { sub: 'han' }, want: [400, 'bad-input'] },
      { name: 'an answer without an id', change: { answerId: '' }, want: [400, 'bad-input'] },
    ] as const) {
      it(name, async () => {
        deepEqual(await refusedWith(await ask('POST', answers(), student, claim(call, change))), want);
      });
    }

    it("an answer with another's answerId, and keeps that one's", async () => {
      const body = claim(call, { answerId: 'the-very-same-id' });
      equal((await ask('POST', answers(), await testToken({ sub: 'first' }), body)).status, 200);
      const second = await ask('POST', answers(), await testToken({ sub: 'second' }), body);
      deepEqual(await refusedWith(second), [409, 'answer-id-taken']);
    });

    for (const { name, request, want } of [
      {
        name: 'a student who opens a call',
        request: () => ask('POST', `${FOLDER}/calls`, student, PRESENCE),
        want: 403,
      },
      {
        name: 'a teacher who answers',
        request: () => ask('POST', answers(), teacher, claim(call)),
        want: 403,
      },
      {
        name: 'a student who reads names',
        request: () => ask('GET', `${FOLDER}/attendance`, student),
        want: 403,
      },
      {
        name: 'a second call',
        request: () => ask('POST', `${FOLDER}/calls`, teacher, PRESENCE),
        want: 409,
      },
      {
        name: 'a call that is not there',
        request: () => ask('POST', `${FOLDER}/calls/nothing/answers`, student, claim(call)),
        want: 404,
      },
      {
        name: 'a channel that is not there',
        request: () => ask('POST', '/api/rollcall/hall-9/guests', null, { name: 'x' }),
        want: 404,
      },
      {
        name: 'a body of a megabyte',
        request: () => ask('POST', answers(), student, { x: 'y'.repeat(1_000_000) }),
        want: 413,
      },
      {
        name: 'a name with a control character',
        request: () => ask('POST', `${FOLDER}/guests`, null, { name: 'a\u202eb' }),
        want: 400,
      },
      {
        name: 'a list with one number twice, and says where',
        request: () => ask('PUT', `${FOLDER}/roster`, teacher, '1,李雷\n1,韩梅梅\n', 'text/csv'),
        want: 400,
      },
      {
        name: 'a page from nowhere',
        request: () => ask('GET', `${FOLDER}/calls/${call.callId}/students?from=-1`, teacher),
        want: 400,
      },
      {
        name: 'a minute that is yet to come',
        request: () =>
          ask('POST', `${FOLDER}/watched`, student, { minute: Math.floor(Date.now() / 60_000) + 2 }),
        want: 400,
      },
      {
        name: 'a minute of the day before yesterday',
        request: () =>
          ask('POST', `${FOLDER}/watched`, student, { minute: Math.floor(Date.now() / 60_000) - 2 * 1440 }),
        want: 400,
      },
      {
        name: 'a minute that is none',
        request: () => ask('POST', `${FOLDER}/watched`, student, { minute: 'soon' }),
        want: 400,
      },
      {
        name: 'a class list from who may not give it, before it reads it',
        request: () => ask('PUT', `${FOLDER}/roster`, null, '{'),
        want: 401,
      },
    ]) {
      it(`${name}: ${want}`, async () => {
        equal((await request()).status, want);
      });
    }

    it('and counts what it refused, while the roll stays right', async () => {
      const metrics = await (await fetch(`${pipeline.url}/metrics`)).text();
      for (const code of ['too-early', 'bad-claim', 'bad-answer', 'answer-id-taken']) {
        const lines = metrics.split('\n');
        // Each of them once, but for minutes that cannot be: they are claims as well.
        const count = code === 'bad-claim' ? 3 : 1;
        ok(lines.includes(`lectern_rollcall_refused_total{code="${code}"} ${count}`), code);
      }
      const view = (await (await ask('GET', `${FOLDER}/calls/${call.callId}`, teacher)).json()) as {
        tally: { present: number };
      };
      equal(view.tally.present, 1);
      ok(metrics.includes('lectern_rollcall_ack_seconds_bucket'));
    });
  });
});
