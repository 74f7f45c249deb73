import assert from 'node:assert/strict';
import { parseConfig } from '../../../../config/load.ts';
import { createViewerTokenApi } from '../../../../origin/http/api/viewer-token-api.ts';
import { type HttpServer, startHttpServer } from '../../../../shared/http-server.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { mintToken, type TokenRole, verifyToken } from '../../../../shared/token.ts';
import { mayEdit } from '../../../../shared/viewer-token.ts';

const SECRET = 'a secret for these tests';
const NOW_MS = 1_800_000_000_000;
const HOUR_S = 3600;

describe('the exchange of a token for one that may stand in an address', () => {
  let server: HttpServer;
  let secure = false;
  afterEach(() => server.close(0));

  const serve = async (yaml: string): Promise<void> => {
    secure = false;
    server = await startHttpServer({ host: '127.0.0.1', port: 0, logger: silentLogger });
    const config = { ...parseConfig(yaml, {}), secret: SECRET };
    server.routes.use(
      createViewerTokenApi({ config, clock: { nowMs: () => NOW_MS }, isSecure: () => secure }),
    );
  };
  const exchange = async (
    role: TokenRole,
    body: object = {},
    channel = 'hall-7',
    hours = 24,
  ): Promise<{ status: number; cookie: string | null; json: Record<string, unknown> }> => {
    const exp = NOW_MS / 1000 + hours * HOUR_S;
    const token = await mintToken(SECRET, { sub: 'li', name: 'Ms Li', channel, role, exp });
    const answer = await fetch(`${server.url}/api/viewer-token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return {
      status: answer.status,
      cookie: answer.headers.get('set-cookie'),
      json: (await answer.json()) as Record<string, unknown>,
    };
  };
  const claimsOf = (json: Record<string, unknown>) => verifyToken(SECRET, String(json['token']), NOW_MS);

  for (const { access, role, want } of [
    { access: 'token', role: 'student', want: 'a token' },
    { access: 'token', role: 'teacher', want: 'a token' },
    { access: 'token', role: 'operator', want: 'a token' },
    { access: 'token', role: 'viewer', want: 'a token' },
    { access: 'token', role: 'encoder', want: 403 },
    { access: 'token', role: 'worker', want: 403 },
    { access: 'open', role: 'student', want: null },
    { access: 'open', role: 'teacher', want: 'a token' },
  ] as const) {
    it(`gives a ${role} ${want === null ? 'no token, for none is needed,' : want} with access ${access}`, async () => {
      await serve(`access: ${access}`);
      const { status, json } = await exchange(role);
      if (want === 403) {
        assert.equal(status, 403);
        return;
      }
      assert.equal(status, 200);
      if (want === null) {
        assert.deepEqual(json, { access, token: null, mayEdit: false, channel: 'hall-7', expiresMs: null });
        return;
      }
      const claims = claimsOf(json);
      assert.equal(claims.role, 'viewer');
      assert.equal(claims.name, '', 'an access log must not have the name of a child');
      assert.doesNotMatch(claims.sub, /li/);
      assert.equal(mayEdit(claims), role === 'teacher' || role === 'operator');
      assert.equal(json['mayEdit'], mayEdit(claims));
      assert.equal(claims.exp, NOW_MS / 1000 + 6 * HOUR_S);
      assert.equal(json['expiresMs'], claims.exp * 1000);
    });
  }

  it('never gives more: not beyond the end of the token, nor another channel', async () => {
    await serve('access: token');
    assert.equal(claimsOf((await exchange('teacher', {}, 'hall-7', 1)).json).exp, NOW_MS / 1000 + HOUR_S);
    assert.equal((await exchange('teacher', { channel: 'hall-8' })).status, 403);
    assert.equal((await exchange('teacher', { channel: '*' })).status, 403);
    assert.equal(claimsOf((await exchange('operator', { channel: 'hall-8' }, '*')).json).channel, 'hall-8');
    assert.equal((await exchange('teacher', { role: 'teacher' })).status, 400);
    const answer = await fetch(`${server.url}/api/viewer-token`, { method: 'POST' });
    assert.equal(answer.status, 401);
  });

  it('a viewer who is called editor, or any other word, is none', () => {
    for (const sub of ['editor', 'viewer', 'teacher', 'operator', 'admin', 'lectern', 'Editor'])
      assert.equal(mayEdit({ role: 'viewer', sub }), false, sub);
  });

  it('a viewer of an editor stays one, and does not outlive her token by exchanging again', async () => {
    await serve('access: token');
    const first = claimsOf((await exchange('teacher')).json);
    const again = await fetch(`${server.url}/api/viewer-token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await mintToken(SECRET, first)}` },
    });
    const second = claimsOf((await again.json()) as Record<string, unknown>);
    assert.ok(mayEdit(second));
    assert.equal(second.exp, first.exp);
  });

  for (const { name, yaml, isSecure, want } of [
    {
      name: 'by default',
      yaml: '',
      isSecure: false,
      want: /^lectern-token=[\w.-]+; Path=\/; Max-Age=21600; HttpOnly; SameSite=Lax$/,
    },
    { name: 'over TLS', yaml: '', isSecure: true, want: /; HttpOnly; Secure; SameSite=Lax$/ },
    {
      name: 'for a domain, under a path',
      yaml: 'http: {cookieDomain: school.example, basePath: /lectern}',
      isSecure: false,
      want: /; Path=\/lectern\/; .*; Domain=school\.example; /,
    },
    {
      name: "in a portal's frame",
      yaml: 'http: {frameAncestors: ["https://portal.school.example"]}',
      isSecure: true,
      want: /; Secure; SameSite=None; Partitioned$/,
    },
  ]) {
    it(`sets the cookie where it is asked for: ${name}`, async () => {
      await serve(`access: token\n${yaml}`);
      secure = isSecure;
      assert.equal((await exchange('student')).cookie, null);
      assert.match((await exchange('student', { cookie: true })).cookie ?? '', want);
      const gone = await fetch(`${server.url}/api/viewer-token`, { method: 'DELETE' });
      assert.match(gone.headers.get('set-cookie') ?? '', /^lectern-token=; .*Max-Age=0/);
    });
  }
});
