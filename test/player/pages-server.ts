import { readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { makeTempDir } from '../support/temp-dir.ts';

/** What the stand-in API answers just now; tests change it. */
export type FakeApi = {
  /** HTTP status of /api/channels and below; 0 breaks the connection. */
  status: number;
  channels: { id: string; state: string; [field: string]: unknown }[];
  /** Authorization headers and paths that were asked for. */
  readonly asked: { readonly path: string; readonly authorization: string | undefined }[];
};

/** The built pages behind a server of the test's own. */
export type PagesServer = {
  readonly url: string;
  readonly api: FakeApi;
  stop(): Promise<void>;
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** As strict as pages can be that play media from memory. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src blob:";

/** Builds the pages into a folder of the test's own, and serves them with an API that tests hold in their hands. */
export async function startPagesServer(): Promise<PagesServer> {
  const dir = makeTempDir();
  const root = fileURLToPath(new URL('../../player', import.meta.url));
  await build({ root, logLevel: 'error', build: { outDir: dir.path } });
  const api: FakeApi = { status: 200, channels: [], asked: [] };
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://pages.test');
    if (pathname.startsWith('/api/')) return answerApi(api, pathname, req, res);
    const file =
      pathname === '/' ? 'index.html' : pathname.startsWith('/watch/') ? 'watch.html' : pathname.slice(1);
    try {
      const body = readFileSync(join(dir.path, file));
      res.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': POLICY,
      });
      res.end(body);
    } catch {
      res.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    api,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      dir.remove();
    },
  };
}

function answerApi(api: FakeApi, path: string, req: IncomingMessage, res: ServerResponse): void {
  api.asked.push({ path, authorization: req.headers.authorization });
  if (path === '/api/time') {
    res.end(new Date().toISOString());
    return;
  }
  if (api.status === 0) {
    req.socket.destroy();
    return;
  }
  const id = path.replace('/api/channels', '').replace('/', '');
  const one = api.channels.find((channel) => channel.id === id);
  const status = api.status === 200 && id !== '' && one === undefined ? 404 : api.status;
  const list = { serverTimeMs: Date.now(), channels: api.channels };
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(
    JSON.stringify(status === 200 ? (id === '' ? list : one) : { error: { code: 'test', message: 'test' } }),
  );
}
