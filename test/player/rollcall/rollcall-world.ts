import { Identity } from '../../../player/rollcall/identity.ts';
import type { Transport, TransportEvents, TransportKind } from '../../../player/rollcall/transport.ts';
import type { AnswerStore, PendingAnswer } from '../../../player/rollcall/outbox.ts';
import { readReply } from '../../../player/rollcall/post-answer.ts';
import type { WatchedReply } from '../../../player/rollcall/watched-reporter.ts';
import { RollCall } from '../../../player/rollcall/roll-call.ts';
import {
  type AnswerStatus,
  type AnswerValue,
  checkClaim,
  judge,
  sequenceOf,
} from '../../../rollcall/protocol/answer.ts';
import { type Call, overMs } from '../../../rollcall/protocol/call.ts';
import { type AnswerFrame, callFrame, type ServerFrame } from '../../../rollcall/protocol/frames.ts';
import type { ListedCall } from '../../../rollcall/protocol/listed-call.ts';
import { readClientFrame } from '../../../rollcall/protocol/client-frame-reader.ts';

/** When the tests' class begins, UTC milliseconds. */
export const BEGAN_MS = 1_581_899_400_000;

/** A clock that a test turns, and what is to happen at its times. */
export class TestClock {
  nowMs = 0;
  #timers: { atMs: number; work: () => void }[] = [];

  /** As setTimeout, and takes it back. */
  readonly later = (work: () => void, milliseconds: number): (() => void) => {
    const timer = { atMs: this.nowMs + milliseconds, work };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Lets time pass, and everything that was promised happen. */
  async pass(milliseconds: number): Promise<void> {
    const untilMs = this.nowMs + milliseconds;
    for (;;) {
      await new Promise(setImmediate);
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.nowMs = next.atMs;
      this.#timers = this.#timers.filter((other) => other !== next);
      next.work();
    }
    this.nowMs = untilMs;
  }

  /** Forgets all that was to happen: the page is closed. */
  clear(): void {
    this.#timers = [];
  }
}

type DurableAnswer = {
  readonly answerId: string;
  readonly status: AnswerStatus;
  readonly value: AnswerValue;
  /** Null where the first answer counts. */
  readonly sequence: number | null;
};

/** What a student is told of her answer where she may change it. */
function countedOf({ value, sequence }: DurableAnswer): object {
  return sequence === null ? {} : { counted: { value, sequence } };
}

/** A gateway in a few lines: it judges as the real one does, and is down, deaf or slow when a test wants it to be. */
export class FakeGateway {
  readonly #clock: TestClock;
  call: Call | null = null;
  /** The durable answers that count, by student and call. */
  readonly answers = new Map<string, DurableAnswer>();
  /** Changes of answers that are still taken. */
  changesLeft = 20;
  readonly minutes: number[] = [];
  /** Minutes that are taken on the line; others are refused for 30 s. */
  minutesLeft = Number.POSITIVE_INFINITY;
  /** Names and ids of guests that were asked for. */
  readonly guests: { readonly name: string; readonly token: string | undefined }[] = [];
  readonly names: string[] = [];
  /** Connections are refused and POST is not answered. */
  isDown = false;
  /** Frames come in, and none goes out. */
  isDeaf = false;
  blocksSockets = false;
  /** Transports on which a proxy lets nothing through, and says nothing. */
  swallows: readonly TransportKind[] = [];
  /** Names that several on the class list have. */
  readonly sharedNames = new Set<string>();
  /** HTTP status of what is asked of guests. */
  guestStatus = 200;
  /** How a token that is said hello with ends; null when it is taken. */
  refusal: 'denied' | 'absent' | null = null;
  posts = 0;
  #line: { readonly sub: string; readonly events: TransportEvents } | null = null;

  constructor(clock: TestClock) {
    this.#clock = clock;
  }

  /** The server's time, UTC milliseconds. */
  get nowMs(): number {
    return BEGAN_MS + this.#clock.nowMs;
  }

  /** A student is connected. */
  get hasLine(): boolean {
    return this.#line !== null;
  }

  /** Opens a call now. */
  open(change: Partial<Call> = {}): Call {
    const call: Call = {
      ...{ callId: `k${this.#clock.nowMs}`, channel: 'hall-7', kind: 'presence', prompt: 'Who is here?' },
      ...{ choices: [], atProgramTimeMs: this.nowMs, windowMs: 20_000, graceMs: 30_000, openedBy: 'ms-li' },
      ...change,
    };
    this.call = call;
    this.#say(callFrame(call));
    return call;
  }

