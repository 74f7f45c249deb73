import type { Socket } from 'node:net';
import { describeError } from '../../shared/errors.ts';
import { RtmpProtocol, type RtmpMessage } from './rtmp-protocol.ts';

/** Why a connection was refused or closed; stable, used as a metric's label. */
export type RefusalReason =
  | 'unknown-app'
  | 'unknown-channel'
  | 'wrong-key'
  | 'already-live'
  | 'taken-over'
  | 'unsupported-media'
  | 'no-transcoder'
  | 'play'
  | 'garbage'
  | 'no-handshake'
  | 'no-publish'
  | 'silent'
  | 'too-many-connections'
  | 'stopping';

/** What a session tells its owner. Called from socket handlers, so nothing here may throw. */
export type SessionEvents = {
  publish(session: RtmpSession, app: string, streamName: string): void;
  message(session: RtmpSession, message: RtmpMessage): void;
  /** For the last time. `clean` when the publisher stopped on purpose. */
  gone(session: RtmpSession, clean: boolean): void;
  /** Closed by us. `detail` holds no secret. */
  refused(session: RtmpSession, reason: RefusalReason, detail: string): void;
};

/** How long a peer may take, in milliseconds. */
export type SessionTimes = {
  readonly handshakeMs: number;
  readonly publishMs: number;
  /** Without a byte once it publishes. */
  readonly silenceMs: number;
};

type Phase = 'handshake' | 'connected' | 'held' | 'on-air' | 'closed';

const HANDSHAKE_BYTES = 1 + 1536;
const RTMP_VERSION = 3;
/** Messages of a publisher that did not wait for our answer. */
const MAX_HELD_BYTES = 1 << 20;
/** How long a refused peer may go on before its socket is destroyed: long enough to read why. */
const FAREWELL_MS = 250;

/**
 * One RTMP connection: a socket, a protocol, and whether what it sends counts.
 *
 * Messages leave it only while it is on air; in every other phase they are dropped here, at the source.
 */
export class RtmpSession {
  readonly id: string;
  /** address:port, for the log. */
  readonly remote: string;
  readonly address: string;
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  readonly #openedMs: number;
  readonly #nowMs: () => number;
  #protocol: RtmpProtocol | null = null;
  #hello: Buffer[] = [];
  #helloBytes = 0;
  #phase: Phase = 'handshake';
  #wantsToPublish = false;
  #lastByteMs: number;
  #held: RtmpMessage[] = [];
  #heldBytes = 0;
  #restTimer: NodeJS.Timeout | null = null;

