import { type ReadonlySignal, signal } from '@preact/signals';
import type { AnswerValue } from '../../rollcall/protocol/answer.ts';
import type { AnswerFrame, ServerFrame, WelcomeFrame } from '../../rollcall/protocol/frames.ts';
import { AnswerSender } from './answer-sender.ts';
import { callStateAfter, type CallEvent, EMPTY_CALL_STATE } from './call-state.ts';
import { callStateView, type CallView } from './call-view.ts';
import type { Identity } from './identity.ts';
import { ListedNews } from './listed-news.ts';
import type { Later } from './named-timers.ts';
import { type AnswerStore, Outbox, ownerOf } from './outbox.ts';
import {
  type ConnectionState,
  RollCallConnection,
  type RollCallConnectionOptions,
} from './roll-call-connection.ts';
import { type Played, StudentPlayhead } from './student-playhead.ts';
import { UnheardCalls } from './unheard-calls.ts';
import { type WatchedReply, WatchedReporter } from './watched-reporter.ts';

/** What a roll call is made from. Clock, chance and network are passed in, so that a test controls them. */
export type RollCallOptions = {
  readonly channel: string;
  readonly played: Played;
  readonly identity: Identity;
  readonly connect: RollCallConnectionOptions['connect'];
  /** Opens the store of pending answers; null where the browser stores nothing. */
  readonly openStore: () => Promise<AnswerStore | null>;
  readonly post: (token: string, frame: AnswerFrame) => Promise<ServerFrame>;
  /** Reports a watched minute by POST. */
  readonly postWatched: (token: string, minute: number) => Promise<WatchedReply>;
  /** A clock that never goes back, milliseconds. */
  readonly steadyMs: () => number;
  readonly random: () => number;
  readonly later: Later;
  /** What transport worked at the last visit; left out where nothing is stored. */
  readonly remembered?: NonNullable<RollCallConnectionOptions['remembered']>;
};

/** The student's side of the roll call: asks her when her playhead reaches a call, and stores her answer until its ack. */
export class RollCall {
  readonly view: ReadonlySignal<CallView>;
  readonly line: ReadonlySignal<ConnectionState>;
  /** The name of a guest, '' while she has not given one in this class; or the name in her link, '' where it has none. */
  readonly name: ReadonlySignal<string>;
  /** She has no link of her own, and gives her name herself. */
  readonly isGuest: boolean;
  readonly #view = signal<CallView>({ kind: 'none' });
  readonly #line = signal<ConnectionState>('connecting');
  readonly #name = signal('');
  readonly #options: RollCallOptions;
  readonly #playhead: StudentPlayhead;
  readonly #watched: WatchedReporter;
  readonly #connection: RollCallConnection;
  #outbox: Outbox;
  #answerSender: AnswerSender;
  readonly #unheard = new UnheardCalls();
  readonly #news = new ListedNews();
  /** Calls of the playlist are asked while there is no connection: not before the first one was tried, which tells what she answered. */
  #listens = false;
  #callState = EMPTY_CALL_STATE;
  /** That of her newest answer. */
  #sequence = 0;
  /** Her id at the server; '' before the first welcome. */
  #sub = '';

