import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mintToken, type TokenRole } from '../../shared/token.ts';
import { startTestPipeline, TEST_SECRET, type TestPipeline } from '../support/pipeline.ts';

const EXP = Math.floor(Date.now() / 1000) + 3600;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that is none: made by hand. */
function forged(head: object, secret: string | null, claims: object = {}): string {
  const text = `${part(head)}.${part({ sub: 'x', name: 'X', channel: '*', role: 'operator', exp: EXP, ...claims })}`;
  return `${text}.${secret === null ? '' : createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const of = (role: TokenRole, channel: string) => (): Promise<string> =>
  mintToken(TEST_SECRET, { sub: 'x', name: 'X', channel, role, exp: EXP });

/** Who asks: the channels are `hall-7` (a) and `hall-8` (b). */
const IDENTITIES: Readonly<Record<string, () => Promise<string> | string | null>> = {
  nobody: () => null,
  'viewer a': of('viewer', 'hall-7'),
  'student a': of('student', 'hall-7'),
  'student b': of('student', 'hall-8'),
  'student *': of('student', '*'),
  'teacher a': of('teacher', 'hall-7'),
  'teacher b': of('teacher', 'hall-8'),
  'operator a': of('operator', 'hall-7'),
  'operator *': of('operator', '*'),
  'encoder a': of('encoder', 'hall-7'),
  'worker a': of('worker', 'hall-7'),
  expired: () => forged({ alg: 'HS256' }, TEST_SECRET, { exp: 1000 }),
  'alg none': () => forged({ alg: 'none' }, null),
  'wrong key': () => forged({ alg: 'HS256' }, 'another secret of some length'),
  'HS512 label': () => forged({ alg: 'HS512' }, TEST_SECRET),
  'payload swap': async () => {
    const [head, , signature] = (await of('student', 'hall-7')()).split('.');
    return `${head}.${part({ sub: 'x', name: 'X', channel: '*', role: 'operator', exp: EXP })}.${signature}`;
  },
};
const BAD = ['nobody', 'expired', 'alg none', 'wrong key', 'HS512 label', 'payload swap'];
const VIEWERS = [
  'viewer a',
  'student a',
  'student *',
  'teacher a',
  'operator a',
  'operator *',
  'encoder a',
  'worker a',
];
const STAFF = ['teacher a', 'operator a', 'operator *'];
const STUDENTS = ['student a', 'student *'];
const ALL = Object.keys(IDENTITIES);

type Row = {
  readonly request: string;
  /** Who is let in; all others get 401 without a good token, and 403 with one. */
  readonly allowed: readonly string[];
  /** What those get who are let in, where it is not 2xx: the request is about nothing. */
  readonly status?: number;
  readonly body?: object;
};
const B = '/api/channels/hall-7/broadcasts/none';
const R = '/api/rollcall/hall-7';
const TABLE: readonly Row[] = [
  { request: 'GET /api/channels', allowed: ALL.filter((name) => !BAD.includes(name)) },
  { request: 'GET /api/channels/hall-7', allowed: VIEWERS },
  { request: 'GET /api/channels/hall-7/feeds', allowed: STAFF },
  { request: 'GET /api/channels/hall-7/marks', allowed: VIEWERS },
  {
    request: 'PUT /api/channels/hall-7/marks/zz1',
    allowed: [...STAFF, 'worker a'],
    status: 400,
    body: {},
  },
  { request: 'GET /api/broadcasts', allowed: ['student *', 'operator *'] },
  { request: 'GET /api/broadcasts?channel=hall-7', allowed: VIEWERS },
  { request: `GET ${B}`, allowed: VIEWERS, status: 404 },
  { request: `GET ${B}/video.mp4`, allowed: VIEWERS, status: 404 },
  { request: `GET ${B}/poster.jpg`, allowed: VIEWERS, status: 404 },
  { request: `GET ${B}/storyboard.vtt`, allowed: VIEWERS, status: 404 },
  { request: `GET ${B}/storyboard-0.jpg`, allowed: VIEWERS, status: 404 },
  { request: `GET ${B}/attendance`, allowed: [...STAFF, 'worker a'], status: 404 },
  { request: `PUT ${B}/attendance`, allowed: [...STAFF, 'worker a'], status: 404, body: {} },
  { request: `PATCH ${B}`, allowed: STAFF, status: 404, body: {} },
  { request: `DELETE ${B}`, allowed: STAFF, status: 404 },
  { request: 'POST /ingest/hall-7/emergency/240p', allowed: ['encoder a'], status: 400, body: {} },
  { request: 'GET /feeds/hall-7/none.flv', allowed: ['worker a'], status: 404 },
  { request: 'GET /api/ingest', allowed: ['operator *'] },
  { request: 'GET /api/ingest/hall-7', allowed: STAFF },
  { request: 'GET /api/ingest/hall-7/publish', allowed: STAFF },
  { request: `POST ${R}/calls`, allowed: STAFF, status: 400, body: {} },
  { request: `PATCH ${R}/calls/abc`, allowed: STAFF, status: 404, body: { close: true } },
  { request: `GET ${R}`, allowed: STAFF },
  { request: `GET ${R}/calls/abc`, allowed: [...STUDENTS, ...STAFF], status: 404 },
  { request: `GET ${R}/calls/abc/students`, allowed: STAFF, status: 404 },
  { request: `GET ${R}/calls/abc/answers.csv`, allowed: STAFF, status: 404 },
  { request: `POST ${R}/calls/abc/answers`, allowed: STUDENTS, status: 400, body: {} },
  { request: `POST ${R}/watched`, allowed: STUDENTS, status: 400, body: {} },
  { request: `PUT ${R}/roster`, allowed: STAFF, body: [] },
  { request: `GET ${R}/roster`, allowed: STAFF },
  { request: `GET ${R}/attendance`, allowed: STAFF, status: 404 },
  { request: `GET ${R}/attendance.csv`, allowed: STAFF, status: 404 },
  { request: 'GET /live/hall-7/index.m3u8', allowed: VIEWERS },
  { request: 'GET /live/hall-7/manifest.mpd', allowed: VIEWERS },
  { request: 'GET /live/hall-7/240p.m3u8', allowed: VIEWERS },
  { request: 'GET /media/hall-7/240p/5.m4s', allowed: VIEWERS, status: 404 },
  { request: 'GET /replay/hall-7/1600000-3200000/index.m3u8', allowed: VIEWERS, status: 404 },
  {
    request: 'POST /api/viewer-token',
    allowed: [
      'viewer a',
      'student a',
      'student b',
      'student *',
      'teacher a',
      'teacher b',
      'operator a',
      'operator *',
    ],
  },
  { request: 'GET /metrics', allowed: ALL },
  { request: 'GET /healthz', allowed: ALL },
  { request: 'GET /api/openapi.json', allowed: ALL },
  { request: 'GET /api/time', allowed: ALL },
];

describe('who may what, with access by token', function () {
  this.timeout(60_000);
  let pipeline: TestPipeline;
  before(async () => {
    const yaml = `access: token
ladder: {rungs: [{height: 240, videoKbps: 200}]}
channels:
  - {id: hall-7, title: A, publishKey: a-secret-of-hall-7}
  - {id: hall-8, title: B, publishKey: a-secret-of-hall-8}
`;
    pipeline = await startTestPipeline({ yaml, roles: ['ingest', 'origin', 'rollcall'] });
  });
  after(() => pipeline.stop());

  const statusOf = async (request: string, token: string | null, body?: object): Promise<number> => {
    const [method = '', path = ''] = request.split(' ');
    const answer = await fetch(`${pipeline.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await answer.body?.cancel();
    return answer.status;
  };

  for (const { request, allowed, status, body } of TABLE) {
    it(`${request}: ${allowed.length === ALL.length ? 'anyone' : allowed.join(', ')}`, async () => {
      for (const [who, make] of Object.entries(IDENTITIES)) {
        const got = await statusOf(request, await make(), body);
        const isAllowed = allowed.includes(who);
        const want = isAllowed ? (status ?? 200) : BAD.includes(who) ? 401 : 403;
        const isRight = isAllowed && status === undefined ? got >= 200 && got < 300 : got === want;
        assert.ok(isRight, `${who}: ${got}, want ${want}`);
      }
    });
  }

  it('POST /guests: nobody', async () => {
    for (const make of Object.values(IDENTITIES)) {
      assert.equal(await statusOf(`POST ${R}/guests`, await make(), { name: 'Li' }), 403);
    }
  });

  for (const request of ['/live/hall-7/index.m3u8', '/live/hall-7/manifest.mpd', '/live/hall-7/240p.m3u8']) {
    it(`GET /t/{token}${request}: viewers and students alone`, async () => {
      for (const [who, make] of Object.entries(IDENTITIES)) {
        const token = await make();
        if (token === null) continue;
        const got = await statusOf(`GET /t/${token}${request}`, null);
        const isAllowed = ['viewer a', ...STUDENTS].includes(who);
        assert.equal(got, isAllowed ? 200 : BAD.includes(who) ? 401 : 403, who);
      }
    });
  }

  it('no token opens a channel by another spelling of its path', async () => {
    const token = await of('student', 'hall-8')();
    for (const path of [
      '/live/hall-7//index.m3u8',
      '/live//hall-7/index.m3u8',
      '/LIVE/HALL-7/index.m3u8',
      '/live/hall-8/../hall-7/index.m3u8',
      '/live/hall-8/..%2fhall-7/index.m3u8',
      '/live/hall-8%2f..%2fhall-7/index.m3u8',
      '/live/%68all-7/index.m3u8',
      '/live/hall-7;x/index.m3u8',
      '/./live/hall-7/index.m3u8',
    ]) {
      for (const prefix of ['', `/t/${token}`]) {
        const answer = await fetch(`${pipeline.url}${prefix}${path}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        await answer.body?.cancel();
        assert.ok(
          [403, 404].includes(answer.status),
          `${prefix === '' ? '' : '/t/…'}${path}: ${answer.status}`,
        );
      }
    }
  });
});
