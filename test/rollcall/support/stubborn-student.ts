import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { AckFrame, AnswerFrame, CallFrame } from '../../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../../rollcall/protocol/limits.ts';
import { readServerFrame } from '../../../rollcall/protocol/server-frame-reader.ts';

/** Lets some of a burst pass: a kill is to come at any moment of it. */
export async function momentWithin(milliseconds: number): Promise<void> {
  await after(milliseconds);
}

/** What a student answers: which of the choices, and whether she taps in her window. */
export type Tap = { readonly value: number; readonly isLate: boolean };

/** What a student was told of her answer, and what that was. */
export type Acknowledged = {
  readonly answerId: string;
  readonly status: string;
  readonly value: AnswerFrame['value'];
};

/** How long she waits for an ack before she sends again, and before she connects again; milliseconds. */
const AGAIN_MS = 400;
const BACK_MS = 150;

/** Before and after the end of the shortest window, in the teacher's time; milliseconds. */
const IN_TIME_MS = 200;
const LATE_MS = LIMITS.windowMinMs + LIMITS.playheadSlackMs + 100;

/**
 * A student who behaves as the page does: one answer a call, kept until its ack, sent again with the same id whenever the line
 * is back, by WebSocket or by POST. When she has her ack she changes her mind on another device, which must change nothing.
 */
export class StubbornStudent {
  readonly sub: string;
  /** By call; written down when the ack comes, as she would tell it. */
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Acks for one answer that did not say the same. */
  readonly contradictions: string[] = [];
  readonly #url: string;
  readonly #token: string;
  readonly #byPost: boolean;
  readonly #delayMs: () => number;
  readonly #tap: () => Tap;
  #ws: WebSocket | null = null;
  #kept: AnswerFrame | null = null;
  #isOver = false;

  /**
   * @param byPost she answers by POST, and listens on the WebSocket alone
   * @param delayMs how long she takes to tap
   * @param tap what she answers a call
   */
  constructor(
    url: string,
    { sub, token, byPost }: { readonly sub: string; readonly token: string; readonly byPost: boolean },
    delayMs: () => number,
    tap: () => Tap,
  ) {
    this.#url = url;
    this.sub = sub;
    this.#token = token;
    this.#byPost = byPost;
    this.#delayMs = delayMs;
    this.#tap = tap;
  }

  /** Comes, and comes back for as long as she is wanted. */
  async live(): Promise<void> {
    while (!this.#isOver) {
      await this.#connect();
      await after(Math.random() * BACK_MS);
    }
  }

  /** Her device is killed: what is in its memory is gone, and what it had kept is there when she comes back. */
  kill(): void {
    this.#ws?.terminate();
  }

  /** Goes home. */
  leave(): void {
    this.#isOver = true;
    this.#ws?.terminate();
  }

  async #connect(): Promise<void> {
    const ws = new WebSocket(`${this.#url.replace('http', 'ws')}/rollcall/hall-7`);
    this.#ws = ws;
    const again = setInterval(() => this.#send(), AGAIN_MS);
    await new Promise<void>((ended) => {
      ws.on('open', () => ws.send(JSON.stringify({ type: 'hello', token: this.#token })));
      ws.on('message', (data: Buffer) => this.#take(data.toString('utf8')));
      ws.on('error', () => {});
      ws.on('close', () => ended());
    });
    clearInterval(again);
  }

  #take(text: string): void {
    const frame = readServerFrame(text);
    if (frame?.type === 'welcome') {
      if (frame.call !== undefined) this.#hear(frame.call);
      this.#send();
    }
    if (frame?.type === 'call') this.#hear(frame);
    if (frame?.type === 'ack') this.#acknowledge(frame);
  }

  #hear(call: CallFrame): void {
    if (this.#kept?.callId === call.callId || this.acknowledged.has(call.callId)) return;
    const { value, isLate } = this.#tap();
    this.#kept = {
      ...{ type: 'answer', callId: call.callId, answerId: randomUUID(), value },
      // Nobody waits for the end of the window: her clock is as wrong as it may be.
      ...{ tapProgramTimeMs: call.atProgramTimeMs + (isLate ? LATE_MS : IN_TIME_MS) },
      latencyMs: isLate ? -LIMITS.clockSlackMs : 0,
    };
    setTimeout(() => this.#send(), this.#delayMs());
  }

  #send(): void {
    if (this.#kept !== null) this.#bring(this.#kept);
  }

  #bring(answer: AnswerFrame): void {
    if (this.#byPost) void this.#post(answer);
    else if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify(answer));
  }

  async #post({ type: _type, callId, ...body }: AnswerFrame): Promise<void> {
    try {
      const reply = await fetch(`${this.#url}/api/rollcall/hall-7/calls/${callId}/answers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(3000),
      });
      if (reply.ok) this.#take(await reply.text());
    } catch {
      // The next try is on its way.
    }
  }

  #acknowledge({ callId, answerId, status, duplicate }: AckFrame): void {
    const known = this.acknowledged.get(callId);
    if (known !== undefined) {
      const isFirst = answerId === known.answerId;
      if (known.status === status && duplicate !== isFirst) return;
      this.contradictions.push(
        `${this.sub}: ${callId} was ${known.status}, then ${status}${isFirst ? '' : ' for another answer'}, duplicate ${duplicate}`,
      );
      return;
    }
    const kept = this.#kept;
    if (kept?.callId !== callId || kept.answerId !== answerId || duplicate) {
      this.contradictions.push(`${this.sub}: an ack for ${callId} ${answerId}, duplicate ${duplicate}`);
      return;
    }
    this.acknowledged.set(callId, { answerId, status, value: kept.value });
    this.#kept = null;
    this.#bring({ ...kept, answerId: randomUUID(), value: Number(kept.value) + 1 });
  }
}
