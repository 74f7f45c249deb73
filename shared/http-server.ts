import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { AppError, describeError } from './errors.ts';
import { notFound, sendError } from './http-errors.ts';
import type { Logger } from './logger.ts';

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
  /** Time to receive a whole request that is handled by Express, in milliseconds. */
  readonly bodyTimeoutMs: number;
  /** An idle connection is closed after this: later than CDNs and Varnish do (60 s), so that they close first. Milliseconds. */
  readonly keepAliveMs: number;
  /** A connection with a request in progress is closed after this time without a byte in either direction, in milliseconds. */
  readonly silenceMs: number;
};

/** The default limits. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  backlog: 4096,
  maxConnections: 50_000,
  maxPipelined: 16,
  headersTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  keepAliveMs: 75_000,
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
  const { logger } = options;
  const routes = express.Router();
  const app = express()
    .disable('x-powered-by')
    .disable('etag')
    .use(routes)
    .use((req: Request, res: Response) => report(logger, req, notFound(req.url), res))
    // Four parameters: Express recognizes an error handler by them.
    .use((error: unknown, req: Request, res: Response, _next: NextFunction) =>
      report(logger, req, error, res),
    );

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
      try {
        if (options.handle?.(req, res) === true) return;
      } catch (error) {
        report(logger, req, error, res);
        return;
      }
      boundBody(req, limits.bodyTimeoutMs);
      app(req, res);
    },
  );
  server.on('upgrade', (req, socket, head) => {
    try {
      if (!stopping && options.upgrade?.(req, socket, head) === true) return;
    } catch (error) {
      logger.error({ error: describeError(error) }, 'an upgrade failed');
      socket.destroy();
      return;
    }
    answerAsAsked(server, req, socket);
  });
  server.maxConnections = limits.maxConnections;
  server.timeout = limits.silenceMs;
  warnOnDrops(server, limits, logger);
  const open = countConnections(server);
  const port = await listen(server, options, limits, logger);

  return {
    url: `http://${localAddress(options.host)}:${port}`,
    port,
    routes,
    connectionCount: open,
    close: async (graceMs) => {
      if (stopping) return;
      stopping = true;
      const closed = once(server, 'close');
      server.close();
      // A connection that was busy when the stop began becomes idle later, and keep-alive would leave it open.
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      const late = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(idle);
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

function report(logger: Logger, req: IncomingMessage, thrown: unknown, res: ServerResponse): void {
  const problem = sendError(res, thrown);
  if (problem.status >= 500) {
    // A token in a path is as secret as one in a header.
    const path = (req.url ?? '').split('?')[0]?.replace(/^\/t\/[^/]*/, '/t/(redacted)');
    logger.error(
      { method: req.method, path, code: problem.code, error: describeError(thrown) },
      `${req.method} ${path} failed`,
    );
  }
}

/**
 * "A server MAY ignore a received Upgrade header field" (RFC 9110 §7.8), and clients that offer h2c rely on it. Node has
 * already detached its parser from the socket, so such a request is answered by hand, and the connection is then closed.
 */
function answerAsAsked(server: Server, req: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  if (!(socket instanceof Socket) || (req.method !== 'GET' && req.method !== 'HEAD')) {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  res.once('finish', () => {
    res.detachSocket(socket);
    socket.end();
  });
  server.emit('request', req, res);
}

function boundBody(req: IncomingMessage, timeoutMs: number): void {
  if (req.headers['transfer-encoding'] === undefined && req.headers['content-length'] === undefined) return;
  const late = setTimeout(() => req.destroy(), timeoutMs);
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

function countConnections(server: Server): () => number {
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
  });
  return () => open;
}

function systemBacklog(): number | null {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  } catch {
    return null;
  }
}