  /** Breaks the line, as a network does. */
  break(): void {
    const line = this.#line;
    this.#line = null;
    line?.events.onEnd({ kind: 'lost', retryAfterMs: null });
  }

  /** Sends a frame on the line. */
  say(frame: ServerFrame): void {
    this.#say(frame);
  }

  /** Opens a connection; tokens are `sub`, or `sub as name` for guests. */
  readonly connect = (way: TransportKind, token: string, events: TransportEvents): Transport => {
    const [sub = '', name = sub] = token.split(' as ');
    const line = { sub, events };
    if (this.refusal !== null) {
      const kind = this.refusal;
      this.#clock.later(() => events.onEnd({ kind }), 10);
    } else if (this.swallows.includes(way)) {
      // Nothing comes of it, not even an end.
    } else if (this.isDown || (way === 'web-socket' && this.blocksSockets)) {
      this.#clock.later(() => events.onEnd({ kind: 'lost', retryAfterMs: null }), 10);
    } else {
      this.#clock.later(() => {
        this.#line = line;
        this.names.push(name);
        this.#say(this.#welcome(sub, name));
      }, 10);
    }
    return {
      send: (text) => {
        if (way !== 'web-socket' || this.#line !== line) return false;
        this.#clock.later(() => this.#take(sub, text), 10);
        return true;
      },
      close: () => {
        if (this.#line === line) this.#line = null;
      },
    };
  };

  /** Takes an answer by POST. */
  readonly post = async (token: string, frame: AnswerFrame): Promise<ServerFrame> => {
    this.posts++;
    if (this.isDown) return readReply(frame.answerId, 0, null, '');
    const reply = this.#judge(token.split(' as ')[0] ?? '', frame);
    if (this.isDeaf) return readReply(frame.answerId, 0, null, '');
    if (reply.type !== 'refused') return readReply(frame.answerId, 200, null, JSON.stringify(reply));
    return readReply(frame.answerId, 409, null, JSON.stringify({ error: { code: reply.code } }));
  };

  /** Takes a minute by POST. */
  readonly postWatched = async (_token: string, minute: number): Promise<WatchedReply> => {
    if (this.isDown) return { kind: 'later', retryAfterMs: null };
    this.minutes.push(minute);
    return { kind: 'settled' };
  };

  /** Makes a guest. */
  /** What is said with a `guestStatus` of 400 or more. */
  guestRefusal = '{"error":{"code":"no-guests","message":"no"}}';
  readonly askGuest = async (body: { readonly name: string; readonly token?: string }) => {
    const { name, token } = body;
    if (this.isDown) throw new Error('no server');
    this.guests.push({ name, token });
    const sub = token?.split(' as ')[0] ?? `guest-${this.guests.length}`;
    const expiresMs = this.nowMs + 12 * 3_600_000;
    const guest = { token: `${sub} as ${name}`, sub, name, expiresMs, isShared: this.sharedNames.has(name) };
    const text = this.guestStatus < 400 ? JSON.stringify(guest) : this.guestRefusal;
    return { status: this.guestStatus, retryAfterMs: this.guestStatus === 503 ? 1000 : null, text };
  };

  #welcome(sub: string, name: string): ServerFrame {
    const { call, nowMs } = this;
    const answer = this.answers.get(`${sub} ${call?.callId}`);
    return {
      ...{ type: 'welcome', serverTimeMs: nowMs, sub, name, role: 'student' },
      ...(call === null || nowMs > overMs(call) ? {} : { call: callFrame(call) }),
      ...(call === null || answer === undefined
        ? {}
        : { answered: { callId: call.callId, status: answer.status, ...countedOf(answer) } }),
    };
  }

