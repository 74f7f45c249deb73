import { createServer, type Server, type Socket } from 'node:net';
import { IngestError } from '../ingest-error.ts';
import { RtmpConnection, type PeerTimes } from './rtmp-connection.ts';
import type { SessionEvents } from './rtmp-session.ts';

/** Address and limits. */
export type ListenerOptions = PeerTimes & {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly maxConnections: number;
  /** Codecs that the server cannot decode: `av1`. */
  readonly undecodable: ReadonlySet<string>;
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
  readonly #connections = new Map<string, RtmpConnection>();
  readonly #events: SessionEvents;
  readonly #options: ListenerOptions;
  readonly #checks: NodeJS.Timeout;
  readonly #onOverflow: OverflowListener;
  #nextId = 1;
  /** When the connections were last checked, milliseconds awake. */
  #checkedMs: number;

  constructor(options: ListenerOptions, events: SessionEvents, onOverflow: OverflowListener) {
    this.#options = options;
    this.#onOverflow = onOverflow;
    this.#events = events;
    this.#checkedMs = options.nowMs();
    this.#server = createServer((socket) => this.#connect(socket));
    this.#server.maxConnections = options.maxConnections;
    this.#server.on('drop', (data) =>
      onOverflow(
        `${data?.remoteAddress ?? '?'}:${data?.remotePort ?? 0}`,
        `${options.maxConnections} are open`,
      ),
    );
    const shortestMs = Math.min(options.handshakeMs, options.publishMs, options.silenceMs);
    const everyMs = Math.min(MAX_CHECK_MS, shortestMs / 4);
    this.#checks = setInterval(() => this.#check(), everyMs);
    this.#checks.unref();
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size;
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
    for (const connection of this.#connections.values()) {
      connection.refuse('stopping', 'the server is stopping', 'NetConnection.Connect.AppShutdown');
    }
    await closed;
  }

  #connect(socket: Socket): void {
    const pending = [...this.#connections.values()].filter(
      ({ address, isOnAir }) => address === socket.remoteAddress && !isOnAir,
    );
    if (pending.length >= MAX_PENDING_PER_ADDRESS) {
      // Not the new one: it may be another teacher of the same school.
      const oldest = pending.find(({ isRejected }) => isRejected) ?? pending[0];
      const what = `${pending.length} connections of this address are not on air`;
      if (oldest !== undefined) this.#onOverflow(oldest.remote, what);
      oldest?.drop();
    }
    const id = String(this.#nextId++);
    const forget = () => this.#connections.delete(id);
    const { undecodable } = this.#options;
    this.#connections.set(id, new RtmpConnection(id, socket, this.#events, forget, undecodable));
  }

  #check(): void {
    const nowMs = this.#options.nowMs();
    const stepMs = nowMs - this.#checkedMs;
    this.#checkedMs = nowMs;
    for (const connection of [...this.#connections.values()]) connection.elapse(stepMs, this.#options);
  }
}
