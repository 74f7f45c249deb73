import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type Server as Listener, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { AppError, describeError } from './errors.ts';
import { canonicalUrl } from './canonical-path.ts';
import { notFound, shownPath } from './http-errors.ts';
import { answerPreflight, isReadPreflight } from './http-preflight.ts';
import type { Logger } from './logger.ts';
import { addListeners } from './more-listeners.ts';
import { ProblemLog } from './problem-log.ts';
import { StalledWrites } from './stalled-writes.ts';

/** The server cannot listen on an address. */
export class ListenError extends AppError {}

/**
 * Limits of one HTTP server. The defaults fit an origin behind a CDN; tests take smaller ones.
 *
 * A request has no time limit as a whole, since the body of an uplink lasts as long as its publication; {@link bodyTimeoutMs}
 * limits the requests that Express handles.
 */
export type HttpLimits = {
  /** Connections that may wait to be accepted: thousands arrive when a lesson begins. The system may allow fewer. */
  readonly backlog: number;
  /** Open connections; further ones are closed at once. */
  readonly maxConnections: number;
  /** Requests that a connection may pipeline behind one that is not answered yet; one more closes the connection. */
  readonly maxPipelined: number;
  /** Time from a connection's or request's first byte to the end of its head, in milliseconds. 408 after that. */
  readonly headersTimeoutMs: number;
  /** Time to receive a whole request that is handled by Express, and what is left of any after its answer; in milliseconds. */
  readonly bodyTimeoutMs: number;
  /** An idle connection is closed after this: later than proxies do (60 to 120 s), so that they close first. Milliseconds. */
  readonly keepAliveMs: number;
  /**
   * A connection with a request in progress is closed after this time without a byte in either direction, and one whose client
   * does not read when no write has completed for it. Milliseconds.
   */
  readonly silenceMs: number;
};

/** The default limits. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  backlog: 4096,
  maxConnections: 50_000,
  maxPipelined: 16,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  keepAliveMs: 130_000,
  silenceMs: 180_000,
};

/** Options of {@link startHttpServer}. */
export type HttpServerOptions = {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Share the port with other processes that set this too; needs Node.js 22.12 or newer. */
  readonly reusePort?: boolean;
  readonly logger: Logger;
  /** Called for each request before Express; returns true when it handles the request. */
  readonly handle?: (req: IncomingMessage, res: ServerResponse) => boolean;
  /** Called for each Upgrade request; returns true when it takes over the socket. */
  readonly upgrade?: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  readonly limits?: Partial<HttpLimits>;
  /** Path in front of every other, where a proxy does not take it off: `/lectern`; '' when left out. */
  readonly basePath?: string;
  /** Connections that are accepted in a turn of the event loop; 1 when left out. More take a moment at the start. */
  readonly acceptsPerTurn?: number;
};

/** A listening server. */
export type HttpServer = {
  /** Its address on this machine: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Routes of Express, used after the hot paths. More may be added at any time; a request that none matches gets 404. */
  readonly routes: Router;
  /** Connections that are open now. */
  connectionCount(): number;
  /**
   * Stops accepting connections, waits for requests in progress, and closes the remaining connections after the grace.
   *
   * @param graceMs milliseconds
   */
  close(graceMs: number): Promise<void>;
};

