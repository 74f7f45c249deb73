import type { RtmpMessage } from './rtmp-protocol.ts';
import type { PublishRequest } from './rtmp-commands.ts';

/** Why a connection or a publish was refused or closed. Stable: used as a label of a metric. */
export type RefusalReason =
  | 'unknown-app'
  | 'unknown-channel'
  | 'wrong-key'
  | 'already-live'
  | 'taken-over'
  | 'unsupported-media'
  | 'unsupported-video'
  | 'unsupported-sound'
  | 'no-header'
  | 'no-keyframe'
  | 'no-transcoder'
  | 'play'
  | 'garbage'
  | 'internal'
  | 'no-handshake'
  | 'no-publish'
  | 'silent'
  | 'too-many-connections'
  | 'stopping';

/** Who is spoken of in the log. */
export type RtmpPeer = {
  readonly id: string;
  /** address:port. */
  readonly remote: string;
  readonly address: string;
};

/** Events of a connection and its sessions. Called from socket handlers. */
export type SessionEvents = {
  publish(session: RtmpSession, request: PublishRequest): void;
  message(session: RtmpSession, message: RtmpMessage): void;
  /** The publisher has answered a ping: all that it sent before has arrived. */
  answered(session: RtmpSession): void;
  /** Last event of a session. `clean` when the publisher stopped by a command. */
  gone(session: RtmpSession, clean: boolean): void;
  /** The server refused a session, or closed a connection without one. `detail` contains no secret. */
  refused(peer: RtmpPeer, reason: RefusalReason, detail: string): void;
  /** The server itself failed, which costs this connection. */
  failed(peer: RtmpPeer, error: unknown): void;
};

/** What a session does on its connection. */
export type SessionLink = RtmpPeer & {
  /** Tells the peer that it may publish. */
  accept(): void;
  /** Tells the peer why it may not, and closes the connection where nothing else is published on it. */
  reject(code: string, detail: string): void;
  /** Tells the peer that it has stopped. */
  stopped(): void;
  /** Stops reading for a while. */
  pause(pauseMs: number, onResume: () => void): void;
  /** Closes the connection after a fault of the server. */
  fail(error: unknown): void;
};

type Phase = 'asked' | 'held' | 'rejected' | 'on-air' | 'closed';

/** Limit of media sent before the answer to `publish`. */
const MAX_HELD_BYTES = 1 << 20;
/** Media that comes this long after a stop that named something else shows that it was meant for that, milliseconds. */
const HINT_MEDIA_MS = 500;
/** A stop that named something else counts when no media has come for so long, milliseconds. */
const HINT_MS = 1000;

/**
 * One `publish` on an RTMP connection, from the command to its end, and its phase.
 *
 * Messages are forwarded only while the session is on air; in every other phase they are dropped here.
 */
export class RtmpSession {
  readonly id: string;
  readonly remote: string;
  readonly address: string;
  readonly request: PublishRequest;
  readonly #link: SessionLink;
  readonly #events: SessionEvents;
  #phase: Phase = 'asked';
  #held: RtmpMessage[] = [];
  #heldBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #isPaused = false;
  /** How long ago a command stopped something else than this stream, milliseconds; null without one. */
  #hintAgeMs: number | null = null;

  constructor(link: SessionLink, request: PublishRequest, events: SessionEvents) {
    this.id = link.id;
    this.remote = link.remote;
    this.address = link.address;
    this.request = request;
    this.#link = link;
    this.#events = events;
  }

  /** Whether it publishes with a checked key and holds its channel's seat. */
  get isOnAir(): boolean {
    return this.#phase === 'on-air';
  }

  /** Whether it is refused and will be told so later. */
  get isRejected(): boolean {
    return this.#phase === 'rejected';
  }

  /** Puts this session on air and tells the publisher. */
  accept(): void {
    if (this.#phase !== 'asked' && this.#phase !== 'held') return;
    this.#phase = 'on-air';
    this.#link.accept();
    const held = this.#held;
    this.#held = [];
    for (const message of held) if (this.isOnAir) this.#events.message(this, message);
  }

  /** The peer has answered a ping. */
  answered(): void {
    if (this.isOnAir) this.#events.answered(this);
  }

  /** The publisher asks again for what it has asked for: it is told once more when it is on air. */
  askAgain(): void {
    if (this.isOnAir) this.#link.accept();
  }

  /** Delays the answer to `publish` until {@link accept} or {@link refuse}. */
  hold(): void {
    if (this.#phase === 'asked') this.#phase = 'held';
  }

  /**
   * Stops reading for a while: the kernel's buffers fill up, and TCP makes the peer wait.
   *
   * @param onResume called at the end, and may pause again; not called once the session is over
   */
  pause(pauseMs: number, onResume: () => void): void {
    if (this.#phase === 'closed' || this.#isPaused) return;
    this.#isPaused = true;
    this.#link.pause(pauseMs, () => {
      this.#isPaused = false;
      if (this.#phase !== 'closed') onResume();
    });
  }

  /**
   * Ends the session and tells the peer why.
   *
   * @param code RTMP status code
   * @param detail one sentence for the peer and for the log
   * @param delayMs the peer is told after so long; what it sends until then is dropped
   */
  refuse(reason: RefusalReason, detail: string, code = 'NetStream.Publish.BadName', delayMs = 0): void {
    if (this.#phase === 'closed' || this.#phase === 'rejected') return;
    this.#events.refused(this, reason, detail);
    if (delayMs <= 0) {
      this.#end(false);
      this.#link.reject(code, detail);
      return;
    }
    this.#phase = 'rejected';
    this.#held = [];
    const reject = () => {
      this.#end(false);
      this.#link.reject(code, detail);
    };
    this.#timer = setTimeout(() => this.guard(reject), delayMs);
  }

  /** Calls back later, unless the session is over by then; what the peer sends until then is dropped. */
  after(waitMs: number, run: () => void): void {
    this.#timer = setTimeout(() => this.guard(run), waitMs);
  }

  /** Runs what a timer calls: an exception costs this connection and nothing else. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#link.fail(error);
    }
  }

  /** Takes one message of the peer. */
  message(message: RtmpMessage): void {
    if (this.#hintAgeMs !== null && this.#hintAgeMs >= HINT_MEDIA_MS) this.#hintAgeMs = null;
    if (this.#phase === 'on-air') {
      this.#events.message(this, message);
    } else if (this.#phase === 'held') {
      this.#heldBytes += message.payload.length;
      if (this.#heldBytes > MAX_HELD_BYTES)
        this.refuse('garbage', `more than ${MAX_HELD_BYTES} bytes of media before the answer to publish`);
      else this.#held.push({ ...message, payload: Buffer.from(message.payload) });
    }
  }

  /** The peer stopped this stream by a command. */
  stop(): void {
    if (this.#phase === 'closed') return;
    this.#end(true);
    this.#link.stopped();
  }

  /** The peer stopped something that is not there: it meant this stream unless it goes on. */
  hintStop(): void {
    this.#hintAgeMs ??= 0;
  }

  /** Time has passed, milliseconds. */
  elapse(stepMs: number): void {
    if (this.#hintAgeMs === null) return;
    this.#hintAgeMs += stepMs;
    if (this.#hintAgeMs >= HINT_MS) this.stop();
  }

  /** The connection is gone. */
  leave(): void {
    this.#end(this.#hintAgeMs !== null);
  }

  #end(clean: boolean): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#held = [];
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#events.gone(this, clean);
  }
}