  constructor(options: RollCallOptions) {
    const { channel, identity, connect, random, later, played, steadyMs, postWatched } = options;
    this.#options = options;
    this.view = this.#view;
    this.line = this.#line;
    this.name = this.#name;
    this.isGuest = identity.isGuest;
    this.#name.value = identity.name;
    this.#playhead = new StudentPlayhead(played, steadyMs);
    this.#outbox = new Outbox(channel, null);
    this.#answerSender = this.#makeAnswerSender();
    this.#connection = new RollCallConnection({
      ...{ connect, random, later },
      ...(options.remembered === undefined ? {} : { remembered: options.remembered }),
      token: async () => identity.token(),
      renew: () => identity.renew(),
      onFrame: (frame) => this.#received(frame),
      onState: (state) => this.#connectionChanged(state),
    });
    this.#watched = new WatchedReporter({
      send: (minute) => this.#connection.send({ type: 'watched', minute }),
      post: async (minute) => {
        const found = this.#line.value === 'open' ? await identity.token() : null;
        if (found?.kind !== 'token') return { kind: 'later', retryAfterMs: null };
        return postWatched(found.token, minute);
      },
      nowMs: () => this.#playhead.serverMs(),
    });
  }

  /** Connects. To be called once. */
  async start(): Promise<void> {
    const { channel, openStore, played } = this.#options;
    this.#outbox = new Outbox(channel, await openStore());
    this.#answerSender = this.#makeAnswerSender();
    await this.#outbox.load(played.serverNowMs());
    this.#connection.start();
  }

  /** Closes the connection for good. */
  stop(): void {
    this.#connection.stop();
    this.#answerSender.stop();
  }

  /** The browser reports that the network is back, or another one. */
  hurry(): void {
    this.#connection.hurry();
  }

  /**
   * Answers the call that is asked, or changes the answer to it. Resolves when the answer is stored; its ack appears in {@link view}.
   *
   * @param name a guest's name from now on; null to leave it
   */
  async answer(value: AnswerValue, name: string | null): Promise<void> {
    const view = this.#view.value;
    if (view.kind !== 'asking' && view.kind !== 'answered') return;
    const { identity } = this.#options;
    const serverMs = this.#playhead.serverMs();
    // A student who went back has heard the call all the same.
    const heardMs = Math.max(this.#playhead.nowMs() ?? serverMs, view.call.atProgramTimeMs);
    const tapProgramTimeMs = Math.round(Math.min(heardMs, serverMs));
    const latencyMs = Math.max(0, Math.round(serverMs - tapProgramTimeMs));
    const frame: AnswerFrame = {
      ...{ type: 'answer', callId: view.call.callId, answerId: answerId(), tapProgramTimeMs, latencyMs },
      ...(value === null ? {} : { value }),
      ...(view.stalled ? { stalled: true } : {}),
      // Only a server that lets answers be changed knows this member.
      ...(view.call.changeable === true ? { sequence: this.#nextSequence(view.call.callId, serverMs) } : {}),
    };
    this.#step({ kind: 'tapped', callId: frame.callId, answerId: frame.answerId });
    const isNew = name !== null && name !== identity.name;
    if (isNew) identity.rename(name);
    this.#name.value = identity.name;
    const owner = ownerOf(this.#sub, identity.name);
    const older = this.#outbox.pending.filter((one) => one.owner === owner && isOlder(one.frame, frame));
    await this.#outbox.add(frame, owner, serverMs);
    // Only now: until here the older one was all that would have survived a reload.
    for (const { frame: left } of older) this.#answerSender.withdraw(left.answerId);
    // The present connection would deliver the answer under her old name.
    if (isNew) this.#connection.restart();
    this.#answerSender.send(frame);
  }

  /** The name that the last guest of this browser gave: to be offered. '' without one. */
  get lastName(): string {
    return this.#options.identity.lastName;
  }

  /** As {@link Identity.isShared}. */
  isShared(name: string): Promise<boolean> {
    return this.#options.identity.isShared(name);
  }

  /** Takes the playhead; to be called some ten times a second. */
  update(): void {
    const { played, steadyMs, identity } = this.#options;
    if (identity.classChanged()) {
      this.#name.value = identity.name;
      this.#connection.restart();
    }
    const moment = this.#playhead.next();
    this.#step({ kind: 'moment', moment });
    const listed = played.calls() ?? [];
    if (this.#line.value === 'open') {
      const ids = listed.map(({ frame }) => frame.callId);
      if (this.#unheard.isOverdue(ids, this.#callState.asked, steadyMs())) this.#connection.suspect();
    } else if (this.#listens) {
      for (const frame of this.#news.next(listed, this.#playhead.serverMs()))
        this.#step({ kind: 'frame', frame });
    }
    this.#watched.update(played.isOnAir() ? moment.playheadMs : null, steadyMs());
  }

  /** Orders her answers by the server's time, and by what she or another page of hers has sent where clocks disagree. */
  #nextSequence(callId: string, serverMs: number): number {
    const counted = this.#callState.asked.get(callId)?.counted?.sequence ?? 0;
    this.#sequence = Math.max(this.#sequence + 1, counted + 1, Math.round(serverMs));
    return this.#sequence;
  }

  #step(event: CallEvent): void {
    this.#callState = callStateAfter(this.#callState, event);
    const view = callStateView(this.#callState);
    // The page is drawn anew ten times a second at most, and never while nothing is asked.
    if (view.kind !== 'none' || this.#view.value.kind !== 'none') this.#view.value = view;
  }

  #received(frame: ServerFrame): void {
    // In a hidden page the last look at the playhead may be long ago.
    this.#step({ kind: 'moment', moment: this.#playhead.next() });
    if (frame.type === 'welcome' || frame.type === 'pong')
      this.#playhead.time.heard(frame.serverTimeMs, this.#options.steadyMs());
    if (frame.type === 'welcome') this.#welcomed(frame);
    else this.#step({ kind: 'frame', frame });
    if (frame.type === 'refused' && frame.minute !== undefined)
      this.#watched.refused(frame.minute, frame.retryAfterMs ?? null);
    this.#answerSender.handle(frame);
  }

  #welcomed(frame: WelcomeFrame): void {
    this.#sub = frame.sub;
    // Answers of others who used this browser are not hers.
    const owner = ownerOf(frame.sub, this.#options.identity.name);
    const hers = this.#outbox.pending.filter((pending) => pending.owner === owner);
    // Before the call of the welcome is handled: a call that she has answered must not appear, not for a moment.
    for (const { frame: pending } of hers)
      this.#step({ kind: 'tapped', callId: pending.callId, answerId: pending.answerId });
    this.#step({ kind: 'frame', frame });
    for (const { frame: pending } of hers) this.#answerSender.send(pending);
    this.#watched.connected();
  }

  #connectionChanged(state: ConnectionState): void {
    this.#line.value = state;
    if (state === 'open' || state === 'lost') this.#listens = true;
    if (state !== 'open') this.#playhead.time.lost();
    // Nothing can be sent here: pending answers are sent when she opens the page with another link.
    if (state === 'off' || state === 'guests-off' || state === 'denied') {
      this.#listens = false;
      this.#answerSender.stop();
    }
  }

  #makeAnswerSender(): AnswerSender {
    const { identity, post, random, later } = this.#options;
    return new AnswerSender({
      ...{ outbox: this.#outbox, random, later },
      transmit: (frame) => this.#connection.send(frame),
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
}

/** Whether an answer takes the place of one that is pending. */
function isOlder(pending: AnswerFrame, { callId, sequence }: AnswerFrame): boolean {
  return pending.callId === callId && sequence !== undefined && (pending.sequence ?? 0) < sequence;
}

/** `crypto.randomUUID` needs a secure context, which a school's own http server is not. */
function answerId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
