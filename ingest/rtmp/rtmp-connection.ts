import type { Socket } from 'node:net';
import { describeError } from '../../shared/errors.ts';
import type { PublishRequest, StopRequest } from './rtmp-commands.ts';
import { RtmpError } from './rtmp-error.ts';
import { type RtmpEvents, RtmpProtocol, type RtmpMessage } from './rtmp-protocol.ts';
import {
  type RefusalReason,
  type RtmpPeer,
  RtmpSession,
  type SessionEvents,
  type SessionLink,
} from './rtmp-session.ts';

/** Time limits of a peer, in milliseconds. */
export type PeerTimes = {
  readonly handshakeMs: number;
  readonly publishMs: number;
  /** Longest time without a byte while it publishes. */
  readonly silenceMs: number;
};

const HANDSHAKE_BYTES = 1 + 1536;
const RTMP_VERSION = 3;
/** Publications of one connection at a time. */
const MAX_SESSIONS = 16;
/** Answers that a peer has not read. */
const MAX_UNSENT_BYTES = 1 << 18;
/** Time for a refused peer to read the reason before its socket is destroyed, milliseconds. */
const CLOSE_GRACE_MS = 250;
/** A silent publisher is asked this often, within the time that it may be silent, whether it is there … */
const PINGS_IN_SILENCE = 4;
/** … and at least after this time: what is shown meanwhile depends on its answer. Milliseconds. */
const PING_EVERY_MS = 1000;

/**
 * One RTMP connection: a socket, its protocol, and what is published on it. An encoder publishes one stream; several at once,
 * and one after another, are possible (RTMP 1.0 §7.2.1.3).
 */
export class RtmpConnection implements RtmpPeer {
  readonly id: string;
  readonly remote: string;
  readonly address: string;
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  readonly #onClose: () => void;
  readonly #undecodable: ReadonlySet<string>;
  #protocol: RtmpProtocol | null = null;
  #handshakeBytes: Buffer[] = [];
  #handshakeSize = 0;
  #isClosed = false;
  /** By message stream id. */
  readonly #sessions = new Map<number, RtmpSession>();
  #madeSessions = 0;
  #hasPublished = false;
  /** Since the connection was opened, and since the last session ended, milliseconds. */
  #ageMs = 0;
  #idleMs = 0;
  /** Since the last byte, and the pings sent since then. */
  #silentMs = 0;
  #pings = 0;
  readonly #pauses = new Set<NodeJS.Timeout>();

