import type { AnswerFrame, PingFrame, ServerFrame, WatchedFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { readServerFrame } from '../../rollcall/protocol/server-frame-reader.ts';
import { backoffMs, ROLL_CALL_BACKOFF } from '../net/backoff.ts';
import type { Transport, TransportEnd, TransportEvents } from './transports.ts';
import type { TokenAnswer } from './identity.ts';

/** How the roll call is reached now. For good: `off`, since this server has none; `denied`, since it takes no token of ours. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'off' | 'denied';

/** What a link is made of. The world is passed in, so that a test can turn its clock. */
export type RollCallConnectionOptions = {
  /** Opens a WebSocket, or an event stream. */
  readonly connect: (way: 'web-socket' | 'event-stream', token: string, events: TransportEvents) => Transport;
  readonly token: () => Promise<TokenAnswer>;
  /** Our token was refused; true where another one may be taken. */
  readonly renew: () => boolean;
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onState: (state: ConnectionState) => void;
  readonly random?: () => number;
  /** As setTimeout, and takes it back. */
  readonly later?: (work: () => void, milliseconds: number) => () => void;
};

/** Without a word of the server for so long after a ping the line is dead, milliseconds. */
const PONG_WITHIN_MS = 8000;
/** After a connection is opened, it is welcome within this, milliseconds. */
const WELCOME_WITHIN_MS = 8000;
/** The server sends something on an event stream every 15 s; without it for so long the line is dead, milliseconds. */
const STREAM_SILENCE_MS = 40_000;
/** A line that was open for so long was no flicker: what failed before it is forgotten, milliseconds. */
const STEADY_MS = 10_000;
/** WebSockets that fail so often in a row are not let through here. */
const SOCKET_TRIES = 2;
/** An event stream is left for another try with a WebSocket after this, and then each time after twice as long, milliseconds. */
const PROBE_FIRST_MS = 300_000;
const PROBE_MOST_MS = 3_600_000;
const LOST: TransportEnd = { kind: 'lost', retryAfterMs: null };
const nothing = (): void => {};

/**
 * Holds the line to the roll call for as long as the page lives: a WebSocket, or where none gets through, an event stream, with
 * answers by POST. A line that broke is opened again after a random wait, so that a school does not come back as one crowd.
 */
export class RollCallConnection {
  readonly #options: Required<RollCallConnectionOptions>;
  #transport: Transport | null = null;
  #way: 'web-socket' | 'event-stream' = 'web-socket';
  #isWelcome = false;
  /** Attempts in a row that came to nothing. */
  #failures = 0;
  #socketFailures = 0;
  #wantedWaitMs: number | null = null;
  #isStopped = false;
  /** Counts attempts: one that was overtaken while it waited for its token is given up. */
  #attempt = 0;
  #probeMs = PROBE_FIRST_MS;
  /** What came before the welcome, which alone says what is answered already: it is told after it. */
  readonly #early: ServerFrame[] = [];
  #cancelPing = nothing;
  #cancelPatience = nothing;
  #cancelSteady = nothing;
  #cancelProbe = nothing;
  #cancelRetry = nothing;

  constructor(options: RollCallConnectionOptions) {
    this.#options = {
      random: Math.random,
      later: (work, milliseconds) => {
        const timer = setTimeout(work, milliseconds);
        return () => clearTimeout(timer);
      },
      ...options,
    };
  }

  /** Opens the line. */
  start(): void {
    void this.#open();
  }

  /** Opens it anew, with another token. */
  restart(): void {
    this.#cancelRetry();
    this.#close();
    void this.#open();
  }

  /** Lets go of it for good. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry();
    this.#close();
  }

  /** The browser says that the network is back: there is no need to wait, and what seems open may be dead. */
  hurry(): void {
    if (this.#isStopped) return;
    if (this.#isWelcome) {
      this.#ping();
      return;
    }
    if (this.#transport !== null) return;
    this.#cancelRetry();
    const waitMs = backoffMs(0, this.#options.random(), ROLL_CALL_BACKOFF);
    this.#cancelRetry = this.#options.later(() => void this.#open(), waitMs);
  }

  /**
   * Sends a frame.
   *
   * @returns false when it cannot be sent this way
   */
  send(frame: AnswerFrame | WatchedFrame | PingFrame): boolean {
    return this.#isWelcome && this.#transport?.send(JSON.stringify(frame)) === true;
  }

  async #open(): Promise<void> {
    const { token, connect, onState } = this.#options;
    if (this.#transport !== null || this.#isStopped) return;
    const attempt = ++this.#attempt;
    onState(this.#failures === 0 ? 'connecting' : 'lost');
    const found = await token();
    if (this.#isStopped || attempt !== this.#attempt) return;
    if (found.kind === 'never') {
      this.#isStopped = true;
      onState('off');
    }
    if (found.kind === 'later') {
      this.#wantedWaitMs = found.retryAfterMs;
      this.#retry();
    }
    if (found.kind !== 'token') return;
    this.#way = this.#socketFailures < SOCKET_TRIES ? 'web-socket' : 'event-stream';
    // Whatever a connection that was left has still to say, it is about that one.
    const isCurrent = (): boolean => attempt === this.#attempt;
    const ended = (end: TransportEnd): void => {
      if (isCurrent()) this.#ended(end);
    };
    this.#waitFor(WELCOME_WITHIN_MS);
    try {
      this.#transport = connect(this.#way, found.token, {
        onText: (text) => {
          if (isCurrent()) this.#take(text);
        },
        onLife: () => {
          if (isCurrent() && this.#isWelcome) this.#waitFor(STREAM_SILENCE_MS);
        },
        onEnd: ended,
      });
    } catch {
      // A browser that has no WebSocket, or must not open one here.
      ended(LOST);
    }
  }

  #take(text: string): void {
    const frame = readServerFrame(text);
    if (frame === null) return;
    if (frame.type === 'bye') this.#wantedWaitMs = frame.reconnectAfterMs;
    if (frame.type === 'welcome') {
      this.#welcomed();
      this.#options.onFrame(frame);
      for (const held of this.#early.splice(0)) this.#options.onFrame(held);
    } else if (this.#isWelcome) {
      if (this.#way === 'web-socket') this.#cancelPatience();
      this.#options.onFrame(frame);
    } else this.#early.push(frame);
  }

  #welcomed(): void {
    const { later, onState } = this.#options;
    this.#isWelcome = true;
    this.#cancelPatience();
    this.#cancelSteady();
    this.#cancelSteady = later(() => {
      this.#failures = 0;
    }, STEADY_MS);
    if (this.#way === 'web-socket') {
      this.#socketFailures = 0;
      this.#probeMs = PROBE_FIRST_MS;
      this.#pingLater();
    } else {
      this.#waitFor(STREAM_SILENCE_MS);
      this.#probeLater();
    }
    onState('open');
  }

  /** Now and then it is seen whether a WebSocket gets through by now; what is missed meanwhile comes with the next welcome. */
  #probeLater(): void {
    this.#cancelProbe();
    this.#cancelProbe = this.#options.later(
      () => {
        this.#probeMs = Math.min(PROBE_MOST_MS, this.#probeMs * 2);
        this.#socketFailures = SOCKET_TRIES - 1;
        this.restart();
      },
      this.#probeMs * (0.8 + 0.4 * this.#options.random()),
    );
  }

  #pingLater(): void {
    this.#cancelPing();
    // Not all in the same moment, though all may have come in the same.
    const waitMs = LIMITS.pingEveryMs * (0.8 + 0.2 * this.#options.random());
    this.#cancelPing = this.#options.later(() => this.#ping(), waitMs);
  }

  #ping(): void {
    // Nothing can be sent on an event stream; its silence tells.
    if (this.#way === 'event-stream') return;
    if (!this.send({ type: 'ping' })) {
      this.#giveUp();
      return;
    }
    this.#waitFor(PONG_WITHIN_MS);
    this.#pingLater();
  }

  /** Gives the connection up unless something is heard within this, milliseconds. */
  #waitFor(milliseconds: number): void {
    this.#cancelPatience();
    this.#cancelPatience = this.#options.later(() => this.#giveUp(), milliseconds);
  }

  #giveUp(): void {
    const attempt = this.#attempt;
    this.#transport?.close();
    if (attempt === this.#attempt) this.#ended(LOST);
  }

  #ended(end: TransportEnd): void {
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
    if (!wasWelcome && end.retryAfterMs === null) {
      // Where an event stream comes to nothing either, it is not WebSockets that are at fault: the server is away.
      this.#socketFailures = this.#way === 'web-socket' ? this.#socketFailures + 1 : 0;
    }
    if (end.retryAfterMs !== null) this.#wantedWaitMs = end.retryAfterMs;
    this.#retry();
  }

  #retry(): void {
    const { random, later, onState } = this.#options;
    onState('lost');
    const jitterMs = backoffMs(this.#failures++, random(), ROLL_CALL_BACKOFF);
    // What the server asks for is the least; some of the jitter on top, since many were told the same.
    const waitMs =
      this.#wantedWaitMs === null ? jitterMs : this.#wantedWaitMs + backoffMs(0, random(), ROLL_CALL_BACKOFF);
    this.#wantedWaitMs = null;
    this.#cancelRetry();
    this.#cancelRetry = later(() => void this.#open(), waitMs);
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
    for (const cancel of [this.#cancelPing, this.#cancelPatience, this.#cancelSteady, this.#cancelProbe])
      cancel();
  }
}
