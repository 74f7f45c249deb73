import { signal } from '@preact/signals';
import type { Question } from '../../rollcall/protocol/call.ts';
import { isRecord } from '../../rollcall/protocol/checked.ts';
import type { ServerFrame } from '../../rollcall/protocol/frames.ts';
import { readCall } from '../../rollcall/protocol/server-frame-reader.ts';
import type { ServerRequest } from '../net/request.ts';
import { openTransport } from '../rollcall/open-transport.ts';
import { memorizeTransport, recalledTransport } from '../rollcall/remembered-transport.ts';
import { type ConnectionState, RollCallConnection } from '../rollcall/roll-call-connection.ts';
import { CurrentCall } from './current-call.ts';
import { PublishStatus } from './publish-status.ts';
import { askAsTeacher, type Lesson, readLesson, type Reply } from './teach-api.ts';

/** How often the API is asked for the lesson, milliseconds: while the connection is open, and while it is not. */
const LESSON_MS = 10_000;
const LESSON_ALONE_MS = 1000;
const TICK_MS = 250;
/** How much longer a call is open after "more time", milliseconds. */
const MORE_MS = 15_000;
/** Codes that mean that the link does not let her teach. */
const DENIALS: readonly string[] = ['no-token', 'bad-token', 'expired-token', 'forbidden'];

/** A teacher's console: what she sees of her class, and the commands that she gives. Commands go by HTTP, counts come by WebSocket. */
export class TeacherConsole {
  readonly channel: string;
  readonly token: string;
  readonly line = signal<ConnectionState>('connecting');
  /** The newest call. */
  readonly current = new CurrentCall();
  readonly lesson = signal<Lesson | null>(null);
  readonly publish: PublishStatus;
  /** Why the last command failed: a code of the server's, or `unreachable`; null when it did not. */
  readonly fault = signal<string | null>(null);
  /** A command is under way. */
  readonly isBusy = signal(false);
  /** The server does not accept the token. */
  readonly isDenied = signal(false);
  readonly #connection: RollCallConnection;
  /** The last command; it never rejects. */
  #command: Promise<unknown> = Promise.resolve();

  constructor(channel: string, token: string) {
    this.channel = channel;
    this.token = token;
    this.publish = new PublishStatus(channel, token);
    this.#connection = new RollCallConnection({
      connect: (kind, text, events) => openTransport(channel, kind, text, events),
      token: async () => ({ kind: 'token', token }),
      renew: () => false,
      remembered: { recalled: recalledTransport, memorize: memorizeTransport },
      onFrame: (frame) => this.#received(frame),
      onState: (state) => {
        this.line.value = state;
        if (state === 'open') void this.refresh();
      },
    });
  }

  /** Connects. To be called once. */
  start(): void {
    this.#connection.start();
    addEventListener('online', () => this.#connection.hurry());
    setInterval(() => this.#tick(), TICK_MS);
    this.publish.start();
    void this.#followLesson();
  }

  /** Opens a call. Does nothing while a command is under way: a key that is pressed twice asks once. */
  async open(question: Partial<Question>): Promise<boolean> {
    return !this.isBusy.value && this.#send('POST', '', question);
  }

  /** Ends the open call, after a command that is under way. */
  async close(): Promise<boolean> {
    await this.#command;
    const { call, phase } = this.current;
    const callId = call.value?.callId;
    if (callId === undefined || phase.value !== 'open' || this.isBusy.value) return false;
    return this.#send('PATCH', `/${callId}`, { close: true });
  }

  /** Gives students more time, counted from now where the window has ended. */
  async extend(): Promise<boolean> {
    const call = this.current.call.value;
    if (call === null || this.isBusy.value) return false;
    const sinceMs = this.current.serverMs() - call.atProgramTimeMs;
    const windowMs = Math.round(Math.max(call.windowMs, sinceMs) + MORE_MS);
    return this.#send('PATCH', `/${call.callId}`, { windowMs });
  }

  /** Sends a request to the roll call's API. */
  async ask(path: string, options?: ServerRequest): Promise<Reply> {
    return askAsTeacher(this.token, `/api/rollcall/${this.channel}${path}`, options);
  }

  /** Asks the API for the lesson now. */
  async refresh(): Promise<void> {
    await this.#askLesson(false);
  }

  async #send(method: 'POST' | 'PATCH', path: string, json: object): Promise<boolean> {
    this.isBusy.value = true;
    const asked = this.ask(`/calls${path}`, { method, json });
    this.#command = asked;
    const reply = await asked;
    this.isBusy.value = false;
    this.fault.value = reply.kind === 'ok' ? null : reply.kind === 'refused' ? reply.code : 'unreachable';
    const call = reply.kind === 'ok' && isRecord(reply.value) ? readCall(reply.value) : null;
    if (call !== null) {
      this.current.show(call);
      this.#tick();
    }
    // Another page has opened a call, or no frames arrive: the API tells which one is the newest.
    if (this.line.value !== 'open' || this.fault.value === 'call-open') await this.#askLesson(true);
    return reply.kind === 'ok';
  }

  #received(frame: ServerFrame): void {
    this.current.handle(frame);
    this.#tick();
  }

  #tick(): void {
    if (this.current.tick()) void this.refresh();
  }

  async #followLesson(): Promise<void> {
    await this.refresh();
    const everyMs = this.line.value === 'open' || this.isDenied.value ? LESSON_MS : LESSON_ALONE_MS;
    // After a server was away, not all teachers of a city ask at once.
    setTimeout(() => void this.#followLesson(), everyMs * (0.75 + 0.5 * Math.random()));
  }

  /** @param isNews the newest call is taken from the answer, even while frames arrive */
  async #askLesson(isNews: boolean): Promise<void> {
    const reply = await this.ask('');
    this.isDenied.value = reply.kind === 'refused' && DENIALS.includes(reply.code);
    const lesson = reply.kind === 'ok' ? readLesson(reply.value) : null;
    if (lesson === null) return;
    this.lesson.value = lesson;
    this.current.setServerTime(lesson.serverTimeMs);
    // A call that students still answer is shown, whichever lesson it was opened in.
    const newest = lesson.calls.find(({ isOfThisLesson }) => isOfThisLesson);
    const shown = lesson.calls.find(({ call }) => call.callId === this.current.call.value?.callId);
    if (shown?.isOfThisLesson === false && this.current.phase.value === 'over') this.current.clear();
    // A page that was opened after the call, or that receives no frames.
    if (newest !== undefined && (isNews || this.line.value !== 'open' || this.current.call.value === null)) {
      this.current.show(newest.call);
      this.current.count(newest.tally);
    }
    this.#tick();
  }
}
