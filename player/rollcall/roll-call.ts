import { type ReadonlySignal, signal } from '@preact/signals';
import type { AnswerValue } from '../../rollcall/protocol/answer.ts';
import type { AnswerFrame, ServerFrame, WelcomeFrame } from '../../rollcall/protocol/frames.ts';
import { AnswerSender } from './answer-sender.ts';
import {
  callStateAfter,
  type CallEvent,
  type CallView,
  callStateView,
  EMPTY_CALL_STATE,
} from './call-state.ts';
import type { Identity } from './identity.ts';
import {
  RollCallConnection,
  type RollCallConnectionOptions,
  type ConnectionState,
} from './roll-call-connection.ts';
import { type AnswerStore, Outbox, ownerOf } from './outbox.ts';
import { ServerTime } from './server-time.ts';
import { WatchMeter } from './watch-meter.ts';

/** What the roll call has to know of what is played. */
export type Played = {
  /** Program date time of the picture, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null;
  /** The server's time, UTC milliseconds. */
  serverNowMs(): number;
  /** There is a class to be seen, and not the slate. */
  isOnAir(): boolean;
};

/** What a roll call is made of. The world is passed in, so that a test can turn its clock. */
export type RollCallOptions = {
  readonly channel: string;
  readonly played: Played;
  readonly identity: Identity;
  readonly connect: RollCallConnectionOptions['connect'];
  /** Where answers lie until their ack; null where nothing is kept. */
  readonly openStore: () => Promise<AnswerStore | null>;
  readonly post: (token: string, frame: AnswerFrame) => Promise<ServerFrame>;
  /** Tells of a watched minute by POST; true when it is taken. */
  readonly postWatched: (token: string, minute: number) => Promise<boolean>;
  /** A clock that never goes back, milliseconds. */
  readonly steadyMs: () => number;
  readonly random: () => number;
  /** As setTimeout, and takes it back. */
  readonly later: (work: () => void, milliseconds: number) => () => void;
};

/** A playhead that is unknown for a moment, while another engine is put in, is taken to be where it was, milliseconds. */
const UNKNOWN_MS = 1500;
/** Watched minutes that wait for a line. */
const MINUTES_WAITING = 600;

/** The student's side of the roll call: she is asked when she hears it, and her tap is kept until the server has it. */
export class RollCall {
  readonly view: ReadonlySignal<CallView>;
  readonly line: ReadonlySignal<ConnectionState>;
  /** What a guest calls herself: '' when she has yet to be asked. Null for who has a link with her name in it. */
  readonly name: ReadonlySignal<string | null>;
  readonly #view = signal<CallView>({ kind: 'none' });
  readonly #line = signal<ConnectionState>('connecting');
  readonly #name = signal<string | null>(null);
  readonly #options: RollCallOptions;
  readonly #meter = new WatchMeter();
  readonly #time = new ServerTime();
  readonly #connection: RollCallConnection;
  readonly #minutes = new Set<number>();
  #outbox: Outbox;
  #answerSender: AnswerSender;
  #callState = EMPTY_CALL_STATE;
  /** Who she is to the server; '' before the first welcome. */
  #sub = '';
  #lastPlayheadMs: number | null = null;
  #movedAtMs: number;

