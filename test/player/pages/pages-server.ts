import { mkdirSync, readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { makeTempDir } from '../../support/temp-dir.ts';
import { type FakeLibrary, answerLibrary } from './fake-library.ts';
import { type FakeMedia, makeFakeMedia } from './fake-media.ts';
import { servePast } from './fake-timeshift.ts';

/** What the stand-in API answers just now; tests change it. */
export type FakeApi = {
  /** HTTP status of /api/channels and below; 0 breaks the connection. */
  status: number;
  channels: { id: string; state: string; [field: string]: unknown }[];
  /** The viewer's token that is given for any other; null where everybody may watch. */
  viewerToken: string | null;
  /** Authorization headers and paths that were asked for. */
  readonly asked: { readonly path: string; readonly authorization: string | undefined }[];
  /** When streams and lists were refused because the server is full, in milliseconds of performance.now(). */
  readonly refusedAtMs: number[];
  /** Seconds of Retry-After while the server is full; null while it has room. */
  fullForS: number | null;
  readonly library: FakeLibrary;
  /** Recordings that are served; null until {@link PagesServer.makeMedia}. */
  media: FakeMedia | null;
};

/** The built pages behind a server of the test's own. */
export type PagesServer = {
  readonly url: string;
  readonly api: FakeApi;
  /** Makes a recording for all broadcasts: their replays and start-overs play. */
  makeMedia(): void;
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
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src blob: data:";

/** Builds the pages into a folder of the test's own, and serves them with an API that tests hold in their hands. */
export async function startPagesServer(): Promise<PagesServer> {
  const dir = makeTempDir();
  const root = fileURLToPath(new URL('../../../player', import.meta.url));
  await build({ root, logLevel: 'error', build: { outDir: dir.path } });
  const library = { broadcasts: [], asked: [], changes: [] };
  const api: FakeApi = {
    status: 200,
    channels: [],
    viewerToken: 'v.v.v',
    asked: [],
    refusedAtMs: [],
    fullForS: null,
    library,
    media: null,
  };
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://pages.test');
    const { pathname } = url;
    if (api.status === 0 && pathname !== '/api/time' && !/^\/($|watch|library|assets)/.test(pathname)) {
      req.socket.destroy();
      return;
    }
    if (api.fullForS !== null && /^\/(live\/.*\/index\.m3u8|api\/channels)$/.test(pathname)) {
      api.refusedAtMs.push(performance.now());
      res
        .writeHead(503, { 'retry-after': String(api.fullForS), 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { code: 'origin-full', message: 'full' } }));
      return;
    }
    const past = api.media === null ? null : servePast(library, api.media, url);
    if (past !== null) {
      res.writeHead(200, { 'content-type': past.type }).end(past.body);
      return;
    }
    if (pathname.startsWith('/api/')) {
      void answerApi(api, url, req, res);
      return;
    }
    try {
      const file = fileOf(pathname);
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
    makeMedia: () => {
      const folder = join(dir.path, 'fake');
      mkdirSync(folder);
      api.media = makeFakeMedia(folder);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      dir.remove();
    },
  };
}

function fileOf(path: string): string {
  if (path === '/') return 'index.html';
  if (path === '/library') return 'library.html';
  if (/^\/watch\/[^/]+\/[^/]+$/.test(path)) return 'replay.html';
  if (path.startsWith('/teach/')) return 'teach.html';
  return path.startsWith('/watch/') ? 'watch.html' : path.slice(1);
}

async function answerApi(api: FakeApi, url: URL, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = url.pathname;
  api.asked.push({ path, authorization: req.headers.authorization });
  if (path === '/api/time') {
    res.end(new Date().toISOString());
    return;
  }
  if (path === '/api/viewer-token') {
    const { viewerToken: token } = api;
    const access = token === null ? 'open' : 'token';
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ access, token, expiresMs: Date.now() + 3_600_000 }));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  const answer =
    api.status === 200
      ? answerLibrary(api.library, req.method ?? 'GET', url, text === '' ? undefined : JSON.parse(text))
      : null;
  const { status, body } = answer ?? answerChannels(api, path);
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(status === 204 ? undefined : JSON.stringify(body));
}

function answerChannels(api: FakeApi, path: string): { readonly status: number; readonly body: unknown } {
  const id = path.replace('/api/channels', '').replace('/', '');
  const one = api.channels.find((channel) => channel.id === id);
  const status = api.status === 200 && id !== '' && one === undefined ? 404 : api.status;
  const list = { serverTimeMs: Date.now(), channels: api.channels };
  const body = id === '' ? list : one;
  return { status, body: status === 200 ? body : { error: { code: 'test', message: 'test' } } };
}
