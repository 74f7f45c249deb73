import { createServer, type Server, type Socket } from 'node:net';
import { IngestError } from '../ingest-error.ts';
import { RtmpSession, type SessionEvents, type SessionTimes } from './rtmp-session.ts';

/** Address and limits. */
export type ListenerOptions = SessionTimes & {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly maxConnections: number;
  /** Time in which this process was awake, milliseconds: a pause of it is no silence of a peer. */
  nowMs(): number;
};

/** Called for each connection that is refused because there are too many: the peer, and how many are open. */
export type OverflowListener = (remote: string, open: string) => void;

const MAX_CHECK_MS = 500;
/** Limit of connections per address that are not on air. All teachers of a school may connect at once from behind one router. */
const MAX_PENDING_PER_ADDRESS = 64;

/** Listens for RTMP: limits the number of connections, and disconnects peers that take too long. */
export class RtmpListener {
  readonly #server: Server;
  readonly #sessions = new Map<string, RtmpSession>();
  readonly #options: ListenerOptions;
  readonly #checks: NodeJS.Timeout;
  readonly #onOverflow: OverflowListener;
  #nextId = 1;

  constructor(options: ListenerOptions, events: SessionEvents, onOverflow: OverflowListener) {
    this.#options = options;
    this.#onOverflow = onOverflow;
    const watched: SessionEvents = {
      publish: (session, app, streamName) => events.publish(session, app, streamName),
      message: (session, message) => events.message(session, message),
      refused: (session, reason, detail) => events.refused(session, reason, detail),
      gone: (session, clean) => {
        this.#sessions.delete(session.id);
        events.gone(session, clean);
      },
    };
    this.#server = createServer((socket) => this.#connect(socket, watched));
    this.#server.maxConnections = options.maxConnections;
    this.#server.on('drop', (data) =>
      onOverflow(
        `${data?.remoteAddress ?? '?'}:${data?.remotePort ?? 0}`,
        `${options.maxConnections} are open`,
      ),
    );
    const shortestMs = Math.min(options.handshakeMs, options.publishMs, options.silenceMs);
    this.#checks = setInterval(() => this.#check(), Math.min(MAX_CHECK_MS, shortestMs / 4));
    this.#checks.unref();
  }

  /** Open connections. */
  get connections(): number {
    return this.#sessions.size;
  }

  /**
   * Starts to listen.
   *
   * @returns the port
   * @throws {IngestError} `rtmp-listen-failed` when the address cannot be bound
   */
  async listen(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(
          new IngestError(
            `RTMP cannot listen on ${host}:${port}: stop what uses it, or set LECTERN_RTMP_PORT`,
            { code: 'rtmp-listen-failed', cause },
          ),
        ),
      );
      this.#server.listen(port, host, resolve);
    });
    // From now on an error concerns one connection that could not be accepted (out of descriptors): the next may succeed.
    this.#server.on('error', () => {});
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Closes the port and every connection; resolves when all are closed. */
  async close(): Promise<void> {
    clearInterval(this.#checks);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions.values()) {
      session.refuse('stopping', 'the server is stopping', 'NetConnection.Connect.AppShutdown');
    }
    await closed;
  }

  #connect(socket: Socket, events: SessionEvents): void {
    let pending = 0;
    for (const session of this.#sessions.values()) {
      if (session.address === socket.remoteAddress && !session.isOnAir) pending++;
    }
    if (pending >= MAX_PENDING_PER_ADDRESS) {
      this.#onOverflow(
        `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`,
        `${pending} connections of this address are not on air`,
      );
      socket.destroy();
      return;
    }
    const id = String(this.#nextId++);
    this.#sessions.set(id, new RtmpSession(id, socket, events, () => this.#options.nowMs()));
  }

  #check(): void {
    const nowMs = this.#options.nowMs();
    for (const session of this.#sessions.values()) session.checkTime(nowMs, this.#options);
  }
}
