import { createServer, type Server, type Socket } from 'node:net';
import { IngestError } from '../ingest-error.ts';
import { RtmpSession, type SessionEvents, type SessionTimes } from './rtmp-session.ts';

/** Where to listen and what to bear. */
export type ListenerOptions = SessionTimes & {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly maxConnections: number;
  /** UTC in milliseconds. */
  nowMs(): number;
};

/** Refused for being too many, so that the owner can count them: who, and how many there are already. */
export type OverflowListener = (remote: string, open: string) => void;

const MAX_CHECK_MS = 500;
/** Connections of one address that are not on air: a school's teachers behind one router all start at 8:00. */
const MAX_STRANGERS = 64;

/** The RTMP port: accepts connections up to a number, and closes those that take too long. */
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

  /** Connections now. */
  get connections(): number {
    return this.#sessions.size;
  }

  /**
   * Begins to listen.
   *
   * @returns the port
   * @throws {IngestError} `rtmp-listen-failed` when the address cannot be had
   */
  async listen(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(
          new IngestError(`RTMP cannot listen on ${host}:${port}`, { code: 'rtmp-listen-failed', cause }),
        ),
      );
      this.#server.listen(port, host, resolve);
    });
    // From now on an error is one connection that could not be accepted (out of descriptors): the next may succeed.
    this.#server.on('error', () => {});
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Closes the port and every connection; resolves when they are gone. */
  async close(): Promise<void> {
    clearInterval(this.#checks);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions.values()) {
      session.refuse('stopping', 'the server is stopping', 'NetConnection.Connect.AppShutdown');
    }
    await closed;
  }

  #connect(socket: Socket, events: SessionEvents): void {
    let strangers = 0;
    for (const session of this.#sessions.values()) {
      if (session.address === socket.remoteAddress && !session.isOnAir) strangers++;
    }
    if (strangers >= MAX_STRANGERS) {
      this.#onOverflow(
        `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`,
        `${strangers} of this address wait or try`,
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
