import { signal } from '@preact/signals';
import type { Question } from '../../rollcall/protocol/call.ts';
import { isRecord } from '../../rollcall/protocol/checked.ts';
import type { CallFrame, ServerFrame, TallyFrame } from '../../rollcall/protocol/frames.ts';
import { readCall } from '../../rollcall/protocol/server-frame-reader.ts';
import type { ServerRequest } from '../net/request.ts';
import { openTransport } from '../rollcall/open-transport.ts';
import { RollCallConnection, type ConnectionState } from '../rollcall/roll-call-connection.ts';
import { health, type Finding, readIngest } from './health.ts';
import {
  type Lesson,
  type PublishAddress,
  readLesson,
  readPublishAddress,
  type Reply,
  askAsTeacher,
} from './teach-api.ts';

/** Where the newest call stands. */
export type Phase = 'none' | 'open' | 'grace' | 'over';

/** How often the server is asked for the lesson, milliseconds: while the line for it is open, and while it is not. */
const LESSON_MS = 10_000;
const LESSON_ALONE_MS = 1000;
const INGEST_MS = 2000;
const TICK_MS = 250;
/** What is added to a call by a key, milliseconds. */
const MORE_MS = 15_000;

/** A teacher's teacherConsole: what she sees of her class, and what she orders. */
export class TeacherConsole {
  readonly channel: string;
  readonly token: string;
  readonly line = signal<ConnectionState>('connecting');
  /** The newest call; null before the first. */
  readonly call = signal<CallFrame | null>(null);
  readonly tally = signal<TallyFrame | null>(null);
  readonly phase = signal<Phase>('none');
  /** What is left of the window, or of the grace, milliseconds. */
  readonly leftMs = signal(0);
  readonly lesson = signal<Lesson | null>(null);
  readonly findings = signal<readonly Finding[]>([]);
  readonly address = signal<PublishAddress | null>(null);
  /** Why the last order was not carried out; a code of the server's, or `unreachable`. */
  readonly fault = signal<string | null>(null);
  /** An order is on its way. */
  readonly isBusy = signal(false);
  /** Newest answers of the call, newest first. */
  readonly newest = signal<readonly TallyFrame['changed'][number][]>([]);
  /** The token is not taken. */
  readonly isDenied = signal(false);
  readonly #connection: RollCallConnection;
  #offsetMs = 0;
  /** The order that was given last; it never fails. */
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(channel: string, token: string) {
    this.channel = channel;
    this.token = token;
    this.#connection = new RollCallConnection({
      connect: (kind, text, events) => openTransport(channel, kind, text, events),
      token: async () => ({ kind: 'token', token }),
      renew: () => false,
      onFrame: (frame) => this.#take(frame),
      onState: (state) => {
        this.line.value = state;
        if (state === 'open') void this.#askLesson();
      },
    });
  }

  /** Begins. To be called once. */
  start(): void {
    this.#connection.start();
    addEventListener('online', () => this.#connection.hurry());
    setInterval(() => this.#tick(), TICK_MS);
    void this.#askAddress();
    const followLesson = async (): Promise<void> => {
      await this.#askLesson();
      const everyMs = this.line.value === 'open' || this.isDenied.value ? LESSON_MS : LESSON_ALONE_MS;
      // Not all teachers of a city at once, after a server was away.
      setTimeout(() => void followLesson(), everyMs * (0.75 + 0.5 * Math.random()));
    };
    const followIngest = async (): Promise<void> => {
      await this.#askIngest();
      setTimeout(() => void followIngest(), INGEST_MS);
    };
    void followLesson();
    void followIngest();
  }

  /** Opens a call; one at a time. Does nothing while another order is on its way: a key that is pressed twice asks once. */
  async open(question: Partial<Question>): Promise<boolean> {
    return !this.isBusy.value && this.#order('POST', '', question);
  }

  /** Ends the call that is open, after an order that is on its way. */
  async close(): Promise<boolean> {
    await this.#underWay;
    const callId = this.call.value?.callId;
    if (callId === undefined || this.phase.value !== 'open' || this.isBusy.value) return false;
    return this.#order('PATCH', `/${callId}`, { close: true });
  }

  /** Gives more time. */
  async extend(): Promise<boolean> {
    const call = this.call.value;
    if (call === null || this.isBusy.value) return false;
    // From now on, where the window has ended already.
    const sinceMs = this.#serverMs() - call.atProgramTimeMs;
    const windowMs = Math.round(Math.max(call.windowMs, sinceMs) + MORE_MS);
    return this.#order('PATCH', `/${call.callId}`, { windowMs });
  }

  /** Asks for something of the roll call's API. */
  async ask(path: string, init?: ServerRequest): Promise<Reply> {
    return askAsTeacher(this.token, `/api/rollcall/${this.channel}${path}`, init);
  }

  /** Asks anew for the lesson: something of it was changed. */
  async refresh(): Promise<void> {
    await this.#askLesson();
  }

  /** Orders go by HTTP: each is answered, whatever carries the frames. */
  async #order(method: 'POST' | 'PATCH', path: string, body: object): Promise<boolean> {
    this.isBusy.value = true;
    const asked = this.ask(`/calls${path}`, { method, json: body });
    this.#underWay = asked;
    const reply = await asked;
    this.isBusy.value = false;
    this.fault.value = reply.kind === 'ok' ? null : reply.kind === 'refused' ? reply.code : 'unreachable';
    const call = reply.kind === 'ok' && isRecord(reply.value) ? readCall(reply.value) : null;
    if (call !== null) {
      this.#see(call);
      this.#tick();
    }
    // Another page has opened one, or the line tells nothing: what is true is asked for.
    if (this.line.value !== 'open' || this.fault.value === 'call-open') await this.#askLesson(true);
    return reply.kind === 'ok';
  }

  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        this.#offsetMs = frame.serverTimeMs - Date.now();
        if (frame.call !== undefined) this.#see(frame.call);
        break;
      case 'call':
        this.#see(frame);
        break;
      case 'closed': {
        const call = this.call.value;
        if (call?.callId !== frame.callId) break;
        this.call.value = { ...call, windowMs: Math.max(0, frame.atProgramTimeMs - call.atProgramTimeMs) };
        break;
      }
      case 'tally':
        if (frame.callId === this.call.value?.callId) this.#count(frame);
        break;
      default:
    }
    this.#tick();
  }

  #see(call: CallFrame): void {
    if (this.call.value?.callId !== call.callId) {
      this.tally.value = null;
      this.newest.value = [];
    }
    this.call.value = call;
  }

  #count(tally: TallyFrame): void {
    const known = new Set(this.newest.value.map(({ sub }) => sub));
    const fresh = tally.changed.filter(({ sub }) => !known.has(sub)).toReversed();
    if (fresh.length > 0) this.newest.value = [...fresh, ...this.newest.value].slice(0, 200);
    this.tally.value = tally;
  }

  #tick(): void {
    const call = this.call.value;
    if (call === null) {
      this.phase.value = 'none';
      return;
    }
    const nowMs = this.#serverMs();
    const endMs = call.atProgramTimeMs + call.windowMs;
    const before = this.phase.value;
    this.phase.value = nowMs < endMs ? 'open' : nowMs < endMs + call.graceMs ? 'grace' : 'over';
    this.leftMs.value = Math.max(0, (this.phase.value === 'open' ? endMs : endMs + call.graceMs) - nowMs);
    if (before !== 'over' && this.phase.value === 'over') void this.#askLesson();
  }

  #serverMs(): number {
    return Date.now() + this.#offsetMs;
  }

  /** @param isNews the newest call is taken from there, though there is a line */
  async #askLesson(isNews = false): Promise<void> {
    const reply = await this.ask('');
    const isDenied =
      reply.kind === 'refused' &&
      ['no-token', 'bad-token', 'expired-token', 'forbidden'].includes(reply.code);
    this.isDenied.value = isDenied;
    const lesson = reply.kind === 'ok' ? readLesson(reply.value) : null;
    if (lesson === null) return;
    this.lesson.value = lesson;
    this.#offsetMs = lesson.serverTimeMs - Date.now();
    const newest = lesson.calls[0];
    // A page that was opened after the call, or has no line of its own.
    if (newest !== undefined && (isNews || this.line.value !== 'open' || this.call.value === null)) {
      this.#see(newest.call);
      this.#count(newest.tally);
    }
    this.#tick();
  }

  async #askIngest(): Promise<void> {
    const reply = await askAsTeacher(this.token, `/api/ingest/${this.channel}`);
    const read = reply.kind === 'ok' ? readIngest(reply.value) : null;
    this.findings.value = read === null ? [] : health(read.publish);
  }

  async #askAddress(): Promise<void> {
    const reply = await askAsTeacher(this.token, `/api/ingest/${this.channel}/publish`);
    this.address.value = reply.kind === 'ok' ? readPublishAddress(reply.value) : null;
    if (reply.kind === 'unreachable') setTimeout(() => void this.#askAddress(), LESSON_MS);
  }
}
