import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { codeOf } from './documents.ts';
import { ROOT } from './source-files.ts';

type OpenApi = { readonly paths: Record<string, Record<string, unknown>> };

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** A row of a table: `| `GET /live/{channel}/index.m3u8` | …`. */
const ROW = /^\| `(GET|POST|PUT|PATCH|DELETE) ([^`]+)` \|/gm;

const WEB_SOCKET = '/rollcall/{channel}';

/** Values for the parts of a path that stand in braces. */
const EXAMPLES: Readonly<Record<string, string>> = {
  channel: 'hall-7',
  rendition: '720p',
  hash: '0123456789ab',
  number: '5',
  part: '0',
  from: '1000',
  to: '2000',
  ms: '1000',
  feed: 'live.b1',
  track: '720p',
};

describe('docs/http-api.md', function () {
  this.timeout(60_000);
  const rows = [...read('docs/http-api.md').matchAll(ROW)].map(([, method = '', path = '']) => ({
    method,
    path,
  }));
  let pipeline: TestPipeline;
  let openApi: OpenApi;
  before(async () => {
    pipeline = await startTestPipeline();
    openApi = (await (await fetch(`${pipeline.url}/api/openapi.json`)).json()) as OpenApi;
  });
  after(() => pipeline.stop());

  it('has every operation of the OpenAPI document, and no other of the API', () => {
    const documented = rows
      .filter(({ path }) => path.startsWith('/api/'))
      .map(({ method, path }) => `${method} ${path}`);
    const described = Object.entries(openApi.paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((method) => /^(get|post|put|patch|delete)$/.test(method))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.ok(described.length > 20);
    assert.deepEqual(documented.sort(), described.sort());
  });

  it('names paths that are served', async () => {
    const unknown: string[] = [];
    for (const { method, path } of rows) {
      if (path === WEB_SOCKET) continue;
      const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => EXAMPLES[name] ?? 'x');
      const answer = await fetch(`${pipeline.url}${url}`, { method, signal: AbortSignal.timeout(10_000) });
      const isText = /json|text|mpegurl|xml/.test(answer.headers.get('content-type') ?? '');
      const body = isText && !path.endsWith('/events') ? await answer.text() : '';
      if (body.includes('"not-found"')) unknown.push(`${method} ${path}: ${answer.status}`);
    }
    assert.ok(rows.length > 40);
    assert.deepEqual(unknown, []);
  });

  it('names the path of the WebSocket', async () => {
    assert.ok(rows.some(({ path }) => path === WEB_SOCKET));
    const socket = new WebSocket(`${pipeline.url.replace('http', 'ws')}/rollcall/hall-7`);
    await once(socket, 'open');
    socket.terminate();
  });

  it('and docs/operating.md names metrics that exist', async () => {
    const metrics = await (await fetch(`${pipeline.url}/metrics`)).text();
    const named = codeOf(read('docs/operating.md')).filter((code) => /^lectern_\w+$/.test(code));
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter((name) => !metrics.includes(`# TYPE ${name} `)),
      [],
    );
  });
});
