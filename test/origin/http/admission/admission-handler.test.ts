import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  IncomingMessage,
  request,
  type Server,
  ServerResponse,
} from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { Registry } from 'prom-client';
import {
  AdmissionHandler,
  type AdmissionHandlerDeps,
} from '../../../../origin/http/admission/admission-handler.ts';
import { addAdmissionMetrics } from '../../../../origin/http/admission/admission-metrics.ts';
import { silentLogger } from '../../../../shared/logger.ts';
import { mintToken, type TokenRole } from '../../../../shared/token.ts';
import { mintViewerToken } from '../../../../shared/viewer-token.ts';

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

const SECRET = 'a secret of a test';
const tokenOf = (role: TokenRole, exp = 2000): Promise<string> =>
  mintToken(SECRET, { sub: 'x', name: 'X', channel: 'hall-7', role, exp });

describe('a full origin', () => {
  let steadyMs = 0;
  let logged: string[] = [];
  let server: Server;
  let admission: AdmissionHandler;
  let deps: AdmissionHandlerDeps;
  let agents: Agent[] = [];

  beforeEach(async () => {
    steadyMs = 0;
    logged = [];
    deps = {
      limits: { lateMs: 100, maxConnections: 2 },
      secret: SECRET,
      clock: { nowMs: () => 1_000_000 },
      logger: {
        ...silentLogger,
        info: (_fields, line) => void logged.push(`info ${line}`),
        warn: (_fields, line) => void logged.push(`warn ${line}`),
      },
      steadyMs: () => steadyMs,
      cpuMs: () => steadyMs,
      random: () => 0.5,
    };
    admission = new AdmissionHandler(deps);
    server = createServer((req, res) => {
      if (!admission.handle(req, res)) res.end('admitted');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    for (const agent of agents) agent.destroy();
    agents = [];
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  /** A client with one connection, which it keeps. */
  function client(): (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    return async (path, headers = {}, method = 'GET') => {
      const { port } = server.address() as AddressInfo;
      const sent = request({ host: '127.0.0.1', port, path, headers, method, agent });
      sent.end();
      const [res] = await once(sent, 'response');
      let body = '';
      for await (const text of res.setEncoding('utf8')) body += text;
      return { status: res.statusCode, headers: res.headers, body };
    };
  }

  /** Two viewers come in, and then it is full. */
  async function fill(): Promise<ReturnType<typeof client>> {
    const inside = client();
    assert.equal((await inside('/live/hall-7/index.m3u8')).status, 200);
    assert.equal((await client()('/live/hall-7/720p.m3u8')).status, 200);
    steadyMs += 50;
    admission.tick();
    assert.equal(admission.isFull, true);
    return inside;
  }

  it('tells a new viewer when to come, and lets no cache hold it', async () => {
    await fill();
    const { status, headers, body } = await client()('/live/hall-7/index.m3u8');
    assert.equal(status, 503);
    assert.equal(headers['retry-after'], '9');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['access-control-expose-headers'], 'Retry-After');
    assert.equal(headers['set-cookie'], undefined);
    assert.equal(JSON.parse(body).error.code, 'origin-full');
  });

  it('answers those who are in, on the connections that they have', async () => {
    const inside = await fill();
    for (const path of [
      '/live/hall-7/720p.m3u8',
      '/live/hall-7/index.m3u8',
      '/live/hall-7/manifest.mpd',
      '/',
    ]) {
      assert.equal((await inside(path)).status, 200, path);
    }
  });

  for (const { name, path, headers, method, want } of [
    { name: 'a media playlist', path: '/live/hall-7/720p.m3u8', want: 200 },
    { name: 'media', path: '/media/hall-7/720p/7.1.m4s', want: 200 },
    { name: "the teacher's page", path: '/teach/hall-7', want: 200 },
    { name: 'a push', path: '/ingest/hall-7/live.b1/720p', method: 'POST', want: 200 },
    {
      name: 'an edge, which asks for all of its viewers',
      path: '/live/hall-7/index.m3u8',
      headers: { via: '1.1 edge' },
      want: 200,
    },
    { name: 'an edge that asks for a page', path: '/watch/hall-7', headers: { via: '1.1 edge' }, want: 200 },
    { name: 'an edge that asks for a list', path: '/api/channels', headers: { via: '1.1 edge' }, want: 200 },
    {
      name: 'a list for any header',
      path: '/api/channels',
      headers: { authorization: 'Bearer x' },
      want: 503,
    },
    {
      name: 'Varnish',
      path: '/live/hall-7/index.m3u8',
      headers: { 'x-varnish': '7', 'x-forwarded-for': '::1' },
      want: 200,
    },
    {
      name: 'an MPD through a proxy, which may be a reload',
      path: '/live/hall-7/manifest.mpd',
      headers: { 'x-forwarded-for': '::1' },
      want: 200,
    },
    {
      name: 'a multivariant playlist through a proxy',
      path: '/live/hall-7/index.m3u8',
      headers: { 'x-forwarded-for': '::1' },
      want: 503,
    },
    { name: 'an MPD', path: '/live/hall-7/manifest.mpd', want: 503 },
    { name: 'a replay', path: '/replay/hall-7/1-2/index.m3u8', want: 503 },
    { name: 'the list of channels', path: '/api/channels', want: 503 },
    { name: 'a search', path: '/api/broadcasts?q=x', want: 503 },
  ]) {
    it(`${want === 200 ? 'answers' : 'refuses'} ${name} on a new connection`, async () => {
      await fill();
      assert.equal((await client()(path, headers, method)).status, want);
    });
  }

  for (const { role, exp, want } of [
    { role: 'teacher', exp: 2000, want: 200 },
    { role: 'operator', exp: 2000, want: 200 },
    { role: 'student', exp: 2000, want: 503 },
    { role: 'teacher', exp: 999, want: 503 },
  ] as const) {
    it(`${want === 200 ? 'answers' : 'refuses'} a ${role} by a token until ${exp} s`, async () => {
      await fill();
      const token = await tokenOf(role, exp);
      const authorization = { authorization: `Bearer ${token}` };
      assert.equal((await client()('/api/channels', authorization)).status, want);
      assert.equal((await client()('/live/hall-7/index.m3u8', authorization)).status, want);
      // Her page plays by a viewer's token that it got for hers; her own is not taken from an address.
      assert.equal((await client()(`/t/${token}/live/hall-7/index.m3u8`)).status, 503);
      const claims = { sub: 'x', name: 'X', channel: 'hall-7', role, exp };
      const viewer = await mintViewerToken(SECRET, claims, 'hall-7', 1_000_000);
      assert.equal((await client()(`/t/${viewer.token}/live/hall-7/index.m3u8`)).status, want);
    });
  }

  it('lets two a second in while it is late, with the page and then the class on the same connection', () => {
    const ask = (socket: Socket, url: string): boolean => {
      const req = Object.assign(new IncomingMessage(socket), { method: 'GET', url });
      return admission.handle(req, new ServerResponse(req));
    };
    admission = new AdmissionHandler({ ...deps, limits: { lateMs: 100, maxConnections: 10_000 } });
    for (let i = 0; i < 500; i++) ask(new Socket(), '/media/hall-7/720p/7.1.m4s');
    for (let i = 0; i < 12; i++) {
      steadyMs += 200;
      admission.tick();
    }
    assert.equal(admission.isFull, true);
    const newcomers = [0, 1, 2, 3].map(() => new Socket());
    const isRefused = newcomers.map((socket) => ask(socket, '/watch/hall-7'));
    assert.deepEqual(isRefused, [false, false, true, true]);
    assert.deepEqual(
      newcomers.map((socket) => ask(socket, '/live/hall-7/index.m3u8')),
      isRefused,
    );
  });

  it('shows a browser a page that loads again by itself', async () => {
    await fill();
    const { status, headers, body } = await client()('/watch/hall-7');
    assert.equal(status, 503);
    assert.match(headers['content-type'] ?? '', /text\/html/);
    assert.match(body, /<meta http-equiv="refresh" content="9">/);
    const head = await client()('/watch/hall-7', {}, 'HEAD');
    assert.equal(head.body, '');
  });

  it('says in the log and in the metrics when it is full and when it has room again', async () => {
    const metrics = new Registry();
    addAdmissionMetrics(metrics, admission);
    await fill();
    await client()('/live/hall-7/index.m3u8');
    assert.match(await metrics.metrics(), /^lectern_origin_full 1$/m);
    assert.match(await metrics.metrics(), /^lectern_origin_refused_total 1$/m);
    assert.match(await metrics.metrics(), /^lectern_origin_viewer_connections 2$/m);
    for (const agent of agents) agent.destroy();
    while (admission.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 102; i += 1) {
      steadyMs += 50;
      admission.tick();
    }
    assert.match(await metrics.metrics(), /^lectern_origin_full 0$/m);
    assert.equal(logged.length, 2);
    assert.match(logged[0] ?? '', /^warn the origin is full/);
    assert.match(logged[1] ?? '', /^info the origin has room again/);
  });
});