  #take(sub: string, text: string): void {
    if (this.isDown) return;
    const read = readClientFrame(text);
    if (!read.ok) throw new Error(`the page sent ${text}: ${read.reason}`);
    if (read.value.type === 'ping') this.#say({ type: 'pong', serverTimeMs: this.nowMs });
    if (read.value.type === 'watched') {
      const { minute } = read.value;
      if (this.minutesLeft > 0) {
        this.minutesLeft--;
        this.minutes.push(minute);
      } else {
        this.say({ type: 'refused', code: 'too-many-minutes', reason: '', minute, retryAfterMs: 30_000 });
      }
    }
    if (read.value.type === 'answer') this.#say(this.#judge(sub, { type: 'answer', ...read.value.claim }));
  }

  #judge(sub: string, frame: AnswerFrame): Extract<ServerFrame, { type: 'ack' | 'refused' }> {
    const { callId, answerId } = frame;
    const claim = checkClaim(frame);
    if (!claim.ok || this.call?.callId !== callId)
      return { type: 'refused', code: 'unknown-call', reason: 'no such call', answerId };
    const key = `${sub} ${callId}`;
    let counting = this.answers.get(key);
    const judged = judge(this.call, claim.value, this.nowMs);
    if (judged.kind === 'counts' && counting?.answerId !== answerId) {
      const sequence = sequenceOf(this.call, claim.value, judged.reactionMs);
      const isChange = counting !== undefined && (sequence ?? 0) > (counting.sequence ?? 0);
      if (isChange && this.changesLeft-- <= 0)
        return { type: 'refused', code: 'too-many-changes', reason: 'no more', answerId };
      const { value } = claim.value;
      if (counting === undefined || isChange) counting = { answerId, status: judged.status, value, sequence };
      this.answers.set(key, counting);
    }
    if (counting !== undefined) {
      const duplicate = counting.answerId !== answerId;
      return { type: 'ack', callId, answerId, status: counting.status, duplicate, ...countedOf(counting) };
    }
    const { code, reason } = judged.kind === 'refused' ? judged : { code: 'bad-answer', reason: '' };
    return { type: 'refused', code, reason, answerId };
  }

  #say(frame: ServerFrame): void {
    const line = this.#line;
    if (line === null || this.isDeaf || this.isDown) return;
    this.#clock.later(() => line.events.onText(JSON.stringify(frame)), 10);
  }
}

/** A store as the browser's database is, and as it stays over a reload. */
export function makeStore(): AnswerStore & { readonly kept: Map<string, PendingAnswer> } {
  const kept = new Map<string, PendingAnswer>();
  return {
    kept,
    put: async (one) => void kept.set(one.frame.answerId, one),
    remove: async (id) => void kept.delete(id),
    all: async () => [...kept.values()],
  };
}

/** A student's browser, in which a test opens and closes the page. */
export class Student {
  readonly #clock: TestClock;
  readonly #gateway: FakeGateway;
  readonly store = makeStore();
  readonly memory = new Map<string, string>();
  /** How far behind the teacher she plays, milliseconds; null while nothing plays. */
  behindMs: number | null = 600;
  /** What the player takes for the server's time is so far off, milliseconds. */
  clockErrorMs = 0;
  /** Token of the link; null for a guest. */
  token: string | null = 'li';
  /** Calls that the playlist lists. */
  inPlaylist: readonly ListedCall[] = [];
  /** The class on air; null while it is not known. */
  classId: string | null = null;
  page: RollCall;
  /** All that the pages have shown, each once in a row: `asking k1`. */
  readonly seen: string[] = [];
  /** Program time at which the playhead stands still; null while it moves. */
  pausedAtMs: number | null = null;

  constructor(clock: TestClock, gateway: FakeGateway) {
    this.#clock = clock;
    this.#gateway = gateway;
    this.page = this.#make();
  }

  /** Opens the page, anew if it is open. */
  async open(): Promise<void> {
    this.page.stop();
    this.#clock.clear();
    this.page = this.#make();
    this.page.view.subscribe((view) => {
      const now = view.kind === 'none' ? 'none' : `${view.kind} ${view.call.callId}`;
      if (this.seen.at(-1) !== now) this.seen.push(now);
    });
    await this.page.start();
    this.#look(this.page);
    await this.#clock.pass(100);
  }

  #look(page: RollCall): void {
    page.update();
    this.#clock.later(() => this.#look(page), 100);
  }

  #make(): RollCall {
    const [clock, gateway] = [this.#clock, this.#gateway];
    const serverNowMs = (): number => gateway.nowMs + this.clockErrorMs;
    const played = {
      serverNowMs,
      isOnAir: () => true,
      calls: () => this.inPlaylist,
      programTimeMs: () => this.pausedAtMs ?? (this.behindMs === null ? null : gateway.nowMs - this.behindMs),
    };
    const memory = {
      recalled: (key: string) => this.memory.get(key) ?? null,
      memorize: (key: string, text: string | null) => {
        if (text === null) this.memory.delete(key);
        else this.memory.set(key, text);
      },
    };
    const identity = new Identity({
      ...{ channel: 'hall-7', linkToken: this.token, linkName: '', spareName: 'Guest 1', memory },
      classId: () => this.classId,
      ...{ askGuest: gateway.askGuest, nowMs: serverNowMs },
    });
    return new RollCall({
      ...{ channel: 'hall-7', played, identity, connect: gateway.connect, later: clock.later },
      ...{ post: gateway.post, postWatched: gateway.postWatched, random: () => 0.5 },
      ...{ openStore: async () => this.store, steadyMs: () => clock.nowMs },
    });
  }
}
