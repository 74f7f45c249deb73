import type { Socket } from 'node:net';
import { describeError } from '../../shared/errors.ts';
import { RtmpProtocol, type RtmpMessage } from './rtmp-protocol.ts';

/** Why a connection was refused or closed. Stable: used as a label of a metric. */
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

/** Events of a session. Called from socket handlers, so implementations must not throw. */
export type SessionEvents = {
  publish(session: RtmpSession, app: string, streamName: string): void;
  message(session: RtmpSession, message: RtmpMessage): void;
  /** Last event of a session. `clean` when the publisher stopped by a command. */
  gone(session: RtmpSession, clean: boolean): void;
  /** The server closed it. `detail` contains no secret. */
  refused(session: RtmpSession, reason: RefusalReason, detail: string): void;
};

/** Time limits of a peer, in milliseconds. */
export type SessionTimes = {
  readonly handshakeMs: number;
  readonly publishMs: number;
  /** Longest time without a byte while it publishes. */
  readonly silenceMs: number;
};

type Phase = 'handshake' | 'connected' | 'held' | 'on-air' | 'closed';

const HANDSHAKE_BYTES = 1 + 1536;
const RTMP_VERSION = 3;
/** Limit of media sent before the answer to `publish`. */
const MAX_HELD_BYTES = 1 << 20;
/** Time for a refused peer to read the reason before its socket is destroyed, milliseconds. */
const CLOSE_GRACE_MS = 250;

/**
 * One RTMP connection: a socket, its protocol, and its phase.
 *
 * Messages are forwarded only while the session is on air; in every other phase they are dropped here.
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
  #handshakeBytes: Buffer[] = [];
  #handshakeSize = 0;
  #phase: Phase = 'handshake';
  #wantsToPublish = false;
  #lastByteMs: number;
  #held: RtmpMessage[] = [];
  #heldBytes = 0;
  #pauseTimer: NodeJS.Timeout | null = null;

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

  /** Whether it publishes with a checked key and holds its channel's seat. */
  get isOnAir(): boolean {
    return this.#phase === 'on-air';
  }

  /** Puts this session on air and tells the publisher. */
  accept(): void {
    if (this.#phase !== 'connected' && this.#phase !== 'held') return;
    this.#phase = 'on-air';
    this.#protocol?.accept();
    const held = this.#held;
    this.#held = [];
    for (const message of held) if (this.isOnAir) this.#events.message(this, message);
  }

  /** Delays the answer to `publish` until {@link accept} or {@link refuse}. */
  hold(): void {
    if (this.#phase === 'connected') this.#phase = 'held';
  }

  /**
   * Stops reading for a while: the kernel's buffers fill up, and TCP makes the peer wait.
   *
   * @param onResume called at the end, and may pause again; not called once the connection is closed
   */
  pause(pauseMs: number, onResume: () => void): void {
    if (this.#phase === 'closed' || this.#pauseTimer !== null) return;
    this.#socket.pause();
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = null;
      this.#lastByteMs = this.#nowMs();
      onResume();
      if (this.#pauseTimer === null) this.#socket.resume();
    }, pauseMs);
  }

  /**
   * Tells the peer why and closes the connection. Nothing is read any more.
   *
   * @param code RTMP status code
   * @param detail one sentence for the peer and for the log
   */
  refuse(reason: RefusalReason, detail: string, code = 'NetStream.Publish.BadName'): void {
    if (this.#phase === 'closed') return;
    if (this.#phase !== 'handshake') this.#protocol?.refuse(code, detail);
    this.#events.refused(this, reason, detail);
    this.#leave(false);
    // Destroying the socket at once would cause a reset, and the reason would be lost: input is discarded for a moment instead.
    this.#closeSocket();
  }

  /** Closes a peer that exceeds its time limits, at `nowMs` (milliseconds awake). */
  checkTime(nowMs: number, times: SessionTimes): void {
    const ageMs = nowMs - this.#openedMs;
    if (this.#phase === 'handshake' && ageMs >= times.handshakeMs) {
      this.refuse('no-handshake', `no RTMP handshake within ${times.handshakeMs} ms`);
    } else if (this.#phase === 'connected' && ageMs >= times.publishMs) {
      this.refuse('no-publish', `no publish command within ${times.publishMs} ms`);
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
      if (this.#protocol === null) this.#handshake(bytes);
      else this.#protocol.receive(bytes);
    } catch (error) {
      this.refuse('garbage', describeError(error));
    }
  }

  /** The protocol and its buffers are created only after C0 and C1 were received (RTMP 1.0 §5.2.2, §5.2.3). */
  #handshake(bytes: Buffer): void {
    if (this.#handshakeSize === 0 && bytes[0] !== RTMP_VERSION) {
      this.refuse('garbage', `RTMP version ${bytes[0] ?? 0}: want ${RTMP_VERSION}`);
      return;
    }
    this.#handshakeBytes.push(bytes);
    this.#handshakeSize += bytes.length;
    if (this.#handshakeSize < HANDSHAKE_BYTES) return;
    this.#protocol = new RtmpProtocol({
      output: (out) => this.#write(out),
      publish: (app, streamName) => this.#publish(app, streamName),
      message: (message) => this.#message(message),
      unpublish: () => this.#unpublish(),
      play: () => this.refuse('play', 'this server does not play over RTMP', 'NetStream.Play.Failed'),
    });
    this.#phase = 'connected';
    const handshake = Buffer.concat(this.#handshakeBytes);
    this.#handshakeBytes = [];
    this.#protocol.receive(handshake);
  }

  #write(bytes: Buffer): void {
    if (this.#phase === 'closed') return;
    // Back-pressure is not needed: only a few commands are answered, and acknowledgements are small.
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
      if (this.#heldBytes > MAX_HELD_BYTES)
        this.refuse('garbage', `more than ${MAX_HELD_BYTES} bytes of media before the answer to publish`);
      else this.#held.push({ ...message, payload: Buffer.from(message.payload) });
    }
  }

  #unpublish(): void {
    if (!this.#wantsToPublish) return;
    this.#leave(true);
    this.#closeSocket();
  }

  #closeSocket(): void {
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_GRACE_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #leave(clean: boolean): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#handshakeBytes = [];
    this.#held = [];
    this.#protocol = null;
    if (this.#pauseTimer !== null) clearTimeout(this.#pauseTimer);
    this.#socket.resume();
    this.#events.gone(this, clean);
  }
}
