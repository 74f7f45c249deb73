import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { startTestPipeline, type TestPipeline } from '../../support/pipeline.ts';
import { answerTo, testToken } from '../../support/roll-call-client.ts';
import { waitFor } from '../../support/wait-for.ts';

const FOLDER = '/api/rollcall/hall-7';
const PRESENCE = { kind: 'presence', prompt: 'Who is here?' };

describe('class lists, counts and files of the roll call', () => {
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

  it('erases one student by her number as it is written', async () => {
    await ask('PUT', `${FOLDER}/roster`, teacher, 'S-01,Ann\ns-01,Bob', 'text/csv');
    const operator = await testToken({ sub: 'o', role: 'operator' });
    for (const method of ['GET', 'DELETE']) {
      const answer = await ask(method, `${FOLDER}/students/S-01`, operator);
      equal(answer.status, 200);
      const { roster } = (await answer.json()) as { roster: readonly { name: string }[] };
      deepEqual(
        roster.map(({ name }) => name),
        ['Ann'],
      );
    }
    const left = await (await ask('GET', `${FOLDER}/roster`, teacher)).text();
    ok(!left.includes('Ann') && left.includes('Bob'), left);
  });

  it('counts who is not on the list apart: in the call, among its students, in its files', async () => {
    await ask('PUT', `${FOLDER}/roster`, teacher, '1,Ann\n2,Bob\n3,Cy', 'text/csv');
    const call = await open();
    const guest = (await (await ask('POST', `${FOLDER}/guests`, null, { name: 'Stranger' })).json()) as {
      token: string;
    };
    const path = `${FOLDER}/calls/${call.callId}`;
    equal((await ask('POST', `${path}/answers`, guest.token, claim(call))).status, 200);
    const counted = async (): Promise<number[]> => {
      const { tally } = (await (await ask('GET', path, teacher)).json()) as { tally: Record<string, number> };
      return ['present', 'late', 'replay', 'absent', 'total', 'strangers'].map((name) => tally[name] ?? -1);
    };
    deepEqual(await counted(), [0, 0, 0, 3, 3, 1]);
    for (const [show, want] of [
      ['present', 0],
      ['missing', 3],
      ['strangers', 1],
      ['all', 4],
    ] as const) {
      const { total } = (await (await ask('GET', `${path}/students?show=${show}`, teacher)).json()) as {
        total: number;
      };
      equal(total, want, show);
    }
    match(
      await (await ask('GET', `${path}/answers.csv`, teacher)).text(),
      /\r\nguest-\w+,Stranger,,present,.*,no\r\n/,
    );
    await end(call.callId);
    // A list that has her now: names, files and counts go by it.
    await ask('PUT', `${FOLDER}/roster`, teacher, '1,Ann\n2,stranger', 'text/csv');
    await waitFor('the new list', async () => (await counted())[0] === 1);
    deepEqual(await counted(), [1, 0, 0, 1, 2, 0]);
    const calls = await (await ask('GET', `${FOLDER}/calls.csv`, teacher)).text();
    match(calls, /,presence,Who is here\?,1,0,0,1,2,0\r\n/);
    await ask('PUT', `${FOLDER}/roster`, teacher, []);
  });

  it('tells a guest that several on the list have her name', async () => {
    await ask('PUT', `${FOLDER}/roster`, teacher, '1,王芳,7-1\n2,王 芳,7-2\n3,李雷,7-1', 'text/csv');
    const isShared = async (name: string): Promise<unknown> => {
      const answer = await ask('POST', `${FOLDER}/guests`, null, { name });
      return ((await answer.json()) as { isShared: unknown }).isShared;
    };
    await waitFor('the list in the room', async () => (await isShared('王芳')) === true);
    deepEqual(
      [await isShared('王 芳'), await isShared('王芳 7-2'), await isShared('李雷'), await isShared('Ann')],
      [true, false, false, false],
    );
    await ask('PUT', `${FOLDER}/roster`, teacher, []);
  });

  it('gives files with class, date and time in their names, and reads its own exports as lists', async () => {
    const list = '00123,李雷,7-1\n110101201001011234,韩梅梅,7-2';
    await ask('PUT', `${FOLDER}/roster`, teacher, list, 'text/csv');
    const call = await open();
    await end(call.callId);
    for (const [path, what, type] of [
      ['attendance.csv', 'attendance.csv', 'text/csv'],
      ['attendance.xlsx', 'attendance.xlsx', 'application/vnd.openxmlformats'],
      [`attendance.xlsx?call=${call.callId}`, 'attendance.xlsx', 'application/vnd.openxmlformats'],
      [`calls/${call.callId}/answers.csv`, 'answers.csv', 'text/csv'],
      [`calls/${call.callId}/answers.xlsx`, 'answers.xlsx', 'application/vnd.openxmlformats'],
      ['calls.csv', 'calls.csv', 'text/csv'],
      ['calls.xlsx', 'calls.xlsx', 'application/vnd.openxmlformats'],
    ] as const) {
      const answer = await ask('GET', `${FOLDER}/${path}`, teacher);
      equal(answer.status, 200, path);
      ok(answer.headers.get('content-type')?.startsWith(type), path);
      const name = answer.headers.get('content-disposition') ?? '';
      match(name, /^attachment; filename="hall-7 \d{4}-\d\d-\d\d \d\d\.\d\d \w+\.\w+"; filename\*=UTF-8''/);
      ok(name.includes(what), name);
      const body = new Uint8Array(await answer.arrayBuffer());
      if (what.startsWith('calls')) continue;
      const put = await fetch(`${pipeline.url}${FOLDER}/roster`, {
        ...{ method: 'PUT', body },
        headers: { authorization: `Bearer ${teacher}`, 'content-type': 'application/octet-stream' },
      });
      deepEqual(await put.json(), { size: 2 }, path);
      const { entries } = (await (await ask('GET', `${FOLDER}/roster`, teacher)).json()) as {
        entries: { id: string; group: string }[];
      };
      deepEqual(
        entries.map(({ id, group }) => `${id} ${group}`),
        ['00123 7-1', '110101201001011234 7-2'],
        path,
      );
    }
    equal((await ask('GET', `${FOLDER}/attendance.csv?call=nothing`, teacher)).status, 404);
    await ask('PUT', `${FOLDER}/roster`, teacher, []);
  });

  it('shows how a list would be understood, and changes nothing', async () => {
    const preview = `${FOLDER}/roster/preview`;
    const list = '名单\n序号,学号,姓名,性别\n1,20230101,李雷,男';
    deepEqual(await (await ask('POST', preview, teacher, list, 'text/csv')).json(), {
      ...{ kind: 'readable', size: 1 },
      columns: [
        { heading: '序号', use: null },
        { heading: '学号', use: 'id' },
        { heading: '姓名', use: 'name' },
        { heading: '性别', use: null },
      ],
      entries: [{ id: '20230101', name: '李雷', group: '' }],
      notes: [
        { code: 'above-headings', words: ['line 1'] },
        { code: 'columns-unused', words: ['序号', '性别'] },
      ],
      table: {
        ...{ sheets: [], sheet: '', headingLine: 2 },
        top: [
          { line: 1, cells: ['名单'] },
          { line: 2, cells: ['序号', '学号', '姓名', '性别'] },
          { line: 3, cells: ['1', '20230101', '李雷', '男'] },
        ],
        columns: [
          { heading: '序号', use: null },
          { heading: '学号', use: 'id' },
          { heading: '姓名', use: 'name' },
          { heading: '性别', use: null },
        ],
        rows: [{ line: 3, cells: ['1', '20230101', '李雷', '男'] }],
      },
    });
    const { table, ...refused } = (await (
      await ask('POST', preview, teacher, '1,李雷\n1,林涛', 'text/csv')
    ).json()) as { table: { columns: readonly object[] } };
    deepEqual(table.columns, [
      { heading: '', use: 'id' },
      { heading: '', use: 'name' },
    ]);
    deepEqual(refused, {
      ...{ kind: 'refused', message: 'line 2: id "1" is in line 1 already' },
      problem: { code: 'id-twice', place: 'line 2', words: ['1', 'line 1'] },
    });
    deepEqual(await (await ask('GET', `${FOLDER}/roster`, teacher)).json(), { entries: [] });
    equal((await ask('POST', preview, null, list, 'text/csv')).status, 401);
  });

  it('takes a list as it was shown with chosen columns', async () => {
    const list = '代码甲,代码乙\n李雷,1\n韩梅梅,2';
    const query = '?headings=1&columns=name,id';
    const entries = [
      { id: '1', name: '李雷', group: '' },
      { id: '2', name: '韩梅梅', group: '' },
    ];
    const shown = await ask('POST', `${FOLDER}/roster/preview${query}`, teacher, list, 'text/csv');
    deepEqual(((await shown.json()) as { entries: unknown }).entries, entries);
    equal((await ask('PUT', `${FOLDER}/roster${query}`, teacher, list, 'text/csv')).status, 200);
    deepEqual(await (await ask('GET', `${FOLDER}/roster`, teacher)).json(), { entries });
    for (const wrong of [
      '?columns=name,nix',
      '?headings=-1',
      '?headings=99999999999',
      '?sheet=',
      '?sheet=a&sheet=b',
    ]) {
      for (const [method, path] of [
        ['POST', `${FOLDER}/roster/preview`],
        ['PUT', `${FOLDER}/roster`],
      ] as const) {
        const answer = await ask(method, `${path}${wrong}`, teacher, list, 'text/csv');
        equal(answer.status, 400, `${method} ${wrong}`);
        match(await answer.text(), /"code":"bad-input","message":"query\.(?:columns|headings|sheet): /);
      }
    }
    deepEqual(await (await ask('GET', `${FOLDER}/roster`, teacher)).json(), { entries });
    await ask('PUT', `${FOLDER}/roster`, teacher, []);
  });

  it('takes a list in the encoding that its type names', async () => {
    const body = Buffer.from('312cc0eec0d7', 'hex');
    const put = await fetch(`${pipeline.url}${FOLDER}/roster`, {
      ...{ method: 'PUT', body },
      headers: { authorization: `Bearer ${teacher}`, 'content-type': 'text/csv; charset=GBK' },
    });
    equal(put.status, 200);
    deepEqual(await (await ask('GET', `${FOLDER}/roster`, teacher)).json(), {
      entries: [{ id: '1', name: '李雷', group: '' }],
    });
    await ask('PUT', `${FOLDER}/roster`, teacher, []);
  });
});
