import type { AnswerFrame, PingFrame, ServerFrame, WatchedFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { readServerFrame } from '../../rollcall/protocol/server-frame-reader.ts';
import { backoffMs, ROLL_CALL_BACKOFF } from '../net/backoff.ts';
import type { TokenAnswer } from './identity.ts';
import { browserLater, type Later, NamedTimers } from './named-timers.ts';
import {
  LOST,
  type Transport,
  type TransportEnd,
  type TransportEvents,
  type TransportKind,
} from './transport.ts';
import { TransportChoice } from './transport-choice.ts';

/**
 * The state of the connection. Three are final: `off`, where this server has no roll call, `guests-off`, where it has one for those
 * with a link alone, and `denied`, where it accepts no token of ours.
 */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'off' | 'guests-off' | 'denied';

/** What a connection is made from. Clock and chance are passed in, so that a test controls them. */
export type RollCallConnectionOptions = {
  readonly connect: (kind: TransportKind, token: string, events: TransportEvents) => Transport;
  readonly token: () => Promise<TokenAnswer>;
  /** Our token was refused; true where another one may be accepted. */
  readonly renew: () => boolean;
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onState: (state: ConnectionState) => void;
  /** What worked at the last visit; left out where nothing is stored. */
  readonly remembered?: {
    readonly recalled: () => TransportKind | null;
    readonly memorize: (kind: TransportKind) => void;
  };
  readonly random?: () => number;
  readonly later?: Later;
};

/** A pong has to arrive within this after its ping, milliseconds. */
const PONG_WITHIN_MS = 8000;
/** The same where there is reason to think that the connection is dead, milliseconds. */
const SUSPECT_PONG_WITHIN_MS = 2500;
/** Steps in which the time for a welcome is counted, milliseconds. */
const STEP_MS = 250;
/** The server sends something on an event stream every 15 s; after this much silence the connection is dead, milliseconds. */
const STREAM_SILENCE_MS = 40_000;
/** A connection that was open for this long is steady: failures before it are forgotten, milliseconds. */
const STEADY_MS = 10_000;

/**
 * The connection to the roll call for as long as the page lives: a WebSocket, or where none gets through, an event stream or
 * polling, with answers by POST. A lost connection is opened again after a random wait, so that a school does not come back all at once.
 */
export class RollCallConnection {
  readonly #options: Required<Omit<RollCallConnectionOptions, 'remembered'>> &
    Pick<RollCallConnectionOptions, 'remembered'>;
  readonly #timers: NamedTimers<'ping' | 'silence' | 'steady' | 'probe' | 'retry'>;
  readonly #choice: TransportChoice;
  #transport: Transport | null = null;
  #kind: TransportKind = 'web-socket';
  #isWelcome = false;
  /** Attempts that failed in a row. */
  #failures = 0;
  /** The wait that the server asked for, milliseconds; null without. */
  #askedWaitMs: number | null = null;
  #isStopped = false;
  /** The open connection is thought to be dead. */
  #isSuspect = false;
  /** Counts attempts: one that another has replaced while it waited for its token is abandoned. */
  #attempt = 0;
  /** Frames before the welcome, which alone tells what is answered already: they are handled after it. */
  readonly #early: ServerFrame[] = [];

  constructor(options: RollCallConnectionOptions) {
    this.#options = { random: Math.random, later: browserLater, ...options };
    this.#timers = new NamedTimers(this.#options.later);
    this.#choice = new TransportChoice(options.remembered?.recalled() ?? null);
  }

  /** Opens the connection. */
  start(): void {
    void this.#open();
  }

  /** Opens it anew, with another token. */
  restart(): void {
    this.#timers.clear('retry');
    this.#close();
    void this.#open();
  }

  /** Closes it for good. */
  stop(): void {
    this.#isStopped = true;
    this.#timers.clear('retry');
    this.#close();
  }

  /** The browser reports that the network is back: no need to wait, and what seems open may be dead. */
  hurry(): void {
    if (this.#isStopped) return;
    if (this.#isWelcome) {
      this.#ping();
      return;
    }
    if (this.#transport === null) this.#openAfter(this.#jitterMs(0));
  }

  /**
   * Something is known to have been sent on this connection that has not come: asks at once whether it lives, and takes another
   * transport where it does not. A proxy may swallow what it has let through for minutes.
   */
  suspect(): void {
    if (this.#isStopped || !this.#isWelcome || this.#isSuspect) return;
    this.#isSuspect = true;
    this.#choice.suspect();
    if (this.#kind !== 'web-socket') this.#giveUp();
    else if (this.send({ type: 'ping' })) this.#expectWithin(SUSPECT_PONG_WITHIN_MS);
    else this.#giveUp();
  }

  /**
   * Sends a frame.
   *
   * @returns false when it cannot be sent on this transport
   */
  send(frame: AnswerFrame | WatchedFrame | PingFrame): boolean {
    return this.#isWelcome && this.#transport?.send(JSON.stringify(frame)) === true;
  }

  async #open(): Promise<void> {
    const { token, onState } = this.#options;
    if (this.#transport !== null || this.#isStopped) return;
    const attempt = ++this.#attempt;
    onState(this.#failures === 0 ? 'connecting' : 'lost');
    const found = await token();
    if (this.#isStopped || attempt !== this.#attempt) return;
    switch (found.kind) {
      case 'never':
        this.#isStopped = true;
        // Where guests are not allowed she would wait for questions that never come.
        onState(found.code === 'no-guests' ? 'guests-off' : 'off');
        return;
      case 'later':
        this.#askedWaitMs = found.retryAfterMs;
        this.#retry();
        return;
      case 'token':
        this.#connect(attempt, found.token);
        return;
    }
  }

  #connect(attempt: number, token: string): void {
    this.#kind = this.#choice.kind;
    // What an abandoned connection still reports concerns that one only.
    const isCurrent = (): boolean => attempt === this.#attempt;
    const onEnd = (end: TransportEnd): void => {
      if (isCurrent()) this.#ended(end);
    };
    this.#expectWelcome(this.#choice.welcomeWithinMs);
    try {
      this.#transport = this.#options.connect(this.#kind, token, {
        onText: (text) => {
          if (isCurrent()) this.#received(text);
        },
        onLife: () => {
          if (isCurrent() && this.#isWelcome) this.#expectWithin(STREAM_SILENCE_MS);
        },
        onEnd,
      });
    } catch {
      // A browser that has no WebSocket, or must not open one here.
      onEnd(LOST);
    }
  }

  #received(text: string): void {
    const frame = readServerFrame(text);
    if (frame === null) return;
    if (frame.type === 'bye') this.#askedWaitMs = frame.reconnectAfterMs;
    if (frame.type === 'welcome') {
      this.#welcomed();
      this.#options.onFrame(frame);
      for (const early of this.#early.splice(0)) this.#options.onFrame(early);
    } else if (this.#isWelcome) {
      if (this.#kind === 'web-socket') {
        this.#timers.clear('silence');
        this.#isSuspect = false;
      }
      this.#options.onFrame(frame);
    } else this.#early.push(frame);
  }

  #welcomed(): void {
    this.#isWelcome = true;
    this.#choice.succeeded(this.#kind);
    this.#options.remembered?.memorize(this.#kind);
    this.#timers.clear('silence');
    this.#timers.set('steady', STEADY_MS, () => {
      this.#failures = 0;
    });
    if (this.#kind === 'web-socket') this.#pingLater();
    else {
      this.#expectWithin(STREAM_SILENCE_MS);
      // Calls that are opened during the probe come with the next welcome.
      this.#timers.set('probe', this.#choice.probeAfterMs(this.#options.random()), () => {
        this.#choice.probe();
        this.restart();
      });
    }
    this.#options.onState('open');
  }

  #pingLater(): void {
    // Students who connected in one moment do not ping in one moment.
    const waitMs = LIMITS.pingEveryMs * (0.8 + 0.2 * this.#options.random());
    this.#timers.set('ping', waitMs, () => this.#ping());
  }

  #ping(): void {
    // Nothing can be sent on the others; their silence is noticed by itself.
    if (this.#kind !== 'web-socket') return;
    if (!this.send({ type: 'ping' })) {
      this.#giveUp();
      return;
    }
    this.#expectWithin(PONG_WITHIN_MS);
    this.#pingLater();
  }

  /**
   * Abandons the connection unless it is welcome within this, milliseconds. The time is counted in steps: in a page that is too busy to
   * look, what has arrived is handled before the next step.
   */
  #expectWelcome(leftMs: number): void {
    this.#timers.set('silence', Math.min(leftMs, STEP_MS), () => {
      if (leftMs <= STEP_MS) this.#giveUp();
      else this.#expectWelcome(leftMs - STEP_MS);
    });
  }

  /** Abandons the connection unless something arrives within this, milliseconds. */
  #expectWithin(milliseconds: number): void {
    this.#timers.set('silence', milliseconds, () => this.#giveUp());
  }

  #giveUp(): void {
    const attempt = this.#attempt;
    this.#transport?.close();
    if (attempt === this.#attempt) this.#ended(LOST, true);
  }

  /** @param isSilent nothing came, not even an end */
  #ended(end: TransportEnd, isSilent = false): void {
    const { renew, onState } = this.#options;
    const wasWelcome = this.#isWelcome;
    this.#drop();
    if (end.kind === 'denied' && renew()) {
      this.#retry();
      return;
    }
    if (end.kind !== 'lost') {
      this.#isStopped = true;
      onState(end.kind === 'denied' ? 'denied' : 'off');
      return;
    }
    this.#askedWaitMs = end.retryAfterMs ?? this.#askedWaitMs;
    const isLessened = this.#kind !== 'polling' && isSilent && (!wasWelcome || this.#isSuspect);
    if ((!wasWelcome || this.#isSuspect) && end.retryAfterMs === null)
      this.#choice.failed(this.#kind, isSilent);
    this.#isSuspect = false;
    if (isLessened && this.#askedWaitMs === null) {
      // The server is not the one that fails: the next transport is tried at once.
      this.#openAfter(0);
      onState('lost');
      return;
    }
    this.#retry();
  }

  #retry(): void {
    this.#options.onState('lost');
    const jitterMs = this.#jitterMs(this.#failures++);
    // Many were asked to wait equally long: some jitter on top of it.
    this.#openAfter(this.#askedWaitMs === null ? jitterMs : this.#askedWaitMs + this.#jitterMs(0));
    this.#askedWaitMs = null;
  }

  #jitterMs(failures: number): number {
    return backoffMs(failures, this.#options.random(), ROLL_CALL_BACKOFF);
  }

  #openAfter(milliseconds: number): void {
    this.#timers.set('retry', milliseconds, () => void this.#open());
  }

  #close(): void {
    this.#transport?.close();
    this.#drop();
  }

  #drop(): void {
    this.#attempt++;
    this.#transport = null;
    this.#isWelcome = false;
    this.#early.length = 0;
    this.#timers.clear('ping', 'silence', 'steady', 'probe');
  }
}
