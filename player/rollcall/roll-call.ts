import { type ReadonlySignal, signal } from '@preact/signals';
import type { AnswerValue } from '../../rollcall/protocol/answer.ts';
import type { AnswerFrame, ServerFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { openEventStream, openWebSocket } from './carriers.ts';
import { deskAfter, type DeskEvent, type DeskView, deskView, EMPTY_DESK } from './desk.ts';
import { Identity } from './identity.ts';
import { openIndexedAnswers } from './indexed-answers.ts';
import { Link, type LinkState } from './link.ts';
import { Outbox } from './outbox.ts';
import { postAnswer } from './post-answer.ts';
import { WatchMeter } from './watch-meter.ts';

/** What the roll call has to know of what is played. */
export type Played = {
  /** Program date time of the picture, UTC milliseconds; null while unknown. */
  programTimeMs(): number | null;
  /** The server's time, UTC milliseconds. */
  serverNowMs(): number;
  /** There is a class to be seen, and not the slate. */
  isOnAir(): boolean;
  /** Something else than live is watched in this page: nobody is asked meanwhile. */
  isElsewhere(): boolean;
};

/** What a roll call is opened with. */
export type RollCallOptions = {
  readonly channel: string;
  /** Of the page's address; null without one. */
  readonly token: string | null;
  readonly played: Played;
  /** What a guest is called who has given no name. */
  readonly spareName: string;
};

/** How often it is looked whether her playhead is there, milliseconds. */
const LOOK_MS = 100;

/** The student's side of the roll call: she is asked when she hears it, and her tap is kept until the server has it. */
export class RollCall {
  readonly view: ReadonlySignal<DeskView>;
  readonly line: ReadonlySignal<LinkState>;
  /** She is to be asked for her name before her first answer. */
  readonly needsName: ReadonlySignal<boolean>;
  readonly #view = signal<DeskView>({ kind: 'none' });
  readonly #line = signal<LinkState>('connecting');
  readonly #needsName = signal(false);
  readonly #options: RollCallOptions;
  readonly #identity: Identity;
  readonly #meter = new WatchMeter();
  readonly #link: Link;
  /** Answers that are on their way by POST. */
  readonly #posting = new Set<string>();
  #outbox: Outbox;
  #desk = EMPTY_DESK;
  #lastPlayheadMs: number | null = null;
  #movedAtMs = performance.now();

  constructor(options: RollCallOptions) {
    const { channel, token, spareName } = options;
    this.#options = options;
    this.view = this.#view;
    this.line = this.#line;
    this.needsName = this.#needsName;
    this.#identity = new Identity(channel, token, spareName);
    this.#needsName.value = this.#identity.needsName;
    this.#outbox = new Outbox(channel, null);
    this.#link = new Link({
      connect: (way, token, events) =>
        (way === 'web-socket' ? openWebSocket : openEventStream)(channel, token, events),
      token: () => this.#identity.token(),
      renew: () => this.#identity.renew(),
      onFrame: (frame) => this.#take(frame),
      onState: (state) => {
        this.#line.value = state;
      },
    });
  }

  /** Begins. To be called once. */
  async start(): Promise<void> {
    this.#outbox = new Outbox(this.#options.channel, await openIndexedAnswers());
    await this.#outbox.load(this.#options.played.serverNowMs());
    this.#link.start();
    setInterval(() => this.#look(), LOOK_MS);
    addEventListener('online', () => this.#link.hurry());
  }

  /**
   * Answers the call that is asked.
   *
   * @param name what she calls herself, where she was asked for it
   */
  async answer(value: AnswerValue, name: string | null): Promise<void> {
    const view = this.#view.value;
    if (view.kind !== 'asking') return;
    const { played } = this.#options;
    const serverMs = played.serverNowMs();
    const tapProgramTimeMs = Math.round(played.programTimeMs() ?? serverMs);
    const latencyMs = Math.max(0, Math.round(serverMs - tapProgramTimeMs));
    const frame: AnswerFrame = {
      ...{ type: 'answer', callId: view.call.callId, answerId: answerId(), tapProgramTimeMs, latencyMs },
      ...(value === null ? {} : { value }),
      ...(view.stalled ? { stalled: true } : {}),
    };
    this.#step({ kind: 'tapped', callId: frame.callId, answerId: frame.answerId });
    await this.#outbox.keep(frame, serverMs);
    if (name !== null) {
      this.#needsName.value = false;
      await this.#identity.rename(name);
      this.#link.restart();
    }
    this.#send(frame);
  }

  #look(): void {
    const { played } = this.#options;
    if (played.isElsewhere()) return;
    const playheadMs = played.programTimeMs();
    const nowMs = performance.now();
    if (playheadMs !== this.#lastPlayheadMs) this.#movedAtMs = nowMs;
    this.#lastPlayheadMs = playheadMs;
    const moment = { serverMs: played.serverNowMs(), playheadMs, stillMs: nowMs - this.#movedAtMs };
    this.#step({ kind: 'moment', moment });
    const minute = this.#meter.look(played.isOnAir() ? playheadMs : null);
    if (minute !== null) void this.#tellWatched(minute);
  }

  #step(event: DeskEvent): void {
    this.#desk = deskAfter(this.#desk, event);
    const view = deskView(this.#desk);
    // What the page shows changes once a tenth of a second at most, and not at all while nothing is asked.
    if (view.kind !== 'none' || this.#view.value.kind !== 'none') this.#view.value = view;
  }

  #take(frame: ServerFrame): void {
    this.#step({ kind: 'frame', frame });
    switch (frame.type) {
      case 'welcome':
        for (const { frame: kept } of this.#outbox.waiting) {
          this.#step({ kind: 'tapped', callId: kept.callId, answerId: kept.answerId });
          this.#send(kept);
        }
        return;
      case 'ack':
        void this.#outbox.settle(frame.answerId);
        return;
      case 'refused': {
        const { answerId: id, retryAfterMs } = frame;
        const kept = this.#outbox.waiting.find((answer) => answer.frame.answerId === id);
        if (kept === undefined) return;
        if (retryAfterMs === undefined) void this.#outbox.settle(kept.frame.answerId);
        else setTimeout(() => this.#send(kept.frame), retryAfterMs * (1 + Math.random() / 2));
        return;
      }
      default:
    }
  }

  #send(frame: AnswerFrame): void {
    if (!this.#isWaiting(frame)) return;
    if (!this.#link.send(frame)) {
      void this.#post(frame);
      return;
    }
    setTimeout(() => {
      if (this.#isWaiting(frame)) void this.#post(frame);
    }, LIMITS.ackWithinMs);
  }

  async #post(frame: AnswerFrame): Promise<void> {
    if (this.#posting.has(frame.answerId)) return;
    this.#posting.add(frame.answerId);
    const found = await this.#identity.token();
    const reply = found.kind === 'token' ? await postAnswer(this.#options.channel, found.token, frame) : null;
    this.#posting.delete(frame.answerId);
    if (reply !== null) this.#take(reply);
  }

  async #tellWatched(minute: number): Promise<void> {
    if (this.#link.send({ type: 'watched', minute })) return;
    const found = await this.#identity.token();
    if (found.kind !== 'token' || this.#line.value === 'off') return;
    await fetch(`/api/rollcall/${this.#options.channel}/watched`, {
      method: 'POST',
      headers: { authorization: `Bearer ${found.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ minute }),
      keepalive: true,
    }).catch(() => {});
  }

  #isWaiting({ answerId: id }: AnswerFrame): boolean {
    return this.#outbox.waiting.some(({ frame }) => frame.answerId === id);
  }
}

/** randomUUID wants a secure context, which a school's own http server is not. */
function answerId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
