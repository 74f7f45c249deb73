import type { AnswerFrame, ServerFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { readServerFrame } from '../../rollcall/protocol/server-frame.ts';
import type { Carrier, CarrierEnd, CarrierEvents } from './carriers.ts';
import type { TokenAnswer } from './identity.ts';

/** How the roll call is reached now: `off` for good, since the server has none or takes no token of ours. */
export type LinkState = 'connecting' | 'open' | 'lost' | 'off';

/** What a link is made of. The world is passed in, so that a test can turn its clock. */
export type LinkOptions = {
  /** Opens a WebSocket, or an event stream. */
  readonly connect: (way: 'web-socket' | 'event-stream', token: string, events: CarrierEvents) => Carrier;
  readonly token: () => Promise<TokenAnswer>;
  /** Our token was refused; true where another one may be taken. */
  readonly renew: () => boolean;
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onState: (state: LinkState) => void;
  readonly random?: () => number;
  /** As setTimeout, and takes it back. */
  readonly later?: (work: () => void, milliseconds: number) => () => void;
};

/** Without a word of the server for so long after a ping the line is dead, milliseconds. */
const PONG_WITHIN_MS = 8000;
/** After a connection is opened, it is welcome within this, milliseconds. */
const WELCOME_WITHIN_MS = 8000;
/** Longest and first step between attempts, milliseconds. */
const BACK_MOST_MS = 30_000;
const BACK_FIRST_MS = 1000;
/** WebSockets that fail so often in a row are not let through here. */
const SOCKET_TRIES = 2;
/** After so many event streams a WebSocket is tried again. */
const STREAM_TRIES = 8;

/**
 * Holds the line to the roll call for as long as the page lives: a WebSocket, or where none gets through, an event stream, with
 * answers by POST. A line that broke is opened again after a random wait, so that a school does not come back as one crowd.
 */
export class Link {
  readonly #options: Required<LinkOptions>;
  #carrier: Carrier | null = null;
  #way: 'web-socket' | 'event-stream' = 'web-socket';
  #isWelcome = false;
  /** Attempts in a row that came to nothing. */
  #failures = 0;
  #socketFailures = 0;
  #streams = 0;
  #wantedWaitMs: number | null = null;
  #isStopped = false;
  #cancelPing = (): void => {};
  #cancelPatience = (): void => {};
  #cancelRetry = (): void => {};

  constructor(options: LinkOptions) {
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
    this.#carrier?.close();
    this.#cancelRetry();
    this.#drop();
    void this.#open();
  }

  /** Lets go of it for good. */
  stop(): void {
    this.#isStopped = true;
    this.#carrier?.close();
    this.#cancelRetry();
    this.#drop();
  }

  /** The browser says that the network is back: there is no need to wait. */
  hurry(): void {
    if (this.#carrier !== null || this.#isStopped) return;
    this.#cancelRetry();
    this.#cancelRetry = this.#options.later(() => void this.#open(), this.#options.random() * BACK_FIRST_MS);
  }

  /**
   * Sends a frame.
   *
   * @returns false when it cannot be sent this way
   */
  send(
    frame: AnswerFrame | { readonly type: 'watched'; readonly minute: number } | { readonly type: 'ping' },
  ): boolean {
    return this.#isWelcome && this.#carrier?.send(JSON.stringify(frame)) === true;
  }

  async #open(): Promise<void> {
    const { token, connect, later, onState } = this.#options;
    if (this.#carrier !== null || this.#isStopped) return;
    onState(this.#failures === 0 ? 'connecting' : 'lost');
    const found = await token();
    if (this.#isStopped || this.#carrier !== null) return;
    if (found.kind === 'never') onState('off');
    if (found.kind === 'later') this.#retry();
    if (found.kind !== 'token') return;
    this.#way = this.#socketFailures < SOCKET_TRIES ? 'web-socket' : 'event-stream';
    if (this.#way === 'event-stream' && ++this.#streams > STREAM_TRIES) {
      this.#streams = 0;
      this.#socketFailures = 0;
    }
    const carrier = connect(this.#way, found.token, {
      onText: (text) => {
        if (this.#carrier === carrier) this.#take(text);
      },
      onEnd: (end) => {
        if (this.#carrier === carrier) this.#ended(end);
      },
    });
    this.#carrier = carrier;
    this.#cancelPatience = later(() => this.#giveUp(), WELCOME_WITHIN_MS);
  }

  #take(text: string): void {
    const frame = readServerFrame(text);
    if (frame === null) return;
    this.#cancelPatience();
    if (frame.type === 'welcome') {
      this.#isWelcome = true;
      this.#failures = 0;
      if (this.#way === 'web-socket') this.#socketFailures = 0;
      this.#options.onState('open');
      this.#pingLater();
    }
    if (frame.type === 'bye') this.#wantedWaitMs = frame.reconnectAfterMs;
    this.#options.onFrame(frame);
  }

  #pingLater(): void {
    if (this.#way === 'event-stream') return;
    this.#cancelPing();
    // Not all in the same moment, though all may have come in the same.
    const waitMs = LIMITS.pingEveryMs * (0.8 + 0.2 * this.#options.random());
    this.#cancelPing = this.#options.later(() => {
      this.send({ type: 'ping' });
      this.#cancelPatience();
      this.#cancelPatience = this.#options.later(() => this.#giveUp(), PONG_WITHIN_MS);
      this.#pingLater();
    }, waitMs);
  }

  #giveUp(): void {
    this.#carrier?.close();
    this.#ended({ kind: 'lost', retryAfterMs: null });
  }

  #ended(end: CarrierEnd): void {
    const wasWelcome = this.#isWelcome;
    this.#drop();
    if (end.kind === 'refused' && this.#options.renew()) {
      this.#retry();
      return;
    }
    if (end.kind === 'refused') {
      this.#isStopped = true;
      this.#options.onState('off');
      return;
    }
    if (this.#way === 'web-socket' && !wasWelcome && end.retryAfterMs === null) this.#socketFailures++;
    if (end.retryAfterMs !== null) this.#wantedWaitMs = end.retryAfterMs;
    this.#retry();
  }

  #retry(): void {
    const { random, later, onState } = this.#options;
    this.#failures++;
    onState('lost');
    const jitterMs = random() * Math.min(BACK_MOST_MS, BACK_FIRST_MS * 2 ** Math.min(10, this.#failures - 1));
    // What the server asks for is the least; some of the jitter on top, since many were told the same.
    const waitMs = this.#wantedWaitMs === null ? jitterMs : this.#wantedWaitMs + random() * BACK_FIRST_MS;
    this.#wantedWaitMs = null;
    this.#cancelRetry();
    this.#cancelRetry = later(() => void this.#open(), waitMs);
  }

  #drop(): void {
    this.#carrier = null;
    this.#isWelcome = false;
    this.#cancelPing();
    this.#cancelPatience();
  }
}