  constructor(options: RollCallOptions) {
    const { channel, identity, connect, random, later } = options;
    this.#options = options;
    this.view = this.#view;
    this.line = this.#line;
    this.name = this.#name;
    this.#name.value = identity.isGuest ? identity.name : null;
    this.#movedAtMs = options.steadyMs();
    this.#outbox = new Outbox(channel, null);
    this.#answerSender = this.#makeAnswerSender();
    this.#connection = new RollCallConnection({
      ...{ connect, random, later },
      token: async () => identity.token(),
      renew: () => identity.renew(),
      onFrame: (frame) => this.#take(frame),
      onState: (state) => this.#lineIs(state),
    });
  }

  /** Begins. To be called once. */
  async start(): Promise<void> {
    const { channel, openStore, played } = this.#options;
    this.#outbox = new Outbox(channel, await openStore());
    this.#answerSender = this.#makeAnswerSender();
    await this.#outbox.load(played.serverNowMs());
    this.#connection.start();
  }

  /** Lets go of the line for good. */
  stop(): void {
    this.#connection.stop();
    this.#answerSender.stop();
  }

  /** The browser says that the network is back, or another one. */
  hurry(): void {
    this.#connection.hurry();
  }

  /**
   * Answers the call that is asked. Resolves when the tap is kept; its ack comes in {@link view}.
   *
   * @param name what a guest calls herself from now on; null to leave it
   */
  async answer(value: AnswerValue, name: string | null): Promise<void> {
    const view = this.#view.value;
    if (view.kind !== 'asking') return;
    const { identity } = this.#options;
    const serverMs = this.#serverMs();
    // Who went back to hear it again has heard it all the same.
    const heardMs = Math.max(this.#playheadMs() ?? serverMs, view.call.atProgramTimeMs);
    const tapProgramTimeMs = Math.round(Math.min(heardMs, serverMs));
    const latencyMs = Math.max(0, Math.round(serverMs - tapProgramTimeMs));
    const frame: AnswerFrame = {
      ...{ type: 'answer', callId: view.call.callId, answerId: answerId(), tapProgramTimeMs, latencyMs },
      ...(value === null ? {} : { value }),
      ...(view.stalled ? { stalled: true } : {}),
    };
    this.#step({ kind: 'tapped', callId: frame.callId, answerId: frame.answerId });
    const isNew = name !== null && name !== identity.name;
    if (isNew) identity.rename(name);
    if (identity.isGuest) this.#name.value = identity.name;
    await this.#outbox.keep(frame, ownerOf(this.#sub), serverMs);
    // The line of before would bring the answer under the name of before.
    if (isNew) this.#connection.restart();
    this.#answerSender.bring(frame);
  }

  /** Looks where her playhead is; to be called some ten times a second. */
  look(): void {
    const { played, steadyMs } = this.#options;
    const nowMs = steadyMs();
    const playheadMs = this.#playheadMs();
    if (playheadMs !== this.#lastPlayheadMs) this.#movedAtMs = nowMs;
    this.#lastPlayheadMs = playheadMs;
    const moment = { serverMs: this.#serverMs(), playheadMs, stillMs: nowMs - this.#movedAtMs };
    this.#step({ kind: 'moment', moment });
    for (const minute of this.#meter.look(played.isOnAir() ? playheadMs : null, nowMs)) {
      if (this.#minutes.size < MINUTES_WAITING) this.#minutes.add(minute);
      this.#tellWatched();
    }
  }

  #playheadMs(): number | null {
    const { played, steadyMs } = this.#options;
    const playheadMs = played.programTimeMs();
    if (playheadMs !== null) return playheadMs;
    return steadyMs() - this.#movedAtMs < UNKNOWN_MS ? this.#lastPlayheadMs : null;
  }

  #serverMs(): number {
    const { played, steadyMs } = this.#options;
    return this.#time.nowMs(played.serverNowMs(), steadyMs());
  }

  #step(event: CallEvent): void {
    this.#callState = callStateAfter(this.#callState, event);
    const view = callStateView(this.#callState);
    // What the page shows changes once a tenth of a second at most, and not at all while nothing is asked.
    if (view.kind !== 'none' || this.#view.value.kind !== 'none') this.#view.value = view;
  }

  #take(frame: ServerFrame): void {
    if (frame.type === 'welcome' || frame.type === 'pong')
      this.#time.heard(frame.serverTimeMs, this.#options.steadyMs());
    if (frame.type === 'welcome') this.#welcomed(frame);
    else this.#step({ kind: 'frame', frame });
    this.#answerSender.handle(frame);
  }

  #welcomed(frame: WelcomeFrame): void {
    this.#sub = frame.sub;
    // A tap of somebody else who used this browser is not hers.
    const hers = this.#outbox.waiting.filter(({ owner }) => owner === ownerOf(frame.sub));
    // Before the call that comes along: what she has tapped she is not asked, not for a moment.
    for (const { frame: kept } of hers)
      this.#step({ kind: 'tapped', callId: kept.callId, answerId: kept.answerId });
    this.#step({ kind: 'frame', frame });
    for (const { frame: kept } of hers) this.#answerSender.bring(kept);
    this.#tellWatched();
  }

  #lineIs(state: ConnectionState): void {
    this.#line.value = state;
    if (state !== 'open') this.#time.lost();
    // Nothing is to be had here: what is kept goes out when she comes with another link.
    if (state === 'off' || state === 'denied') this.#answerSender.stop();
  }

  #makeAnswerSender(): AnswerSender {
    const { identity, post, random, later } = this.#options;
    return new AnswerSender({
      ...{ outbox: this.#outbox, random, later },
      send: (frame) => this.#connection.send(frame),
      post: async (frame) => {
        const found = await identity.token();
        if (found.kind === 'token') return post(found.token, frame);
        if (found.kind === 'never') return null;
        const { answerId: id } = frame;
        const again = { code: 'no-token', reason: 'no token for now', retryAfterMs: found.retryAfterMs ?? 0 };
        return { type: 'refused', answerId: id, ...again };
      },
      onReply: (frame) => this.#step({ kind: 'frame', frame }),
    });
  }

  #tellWatched(): void {
    const { identity, postWatched } = this.#options;
    for (const minute of this.#minutes) {
      this.#minutes.delete(minute);
      if (this.#connection.send({ type: 'watched', minute })) continue;
      const post = async (): Promise<boolean> => {
        const found = this.#line.value === 'open' ? await identity.token() : null;
        return found?.kind === 'token' && (await postWatched(found.token, minute));
      };
      void post()
        .catch(() => false)
        // It is told with the next one, or when there is a line again.
        .then((isTaken) => isTaken || this.#minutes.add(minute));
    }
  }
}

/** randomUUID wants a secure context, which a school's own http server is not. */
function answerId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