  constructor(id: string, socket: Socket, events: SessionEvents, nowMs: () => number) {
    this.id = id;
    this.address = socket.remoteAddress ?? '?';
    this.remote = `${this.address}:${socket.remotePort ?? 0}`;
    this.#socket = socket;
    this.#events = events;
    this.#nowMs = nowMs;
    this.#openedMs = nowMs();
    this.#lastByteMs = this.#openedMs;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => this.#leave(false));
    socket.on('close', () => this.#leave(false));
  }

  /** Whether it publishes, with its key checked. */
  get isOnAir(): boolean {
    return this.#phase === 'on-air';
  }

  /** Puts what this session sends on air; the publisher is told so. */
  accept(): void {
    if (this.#phase !== 'connected' && this.#phase !== 'held') return;
    this.#phase = 'on-air';
    this.#protocol?.accept();
    const held = this.#held;
    this.#held = [];
    for (const message of held) if (this.isOnAir) this.#events.message(this, message);
  }

  /** Lets the publisher wait for its answer. */
  hold(): void {
    if (this.#phase === 'connected') this.#phase = 'held';
  }

  /**
   * Reads nothing for a while: the kernel's buffers fill, and the peer has to wait.
   *
   * @param onRested called at the end, and may let it rest again; not called once the connection is closed
   */
  rest(restMs: number, onRested: () => void): void {
    if (this.#phase === 'closed' || this.#restTimer !== null) return;
    this.#socket.pause();
    this.#restTimer = setTimeout(() => {
      this.#restTimer = null;
      this.#lastByteMs = this.#nowMs();
      onRested();
      if (this.#restTimer === null) this.#socket.resume();
    }, restMs);
  }

  /**
   * Tells the peer why and closes the connection. Not a byte is read any more.
   *
   * @param code RTMP status code
   * @param detail one sentence for the peer and for the log
   */
  refuse(reason: RefusalReason, detail: string, code = 'NetStream.Publish.BadName'): void {
    if (this.#phase === 'closed') return;
    if (this.#phase !== 'handshake') this.#protocol?.refuse(code, detail);
    this.#events.refused(this, reason, detail);
    this.#leave(false);
    // Destroyed at once, what we said would be lost to a reset: what still comes in is thrown away unread for a moment.
    this.#partFromPeer();
  }

  /** Closes a peer that takes too long, at `nowMs` (UTC milliseconds). */
  checkTime(nowMs: number, times: SessionTimes): void {
    const ageMs = nowMs - this.#openedMs;
    if (this.#phase === 'handshake' && ageMs >= times.handshakeMs) {
      this.refuse('no-handshake', `no RTMP handshake within ${times.handshakeMs} ms`);
    } else if (this.#phase === 'connected' && ageMs >= times.publishMs) {
      this.refuse('no-publish', `nothing published within ${times.publishMs} ms`);
    } else if (this.#phase === 'on-air' && nowMs - this.#lastByteMs >= times.silenceMs) {
      this.refuse(
        'silent',
        `nothing received for ${times.silenceMs} ms`,
        'NetConnection.Connect.IdleTimeOut',
      );
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#phase === 'closed') return;
    this.#lastByteMs = this.#nowMs();
    try {
      if (this.#protocol === null) this.#greet(bytes);
      else this.#protocol.feed(bytes);
    } catch (error) {
      this.refuse('garbage', describeError(error));
    }
  }

  /** The protocol and its buffers are made for those only who sent C0 and C1 (RTMP 1.0 §5.2.2, §5.2.3). */
  #greet(bytes: Buffer): void {
    if (this.#helloBytes === 0 && bytes[0] !== RTMP_VERSION) {
      this.refuse('garbage', `RTMP version ${bytes[0] ?? 0}: want ${RTMP_VERSION}`);
      return;
    }
    this.#hello.push(bytes);
    this.#helloBytes += bytes.length;
    if (this.#helloBytes < HANDSHAKE_BYTES) return;
    this.#protocol = new RtmpProtocol({
      output: (out) => this.#write(out),
      publish: (app, streamName) => this.#publish(app, streamName),
      message: (message) => this.#message(message),
      unpublish: () => this.#unpublish(),
      play: () => this.refuse('play', 'nothing is played from here', 'NetStream.Play.Failed'),
    });
    this.#phase = 'connected';
    const hello = Buffer.concat(this.#hello);
    this.#hello = [];
    this.#protocol.feed(hello);
  }

  #write(bytes: Buffer): void {
    if (this.#phase === 'closed') return;
    // Never much: one connect, a few streams and one publish are answered, and what is received is acknowledged.
    this.#socket.write(bytes);
  }

  #publish(app: string, streamName: string): void {
    if (this.#phase === 'closed') return;
    if (this.#wantsToPublish) {
      this.refuse('garbage', 'a second publish on one connection');
      return;
    }
    this.#wantsToPublish = true;
    this.#events.publish(this, app, streamName);
  }

  #message(message: RtmpMessage): void {
    if (this.#phase === 'on-air') {
      this.#events.message(this, message);
    } else if (this.#phase === 'held') {
      this.#heldBytes += message.payload.length;
      if (this.#heldBytes > MAX_HELD_BYTES) this.refuse('garbage', 'media before publishing was allowed');
      else this.#held.push({ ...message, payload: Buffer.from(message.payload) });
    }
  }

  #unpublish(): void {
    if (!this.#wantsToPublish) return;
    this.#leave(true);
    this.#partFromPeer();
  }

  #partFromPeer(): void {
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), FAREWELL_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #leave(clean: boolean): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#hello = [];
    this.#held = [];
    this.#protocol = null;
    if (this.#restTimer !== null) clearTimeout(this.#restTimer);
    this.#socket.resume();
    this.#events.gone(this, clean);
  }
}
