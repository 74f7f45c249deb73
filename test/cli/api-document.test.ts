import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Router } from 'express';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { apiDocument } from '../../cli/api-document.ts';
import { answerTo, testToken } from '../support/roll-call-client.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

type Role = 'student' | 'teacher' | 'operator';
/** One request for an operation. */
type Sample = {
  readonly operation: string;
  readonly want: number;
  readonly role?: Role;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** JSON; as it is where a type is given. */
  readonly body?: object | string;
  /** Media type of a body that is text. */
  readonly type?: string;
};
const document = apiDocument();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const START_MS = Date.now() - 7_200_000;

describe('the OpenAPI document', () => {
  it('is one of OpenAPI 3.1, as a validator of others says', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.deepEqual(errors ?? [], []);
    assert.equal(valid, true);
  });

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    assert.equal((document.info as { version: string }).version, version);
  });

  it('has operations of different names, each with a response that is none of an error', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    assert.deepEqual(names, [...new Set(names)]);
    for (const { operation } of operations) {
      assert.ok(
        Object.keys(operation.responses).some((status) => Number(status) < 300),
        operation.operationId,
      );
    }
  });
});

describe('what the pipeline serves, and the OpenAPI document', () => {
  let directory: TempDir;
  let pipeline: TestPipeline;
  let tokens: Record<Role, string>;
  let callId: string;
  /** Operations of which a successful response was compared. */
  const succeeded = new Set<string>();

  before(async () => {
    directory = makeTempDir();
    const library = join(directory.path, 'store', 'broadcasts', 'hall-7');
    mkdirSync(library, { recursive: true });
    for (const id of ['b1', 'b2']) {
      const record = {
        ...{ id, channel: 'hall-7', title: 'Fractions', language: 'en', grade: 7, subject: 'Mathematics' },
        ...{ startMs: START_MS, endMs: START_MS + 60_000, gaps: [], keep: false },
      };
      writeFileSync(join(library, `${id}.json`), JSON.stringify(record));
    }
    pipeline = await startTestPipeline({ dataDir: directory.path });
    tokens = {
      student: await testToken({ sub: 's1', role: 'student' }),
      teacher: await testToken({ sub: 't1', role: 'teacher' }),
      operator: await pipeline.authorization('operator').then((text) => text.replace('Bearer ', '')),
    };
  });
  after(async () => {
    await pipeline.stop();
    directory.remove();
  });

  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, 'document');
  const pointer = (...keys: readonly string[]): string =>
    `document#/${keys.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

  /** Sends a request, and compares the response with the document. */
  const send = async ({
    operation: name,
    want,
    role,
    params = {},
    query = '',
    body,
    type,
  }: Sample): Promise<unknown> => {
    const found = operations.find(({ operation }) => operation.operationId === name);
    assert.ok(found, `${name} is in the document`);
    const { path, method } = found;
    const values: Record<string, string> = { channel: 'hall-7', id: 'b1', callId, ...params };
    const filled = path.replaceAll(/\{(\w+)\}/g, (_all, key: string) => values[key] ?? '');
    const end = new AbortController();
    const answer = await fetch(`${pipeline.url}${filled}${query}`, {
      method: method.toUpperCase(),
      signal: end.signal,
      headers: {
        ...(role === undefined ? {} : { authorization: `Bearer ${tokens[role]}` }),
        ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const where = `${method} ${filled}${query}`;
    const mediaType = (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
    if (mediaType === 'text/event-stream') {
      end.abort();
    }
    const text = end.signal.aborted ? '' : await answer.text();
    assert.equal(answer.status, want, `${where}: ${text}`);
    const response = found.operation.responses[String(want)];
    assert.ok(response, `${where}: ${want} is documented`);
    if (response.content === undefined) assert.equal(text, '', where);
    else assert.ok(Object.hasOwn(response.content, mediaType), `${where}: ${mediaType} is documented`);
    if (want < 300) succeeded.add(name);
    if (mediaType !== 'application/json') return text;
    const value: unknown = JSON.parse(text);
    const validate = ajv.getSchema(
      pointer('paths', path, method, 'responses', String(want), 'content', mediaType, 'schema'),
    );
    assert.ok(validate, where);
    assert.ok(validate(value), `${where}: ${ajv.errorsText(validate.errors)}: ${text}`);
    if (want >= 400) {
      const { code } = (value as { error: { code: string } }).error;
      assert.ok(response.description.split(', ').includes(code), `${where}: ${want} ${code} is documented`);
    }
    return value;
  };

  it('have the same routes', () => {
    const served = pipeline.pipeline.roles.flatMap(({ router }) => routesIn(router?.stack ?? []));
    const api = served.filter((route) => / \/api\//.test(route)).toSorted();
    assert.deepEqual(api, operations.map(({ path, method }) => `${method} ${path}`).toSorted());
  });

  it('serves the document', async () => {
    assert.deepEqual(
      await send({ operation: 'getOpenApi', want: 200 }),
      JSON.parse(JSON.stringify(document)),
    );
  });

  const samples: readonly Sample[] = [
    { operation: 'getTime', want: 200 },
    { operation: 'listChannels', want: 200 },
    { operation: 'getChannel', want: 200 },
    { operation: 'getChannel', want: 404, params: { channel: 'nowhere' } },
    { operation: 'listFeeds', want: 200, role: 'teacher' },
    { operation: 'listFeeds', want: 401 },
    { operation: 'listFeeds', want: 403, role: 'student' },
    { operation: 'findBroadcasts', want: 200, query: '?grade=7&limit=1' },
    { operation: 'findBroadcasts', want: 200, query: '?facets=no&q=fractions' },
    { operation: 'findBroadcasts', want: 400, query: '?grade=seven' },
    { operation: 'getBroadcast', want: 200 },
    { operation: 'getBroadcast', want: 404, params: { id: 'b9' } },
    { operation: 'changeBroadcast', want: 200, role: 'teacher', body: { keep: true, trimStartMs: null } },
    { operation: 'changeBroadcast', want: 400, role: 'teacher', body: { colour: 'red' } },
    { operation: 'changeBroadcast', want: 400, role: 'teacher', body: '{', type: 'application/json' },
    { operation: 'changeBroadcast', want: 413, role: 'teacher', body: { title: 'x'.repeat(20_000) } },
    { operation: 'deleteBroadcast', want: 204, role: 'teacher', params: { id: 'b2' } },
    { operation: 'deleteBroadcast', want: 401 },
    { operation: 'downloadBroadcast', want: 404 },
    { operation: 'getStoryboard', want: 404 },
    { operation: 'getPoster', want: 404 },
    { operation: 'getStoryboardSheet', want: 404, params: { sheet: '0' } },
    { operation: 'getAttendance', want: 404, role: 'teacher' },
    { operation: 'putAttendance', want: 400, role: 'teacher', body: [] },
    { operation: 'putAttendance', want: 204, role: 'teacher', body: { students: [] } },
    { operation: 'getAttendance', want: 200, role: 'teacher' },
    { operation: 'getStudentAttendances', want: 200, role: 'operator', params: { id: 's9' } },
    { operation: 'eraseStudentAttendances', want: 200, role: 'operator', params: { id: 's9' } },
    { operation: 'eraseStudentAttendances', want: 403, role: 'teacher', params: { id: 's9' } },
    {
      ...{ operation: 'putMark', want: 200, role: 'teacher', params: { id: 'm1' } },
      body: { kind: 'presence', atMs: Date.now() - 1000, endMs: null, label: 'Here?' },
    },
    { operation: 'putMark', want: 400, role: 'teacher', params: { id: 'm1' }, body: { kind: 'presence' } },
    { operation: 'listMarks', want: 200, query: '?fromMs=0' },
    { operation: 'listMarks', want: 400, query: '?from=0' },
    { operation: 'listPublishers', want: 200, role: 'operator' },
    { operation: 'listPublishers', want: 403, role: 'teacher' },
    { operation: 'getCapacity', want: 200, role: 'operator' },
    { operation: 'getCapacity', want: 403, role: 'teacher' },
    { operation: 'getPublisher', want: 200, role: 'teacher' },
    { operation: 'getPublishAddress', want: 200, role: 'teacher' },
    { operation: 'becomeGuest', want: 200, body: { name: 'Li Lei' } },
    { operation: 'becomeGuest', want: 400, body: { name: '' } },
    { operation: 'followRollCall', want: 200, role: 'student' },
    {
      operation: 'tellWatched',
      want: 204,
      role: 'student',
      body: { minute: Math.floor(Date.now() / 60_000) - 1 },
    },
    { operation: 'tellWatched', want: 400, role: 'student', body: { minute: 0 } },
    {
      operation: 'putRoster',
      want: 200,
      role: 'teacher',
      body: [
        { id: 's1', name: 'Li Lei' },
        { id: 's2', name: 'Han Meimei', group: '7b' },
      ],
    },
    {
      operation: 'putRoster',
      want: 200,
      role: 'teacher',
      body: 'id,name\ns1,Li Lei\ns2,Han Meimei\n',
      type: 'text/csv',
    },
    { operation: 'putRoster', want: 400, role: 'teacher', body: {} },
    {
      operation: 'previewRoster',
      want: 200,
      role: 'teacher',
      body: 'id,name\ns1,Li Lei\n',
      type: 'text/csv',
    },
    {
      ...{ operation: 'previewRoster', want: 200, role: 'teacher' },
      query: '?headings=1&columns=id,name',
      body: 'a,b\ns1,Li Lei\n',
      type: 'text/csv',
    },
    {
      ...{ operation: 'previewRoster', want: 400, role: 'teacher', query: '?columns=nix' },
      body: 'a,b\ns1,Li Lei\n',
      type: 'text/csv',
    },
    {
      ...{ operation: 'putRoster', want: 200, role: 'teacher', query: '?headings=0&columns=id,name' },
      body: 's1,Li Lei\ns2,Han Meimei\n',
      type: 'text/csv',
    },
    { operation: 'exchangeToken', want: 200, role: 'teacher', body: { channel: 'hall-7' } },
    { operation: 'exchangeToken', want: 400, role: 'teacher', body: { channel: 'Hall 7' } },
    { operation: 'forgetToken', want: 204 },
    { operation: 'getRoster', want: 200, role: 'teacher' },
    { operation: 'exportStudent', want: 200, role: 'operator', params: { id: 's2' } },
    { operation: 'eraseStudent', want: 403, role: 'teacher', params: { id: 's2' } },
    { operation: 'eraseStudent', want: 200, role: 'operator', params: { id: 's9' } },
    { operation: 'getLessonAttendance', want: 404, role: 'teacher' },
    { operation: 'openCall', want: 400, role: 'teacher', body: { kind: 'dance' } },
    { operation: 'openCall', want: 403, role: 'student', body: {} },
  ];
  for (const sample of samples) {
    it(`agree on ${sample.operation}${sample.query ?? ''}: ${sample.want}`, () => send(sample));
  }

  it('agree on a call, from its opening to the attendance', async () => {
    const question = { kind: 'choice', prompt: 'How much is a half and a third?', choices: ['2/5', '5/6'] };
    const call = (await send({
      operation: 'openCall',
      want: 201,
      role: 'teacher',
      body: question,
    })) as Parameters<typeof answerTo>[0];
    ({ callId } = call);
    const teacher = { want: 200, role: 'teacher' } as const;
    await send({ operation: 'openCall', want: 409, role: 'teacher', body: question });
    const { type: _type, callId: _callId, ...claim } = answerTo(call, { value: 1 });
    await send({ operation: 'answerCall', want: 400, role: 'student', body: { ...claim, value: 7 } });
    await send({ operation: 'answerCall', want: 200, role: 'student', body: claim });
    await send({ operation: 'getRollCall', ...teacher });
    await send({ operation: 'getCall', ...teacher });
    await send({ operation: 'getCall', want: 200, role: 'student' });
    await send({ operation: 'getCall', want: 404, role: 'student', params: { callId: 'none' } });
    await send({ operation: 'changeCall', ...teacher, body: { windowMs: 60_000 } });
    await send({
      operation: 'changeCall',
      want: 400,
      role: 'teacher',
      body: { close: true, windowMs: 60_000 },
    });
    await send({ operation: 'changeCall', ...teacher, body: { close: true } });
    await send({ operation: 'listStudents', ...teacher, query: '?show=present&count=1' });
    await send({ operation: 'listStudents', want: 400, role: 'teacher', query: '?count=1000' });
    await send({ operation: 'exportAnswers', ...teacher });
    await send({ operation: 'getLessonAttendance', ...teacher });
    await send({ operation: 'exportLessonAttendance', ...teacher });
    for (const table of ['exportAnswersWorkbook', 'exportCalls', 'exportCallsWorkbook'])
      await send({ operation: table, ...teacher });
    await send({ operation: 'exportLessonAttendanceWorkbook', ...teacher });
  });

  it('were compared on a success of every operation but those that need media', () => {
    const missing = operations
      .map(({ operation }) => operation.operationId)
      .filter((name) => !succeeded.has(name));
    assert.deepEqual(missing, ['downloadBroadcast', 'getStoryboard', 'getPoster', 'getStoryboardSheet']);
  });
});

/** `get /api/channels/{channel}` of each route in a router, and in those within it. */
function routesIn(stack: Router['stack']): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route === undefined) return isRouter(handle) ? routesIn(handle.stack) : [];
    const methods = new Set(route.stack.map(({ method }) => method));
    return [...methods].map((method) => `${method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`);
  });
}

function isRouter(handle: unknown): handle is Router {
  return typeof handle === 'function' && 'stack' in handle;
}