/**
 * Starts an HTTP server: a plain handler for the hot paths, Express for the rest, and the same error format for both.
 *
 * @throws {ListenError} `address-in-use` or `cannot-listen`
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const { logger, basePath = '' } = options;
  const routes = express.Router();
  const problems = new ProblemLog(logger, () => Date.now());
  const report = (req: IncomingMessage, thrown: unknown, res: ServerResponse): void => {
    problems.send(res, shownPath(req.url ?? ''), thrown);
  };
  const app = express()
    .disable('x-powered-by')
    .disable('etag')
    .use((req: Request, res: Response, next: NextFunction) => {
      if (isReadPreflight(req)) answerPreflight(res);
      else next();
    })
    .use(routes)
    .use((req: Request, res: Response) => report(req, notFound(req.url), res))
    // Four parameters: Express recognizes an error handler by them.
    .use((error: unknown, req: Request, res: Response, _next: NextFunction) => report(req, error, res));

  const isPipelineFull = countPipelined(limits.maxPipelined);
  let stopping = false;
  const server = createServer(
    {
      requestTimeout: 0,
      headersTimeout: limits.headersTimeoutMs,
      // Incomplete requests are checked often enough for the limit above to be accurate.
      connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
      keepAliveTimeout: limits.keepAliveMs,
      maxHeaderSize: 16_384,
      noDelay: true,
    },
    (req, res) => {
      if (isPipelineFull(req, res)) return;
      if (stopping) res.shouldKeepAlive = false;
      if (isMoved(req, res, basePath)) return;
      if (hasBody(req)) res.once('finish', () => boundBody(req, limits.bodyTimeoutMs));
      try {
        if (options.handle?.(req, res) === true) return;
      } catch (error) {
        report(req, error, res);
        return;
      }
      boundBody(req, limits.bodyTimeoutMs);
      res.setHeader('X-Content-Type-Options', 'nosniff');
      app(req, res);
    },
  );
  server.on('upgrade', (req, socket, head) => {
    req.url = withoutBase(req.url ?? '', basePath);
    req.url = canonicalUrl(req.url) ?? req.url;
    try {
      if (!stopping && options.upgrade?.(req, socket, head) === true) return;
    } catch (error) {
      logger.error({ error: describeError(error) }, 'an upgrade failed');
      socket.destroy();
      return;
    }
    answerAsAsked(server, req, socket, limits.silenceMs);
  });
  server.maxConnections = limits.maxConnections;
  server.timeout = limits.silenceMs;
  warnOnDrops(server, limits, logger);
  const stalled = new StalledWrites(limits.silenceMs);
  server.on('connection', (socket) => {
    // Node's own limit counts what the first descriptor has accepted.
    if (stalled.size < limits.maxConnections) stalled.watch(socket);
    else {
      server.emit('drop');
      socket.destroy();
    }
  });
  const sweeper = setInterval(() => stalled.sweep(performance.now()), Math.min(10_000, limits.silenceMs / 4));
  sweeper.unref();
  const port = await listen(server, options, limits, logger);
  const added = await addAccepts(server, (options.acceptsPerTurn ?? 1) - 1, logger);

  return {
    url: `http://${localAddress(options.host)}:${port}`,
    port,
    routes,
    connectionCount: () => stalled.size,
    close: async (graceMs) => {
      if (stopping) return;
      stopping = true;
      const closed = [server, ...added].map((listener) => once(listener, 'close'));
      for (const listener of [server, ...added]) listener.close();
      // A connection that was busy when the stop began becomes idle later, and keep-alive would leave it open.
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      const late = setTimeout(() => server.closeAllConnections(), graceMs);
      await Promise.all(closed);
      clearInterval(idle);
      clearInterval(sweeper);
      clearTimeout(late);
    },
  };
}

/** The address that reaches a listener from its own machine: loopback where it listens on every address. */
export function localAddress(host: string): string {
  if (host === '' || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * Tells whether a version of Node.js can share a port between processes (`reusePort` of `net.Server.listen`).
 *
 * @param version `22.12.0`
 */
export function canReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

async function listen(
  server: Server,
  { host, port, reusePort = false }: HttpServerOptions,
  { backlog }: HttpLimits,
  logger: Logger,
): Promise<number> {
  const allowed = systemBacklog();
  if (allowed !== null && allowed < backlog) {
    logger.warn(
      { wanted: backlog, allowed },
      `net.core.somaxconn is ${allowed}: only so many connections can wait to be accepted; raise it to ${backlog}`,
    );
  }
  if (reusePort && !canReusePort(process.versions.node)) {
    throw new ListenError(
      `http.reusePort needs Node.js 22.12 or newer, this is ${process.versions.node}: update it, or leave http.reusePort out`,
      { code: 'cannot-listen' },
    );
  }
  try {
    const address = { host, port, backlog, ...(reusePort ? { reusePort } : {}) };
    server.listen(address);
    await once(server, 'listening');
  } catch (cause) {
    const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    throw new ListenError(
      inUse
        ? `http ${host}:${port} is in use by another process: stop it, or set LECTERN_HTTP_PORT`
        : `http ${host}:${port} cannot be opened for listening`,
      { code: inUse ? 'address-in-use' : 'cannot-listen', cause },
    );
  }
  server.on('error', (error) => logger.error({ error: describeError(error) }, 'the HTTP listener failed'));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Without them the server works, and is slower to answer many new viewers at once. */
async function addAccepts(server: Server, count: number, logger: Logger): Promise<readonly Listener[]> {
  if (count < 1) return [];
  try {
    return await addListeners(server, count, (socket) => server.emit('connection', socket));
  } catch (error) {
    logger.warn(
      { error: describeError(error) },
      'HTTP accepts one new connection a turn: the socket could not be copied',
    );
    return [];
  }
}

/** How long a client may take to close a connection that this side has ended, in milliseconds. */
const LINGER_MS = 5000;

function withoutBase(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}

/**
 * Takes the base path off a request, and sends a browser on to the address that was meant. Any other request is answered as if it
 * had been written right: who posts does not come again.
 *
 * @returns true when it has answered
 */
function isMoved(req: IncomingMessage, res: ServerResponse, basePath: string): boolean {
  req.url = withoutBase(req.url ?? '', basePath);
  const right = canonicalUrl(req.url);
  if (right === null) return false;
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    req.url = right;
    return false;
  }
  res.writeHead(308, {
    Location: basePath + right,
    'Content-Length': 0,
    'Cache-Control': 'no-store',
    'Access-Control-Allow-Origin': '*',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  });
  res.end();
  return true;
}

/**
 * "A server MAY ignore a received Upgrade header field" (RFC 9110 §7.8), and clients that offer h2c rely on it. Node has
 * already detached its parser from the socket, so such a request is answered by hand, and the connection is then closed.
 */
function answerAsAsked(server: Server, req: IncomingMessage, socket: Duplex, silenceMs: number): void {
  socket.on('error', () => socket.destroy());
  if (!(socket instanceof Socket)) {
    socket.destroy();
    return;
  }
  // Node has taken its own limits off this socket.
  socket.setTimeout(silenceMs, () => socket.destroy());
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    socket.setTimeout(Math.min(LINGER_MS, silenceMs));
    return;
  }
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  res.once('finish', () => {
    res.detachSocket(socket);
    socket.end();
    socket.setTimeout(Math.min(LINGER_MS, silenceMs));
  });
  server.emit('request', req, res);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
}

/** A body that has come whole is no reason to end its request, even if nobody reads it: the answer may take its time. */
function boundBody(req: IncomingMessage, timeoutMs: number): void {
  if (!hasBody(req) || req.complete) return;
  const late = setTimeout(() => {
    if (!req.complete) req.destroy();
  }, timeoutMs);
  late.unref();
  req.once('close', () => clearTimeout(late));
}

/**
 * Limits pipelining: Node delivers all requests of a connection at once, so a single connection could use up the limits of
 * blocked requests.
 *
 * @returns a function that closes the connection and returns true when a request exceeds the limit
 */
function countPipelined(most: number): (req: IncomingMessage, res: ServerResponse) => boolean {
  const counts = new WeakMap<Socket, number>();
  return ({ socket }, res) => {
    // A response has no socket at this point when an earlier one on the same connection is still to be sent.
    if (res.socket !== null) return false;
    const count = (counts.get(socket) ?? 0) + 1;
    counts.set(socket, count);
    res.once('finish', () => counts.set(socket, (counts.get(socket) ?? 1) - 1));
    if (count <= most) return false;
    socket.destroy();
    return true;
  };
}

function warnOnDrops(server: Server, limits: HttpLimits, logger: Logger): void {
  let dropped = 0;
  server.on('drop', () => {
    // One line for each thousand: a flood of connections must not become a flood of log lines.
    if (dropped++ % 1000 === 0) {
      logger.warn({ dropped }, `new connections are rejected: ${limits.maxConnections} are open`);
    }
  });
}

function systemBacklog(): number | null {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  } catch {
    return null;
  }
}
