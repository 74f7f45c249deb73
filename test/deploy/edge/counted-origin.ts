import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An origin of a test's own, which counts what it is asked for. */
export type CountedOrigin = {
  readonly url: string;
  readonly port: number;
  /** Requests so far, `GET /live/hall-7/720p.m3u8?_HLS_msn=5`, but for health checks. */
  readonly asked: readonly string[];
  /** How often its health was asked for. */
  healthChecks(): number;
  /** The headers of the last request. */
  lastHeaders(): IncomingMessage['headers'];
  /** How often it was asked for something. @param part of the request line */
  countOf(part: string): number;
  /** Ends it as kill -9 does: every connection breaks. */
  kill(): Promise<void>;
};

/** Options of {@link startCountedOrigin}. */
export type OriginOptions = {
  /** Any free one when left out. */
  readonly port?: number;
  /** How it answers /healthz. */
  readonly healthStatus?: number;
  /** Takes over the socket of an Upgrade; sends back what it gets, behind `echo `, when left out. */
  readonly upgrade?: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

/**
 * Starts an origin.
 *
 * @param answer for all but health checks
 */
export async function startCountedOrigin(
  answer: (req: IncomingMessage, res: ServerResponse) => void,
  { port = 0, healthStatus = 200, upgrade = echo }: OriginOptions = {},
): Promise<CountedOrigin> {
  const asked: string[] = [];
  let checks = 0;
  let last: IncomingMessage['headers'] = {};
  const server: Server = createServer((req, res) => {
    if (req.url === '/healthz') {
      checks += 1;
      res.writeHead(healthStatus).end();
      return;
    }
    asked.push(`${req.method} ${req.url}`);
    last = req.headers;
    answer(req, res);
  });
  server.on('upgrade', (req, socket, head) => {
    asked.push(`UPGRADE ${req.url}`);
    last = req.headers;
    socket.on('error', () => socket.destroy());
    upgrade(req, socket, head);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: listens } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${listens}`,
    port: listens,
    asked,
    healthChecks: () => checks,
    lastHeaders: () => last,
    countOf: (part) => asked.filter((line) => line.includes(part)).length,
    kill: async () => {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Answers with a text that everybody may store. */
export function sendPublic(res: ServerResponse, text: string, maxAge = 60, type = 'text/plain'): void {
  const body = Buffer.from(text);
  res.writeHead(200, {
    'Content-Type': type,
    'Cache-Control': `public, max-age=${maxAge}`,
    'Access-Control-Allow-Origin': '*',
    'Content-Length': body.length,
  });
  res.end(body);
}

/** Answers with an error as the origin does. */
export function sendProblem(
  res: ServerResponse,
  status: number,
  cacheControl = 'public, max-age=1',
  headers: Readonly<Record<string, string>> = {},
): void {
  res.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': cacheControl,
    ...headers,
  });
  res.end('{"error":{"code":"no-such-media","message":"it is not there"}}\n');
}

function echo(_req: IncomingMessage, socket: Duplex): void {
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
  );
  socket.on('data', (data: Buffer) => socket.write(Buffer.concat([Buffer.from('echo '), data])));
}
