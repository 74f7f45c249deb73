import { signal } from '@preact/signals';
import type { CallFrame, NamedAnswer, ServerFrame, TallyFrame } from '../../rollcall/protocol/frames.ts';

/** The state of the newest call. */
export type Phase = 'none' | 'open' | 'grace' | 'over';

/** Answers that are listed at most. */
const NEWEST_LISTED = 200;

/** The newest call of a lesson as frames and API tell it: its counts, its newest answers, and what is left of its time. */
export class CurrentCall {
  /** Null before the first call. */
  readonly call = signal<CallFrame | null>(null);
  readonly tally = signal<TallyFrame | null>(null);
  readonly phase = signal<Phase>('none');
  /** What is left of the window, or of the grace, milliseconds. */
  readonly leftMs = signal(0);
  /** Newest first. */
  readonly newest = signal<readonly NamedAnswer[]>([]);
  #offsetMs = 0;

  /** The server's time, UTC milliseconds. */
  serverMs(): number {
    return Date.now() + this.#offsetMs;
  }

  /** @param serverTimeMs the server's time now, UTC milliseconds */
  setServerTime(serverTimeMs: number): void {
    this.#offsetMs = serverTimeMs - Date.now();
  }

  /** Handles a frame of the connection. */
  handle(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        this.setServerTime(frame.serverTimeMs);
        if (frame.call !== undefined) this.show(frame.call);
        return;
      case 'call':
        this.show(frame);
        return;
      case 'closed': {
        const call = this.call.value;
        if (call?.callId !== frame.callId) return;
        this.call.value = { ...call, windowMs: Math.max(0, frame.atProgramTimeMs - call.atProgramTimeMs) };
        return;
      }
      case 'tally':
        if (frame.callId === this.call.value?.callId) this.count(frame);
        return;
      default:
    }
  }

  /** Takes a call as the newest one, or as it is now. */
  show(call: CallFrame): void {
    if (this.call.value?.callId !== call.callId) {
      this.tally.value = null;
      this.newest.value = [];
    }
    this.call.value = call;
  }

  /** Shows no call: the one that was shown is of an earlier lesson. */
  clear(): void {
    this.call.value = null;
    this.tally.value = null;
    this.newest.value = [];
  }

  /** Takes counts of the call. */
  count(tally: TallyFrame): void {
    const known = new Map(this.newest.value.map((answer) => [answer.sub, answer]));
    // Also who has changed her answer; what was told before is no news.
    const fresh = tally.changed.filter((answer) => !isSame(answer, known.get(answer.sub))).reverse();
    const subs = new Set(fresh.map(({ sub }) => sub));
    const left = this.newest.value.filter(({ sub }) => !subs.has(sub));
    if (fresh.length > 0) this.newest.value = [...fresh, ...left].slice(0, NEWEST_LISTED);
    this.tally.value = tally;
  }

  /**
   * Brings phase and time up to date.
   *
   * @returns true when the call has just become over
   */
  tick(): boolean {
    const call = this.call.value;
    if (call === null) {
      this.phase.value = 'none';
      return false;
    }
    const nowMs = this.serverMs();
    const endMs = call.atProgramTimeMs + call.windowMs;
    const before = this.phase.value;
    const phase = nowMs < endMs ? 'open' : nowMs < endMs + call.graceMs ? 'grace' : 'over';
    this.phase.value = phase;
    this.leftMs.value = Math.max(0, (phase === 'open' ? endMs : endMs + call.graceMs) - nowMs);
    return before !== 'over' && phase === 'over';
  }
}

/** Whether an answer is the one that is known of its student. */
function isSame(one: NamedAnswer, known: NamedAnswer | undefined): boolean {
  return known !== undefined && one.value === known.value && one.reactionMs === known.reactionMs;
}
