import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../../shared/errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { isChannelId } from '../../shared/names.ts';
import { CLOSE_CODES } from '../protocol/frames.ts';
import { LIMITS } from '../protocol/limits.ts';
import { busy } from '../roll-call-error.ts';
import { ClientSession, type ClientSessionDeps } from './client-session.ts';
import { byeFrame, type ConnectionGate } from './connection-gate.ts';
import { SerializedFrame } from './serialized-frame.ts';
import { refuseUpgrade } from './upgrade-refusal.ts';
import { WebSocketConnection } from './web-socket-connection.ts';

/** What the gateway needs. */
export type WebSocketGatewayDeps = ClientSessionDeps & {
  readonly gate: ConnectionGate;
  /** Monotonic milliseconds: deadlines do not move when the clock is set. */
  readonly steadyMs: () => number;
  hasChannel(channel: string): boolean;
  /** The address of the client that sent a request; null where it is not known. */
  clientAddress(req: IncomingMessage): string | null;
};

/** A connection is given so long for its hello before another may take its place, milliseconds. */
const PENDING_LEAST_MS = 1000;

/** Shortest time between two lines of one kind, milliseconds. */
const LOG_EVERY_MS = 1000;

const PATH = /^\/rollcall\/([^/?]{1,64})$/;

/** Accepts WebSockets at `/rollcall/{channel}`, and closes those that are past a deadline. */
export class WebSocketGateway {
  readonly #deps: WebSocketGatewayDeps;
  readonly #log: Pick<Logger, 'info'>;
  readonly #sessionDeps: ClientSessionDeps;
  readonly #sessions = new Set<ClientSession>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // 18,000 deflate windows would be gigabytes, for frames of a few hundred bytes.
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytes,
  });

  constructor(deps: WebSocketGatewayDeps) {
    this.#deps = deps;
    this.#log = sparing(deps.logger, LOG_EVERY_MS, deps.nowMs);
    // Where the ledger cannot be read, a whole school is turned away.
    this.#sessionDeps = { ...deps, logger: sparing(deps.logger, LOG_EVERY_MS, deps.nowMs) };
    this.#server.on('wsClientError', (error, socket) => {
      this.#log.info({ error: error.message }, `a WebSocket handshake is refused: ${error.message}`);
      refuseUpgrade(socket, new AppError(error.message, { code: 'bad-request', status: 400 }));
    });
  }

  /** Open connections. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Handles an upgrade request for a path of the roll call.
   *
   * @returns false when it is not one
   */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    if (!path.startsWith('/rollcall/')) return false;
    if (req.headers.upgrade?.toLowerCase() !== 'websocket') return false;
    const { gate, metrics, hasChannel, clientAddress } = this.#deps;
    const channel = PATH.exec(path)?.[1] ?? '';
    if (!isChannelId(channel) || !hasChannel(channel)) {
      const message = `no channel ${JSON.stringify(channel)}`;
      refuseUpgrade(socket, new AppError(message, { code: 'unknown-channel', status: 404 }));
      return true;
    }
    const retryAfterS = gate.retryAfterS(clientAddress(req));
    if (retryAfterS !== null) {
      metrics.connectionRefused();
      refuseUpgrade(socket, busy(retryAfterS));
      return true;
    }
    this.#server.handleUpgrade(req, socket, head, (ws) => this.#accept(ws, socket, channel));
    return true;
  }

  /** Closes connections that are past a deadline; to be called every few seconds. */
  sweep(): void {
    const { steadyMs, nowMs } = this.#deps;
    const [steady, now] = [steadyMs(), nowMs()];
    for (const session of this.#sessions) session.checkDeadlines(steady, now);
  }

  /**
   * Closes the connection that has waited longest for its hello, where that is more than a second: whoever says who she is gets a
   * place before those who never do.
   *
   * @returns false where there is none
   */
  closeOldestPending(): boolean {
    const { steadyMs, metrics } = this.#deps;
    const beforeMs = steadyMs() - PENDING_LEAST_MS;
    for (const session of this.#sessions) {
      if (session.isIdentified || session.openedMs > beforeMs) continue;
      metrics.dropped('no-hello');
      this.#sessions.delete(session);
      session.terminate();
      return true;
    }
    return false;
  }

  /** Tells every client to reconnect after a random delay, because the server stops. */
  sayBye(): void {
    const clients = this.#sessions.size;
    for (const session of this.#sessions) session.send(new SerializedFrame(byeFrame(clients)));
  }

  /** Closes all connections. Acks of pending answers are to be sent before. */
  closeAll(): void {
    for (const session of this.#sessions) session.close(CLOSE_CODES.goingAway, 'the server stops');
  }

  #accept(ws: WebSocket, socket: Duplex, channel: string): void {
    const { metrics, steadyMs } = this.#deps;
    const connection = new WebSocketConnection(ws, socket, {
      ...{ metrics, steadyMs },
      onMessage: (message) => session.handle(message),
      onClosed: () => {
        this.#sessions.delete(session);
        session.leave();
      },
    });
    const session = new ClientSession(connection, channel, this.#sessionDeps);
    this.#sessions.add(session);
  }
}