  /**
   * @param onClose called once, before the last events
   * @param undecodable codecs that the server cannot decode: `av1`
   */
  constructor(
    id: string,
    socket: Socket,
    events: SessionEvents,
    onClose: () => void,
    undecodable: ReadonlySet<string>,
  ) {
    this.#undecodable = undecodable;
    this.id = id;
    this.address = socket.remoteAddress ?? '?';
    this.remote = `${this.address}:${socket.remotePort ?? 0}`;
    this.#socket = socket;
    this.#events = events;
    this.#onClose = onClose;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#guard(() => this.#receive(bytes)));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => this.#guard(() => this.#leave()));
    socket.on('close', () => this.#guard(() => this.#leave()));
  }

  /** Whether something is published on it with a checked key. */
  get isOnAir(): boolean {
    return [...this.#sessions.values()].some(({ isOnAir }) => isOnAir);
  }

  /** Whether all that it publishes is refused, and it will be told so later. */
  get isRejected(): boolean {
    const sessions = [...this.#sessions.values()];
    return sessions.length > 0 && sessions.every(({ isRejected }) => isRejected);
  }

  /** Closes the connection at once, without a word: the answer to a wrong key must not come sooner for it. */
  drop(): void {
    this.#guard(() => this.#leave());
    this.#socket.destroy();
  }

  /**
   * Tells the peer why and closes the connection, with all that is published on it. Nothing is read any more.
   *
   * @param code RTMP status code
   * @param detail one sentence for the peer and for the log
   */
  refuse(reason: RefusalReason, detail: string, code = 'NetStream.Publish.BadName'): void {
    if (this.#isClosed) return;
    const sessions = [...this.#sessions.values()];
    if (sessions.length === 0) {
      this.#events.refused(this, reason, detail);
      this.#protocol?.refuse(0, code, detail);
    }
    // The last one closes the connection.
    for (const session of sessions) session.refuse(reason, detail, code);
    this.#closeSocket();
  }

  /** Time has passed. @param stepMs milliseconds in which this process was awake */
  elapse(stepMs: number, times: PeerTimes): void {
    if (!this.#isClosed) this.#guard(() => this.#elapse(stepMs, times));
  }

  #elapse(stepMs: number, times: PeerTimes): void {
    this.#ageMs += stepMs;
    if (this.#protocol === null) {
      if (this.#ageMs >= times.handshakeMs) {
        this.refuse('no-handshake', `no RTMP handshake within ${times.handshakeMs} ms`);
      }
      return;
    }
    this.#silentMs += this.#socket.isPaused() ? 0 : stepMs;
    for (const session of [...this.#sessions.values()]) session.elapse(stepMs);
    if (this.#sessions.size === 0) this.#elapseIdle(stepMs, times);
    else if (this.isOnAir) this.#elapseSilent(times);
  }

  /** Nothing is published: a peer with the right key may stay for as long as one that publishes may be silent. */
  #elapseIdle(stepMs: number, { publishMs, silenceMs }: PeerTimes): void {
    this.#idleMs += stepMs;
    if (this.#hasPublished) {
      if (this.#idleMs >= silenceMs) this.#closeSocket();
    } else if (this.#idleMs >= publishMs) {
      this.refuse('no-publish', `no publish command within ${publishMs} ms`);
    }
  }

  #elapseSilent({ silenceMs }: PeerTimes): void {
    if (this.#silentMs >= silenceMs) {
      this.refuse('silent', `nothing received for ${silenceMs} ms`, 'NetConnection.Connect.IdleTimeOut');
    } else if (this.#silentMs >= (this.#pings + 1) * Math.min(PING_EVERY_MS, silenceMs / PINGS_IN_SILENCE)) {
      this.#pings++;
      this.#protocol?.ping(this.#ageMs);
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#isClosed) return;
    this.#silentMs = 0;
    this.#pings = 0;
    if (this.#protocol === null) this.#handshake(bytes);
    else this.#protocol.receive(bytes);
  }

  /** Runs what the socket calls: what the peer did wrong is told to it, what this server did wrong costs one connection. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (error instanceof RtmpError) this.refuse('garbage', describeError(error));
      else this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#events.failed(this, error);
    try {
      this.refuse('internal', 'the server failed: connect again', 'NetConnection.Connect.Failed');
    } catch (second) {
      // What failed once may fail again while it is taken down.
      this.#events.failed(this, second);
      this.#closeSocket();
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
    const events: RtmpEvents = {
      output: (out) => this.#write(out),
      publish: (streamId, request) => this.#publish(streamId, request),
      message: (streamId, message) => this.#message(streamId, message),
      unpublish: (what) => this.#unpublish(what),
      play: (streamId) => this.#play(streamId),
      answered: () => {
        for (const session of this.#sessions.values()) session.answered();
      },
    };
    this.#protocol = new RtmpProtocol(events, this.#undecodable);
    const handshake = Buffer.concat(this.#handshakeBytes);
    this.#handshakeBytes = [];
    this.#protocol.receive(handshake);
  }

  #write(bytes: Buffer): void {
    if (this.#isClosed) return;
    this.#socket.write(bytes);
    const unsentBytes = this.#socket.writableLength;
    if (unsentBytes <= MAX_UNSENT_BYTES) return;
    this.#events.refused(this, 'garbage', `does not read its answers: ${unsentBytes} bytes wait`);
    this.#leave();
    this.#socket.destroy();
  }

  #play(streamId: number): void {
    const detail = 'this server does not play over RTMP';
    if (this.#sessions.size === 0) this.refuse('play', detail, 'NetStream.Play.Failed');
    else this.#protocol?.refuse(streamId, 'NetStream.Play.Failed', detail);
  }

  #publish(streamId: number, request: PublishRequest): void {
    // One wrong key at a time: another one is not looked at before the answer to the first.
    if (this.#isClosed || [...this.#sessions.values()].some(({ isRejected }) => isRejected)) return;
    const known = this.#sessions.get(streamId);
    if (known !== undefined) {
      const { streamName } = request;
      if (streamName === known.request.streamName) {
        known.askAgain();
        return;
      }
      known.stop();
      // Without a name, `publish` stops as it does with false.
      if (streamName === '' || streamName === 'false') return;
    }
    if (this.#sessions.size >= MAX_SESSIONS)
      throw new RtmpError(`publish: more than ${MAX_SESSIONS} streams`);
    const session = new RtmpSession(this.#linkOf(streamId), request, {
      publish: (which, what) => this.#events.publish(which, what),
      message: (which, what) => this.#events.message(which, what),
      answered: (which) => this.#events.answered(which),
      refused: (peer, reason, detail) => this.#events.refused(peer, reason, detail),
      failed: (peer, error) => this.#events.failed(peer, error),
      gone: (which, clean) => {
        if (this.#sessions.get(streamId) === which) this.#sessions.delete(streamId);
        this.#idleMs = 0;
        this.#events.gone(which, clean);
      },
    });
    this.#sessions.set(streamId, session);
    this.#events.publish(session, request);
  }

  #linkOf(streamId: number): SessionLink {
    return {
      id: `${this.id}.${++this.#madeSessions}`,
      ...{ remote: this.remote, address: this.address },
      accept: () => {
        this.#hasPublished = true;
        this.#protocol?.accept(streamId);
      },
      reject: (code, detail) => {
        if (!this.#isClosed) this.#protocol?.refuse(streamId, code, detail);
        if (this.#sessions.size === 0) this.#closeSocket();
      },
      stopped: () => {
        if (!this.#isClosed) this.#protocol?.stopped(streamId);
      },
      pause: (pauseMs, onResume) => this.#pause(pauseMs, onResume),
      fail: (error) => this.#fail(error),
    };
  }

  /** Media of one stream; where only one is published, on whatever stream its encoder sends it. */
  #message(streamId: number, message: RtmpMessage): void {
    const [only] = this.#sessions.size === 1 ? this.#sessions.values() : [];
    (this.#sessions.get(streamId) ?? only)?.message(message);
  }

  #unpublish(what: StopRequest): void {
    const sessions = [...this.#sessions];
    const namesNothing = 'streamId' in what ? what.streamId === 0 : what.streamName === '';
    const isMeant = (streamId: number, { request }: RtmpSession): boolean => {
      if (namesNothing) return sessions.length === 1;
      if ('streamId' in what) return streamId === what.streamId;
      return nameOf(request.streamName) === nameOf(what.streamName);
    };
    const [, named] = sessions.find(([streamId, session]) => isMeant(streamId, session)) ?? [];
    if (named !== undefined) named.stop();
    else for (const [, session] of sessions) session.hintStop();
  }

  #pause(pauseMs: number, onResume: () => void): void {
    if (this.#isClosed) return;
    this.#socket.pause();
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      this.#guard(onResume);
      if (this.#pauses.size === 0) this.#socket.resume();
    }, pauseMs);
    this.#pauses.add(timer);
  }

  /** Destroying the socket at once would cause a reset, and the reason would be lost: input is discarded for a moment instead. */
  #closeSocket(): void {
    this.#leave();
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_GRACE_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #leave(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handshakeBytes = [];
    for (const timer of this.#pauses) clearTimeout(timer);
    this.#pauses.clear();
    this.#socket.resume();
    this.#onClose();
    for (const session of [...this.#sessions.values()]) session.leave();
    this.#protocol = null;
  }
}

/** A stream's name without its query: encoders leave it out where they stop. */
function nameOf(streamName: string): string {
  return streamName.split('?', 1)[0] ?? '';
}
