import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { AnswerFrame, CallFrame } from '../../../rollcall/protocol/frames.ts';
import { readServerFrame } from '../../../rollcall/protocol/server-frame.ts';

/** Lets some of a burst pass: a kill is to come at any moment of it. */
export async function momentWithin(milliseconds: number): Promise<void> {
  await after(milliseconds);
}

/** What a student was told of her answer. */
export type Acknowledged = { readonly callId: string; readonly answerId: string; readonly status: string };

/** How long she waits for an ack before she sends again, and before she connects again; milliseconds. */
const AGAIN_MS = 400;
const BACK_MS = 150;

/**
 * A student who behaves as the page does: one answer a call, kept until its ack, sent again with the same id whenever the line
 * is back, by WebSocket or by POST.
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
  #ws: WebSocket | null = null;
  #kept: AnswerFrame | null = null;
  #isOver = false;

  /**
   * @param byPost she answers by POST, and listens on the WebSocket alone
   * @param delayMs how long she takes to tap
   */
  constructor(url: string, sub: string, token: string, byPost: boolean, delayMs: () => number) {
    this.#url = url;
    this.sub = sub;
    this.#token = token;
    this.#byPost = byPost;
    this.#delayMs = delayMs;
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
    this.#kept = {
      ...{ type: 'answer', callId: call.callId, answerId: randomUUID() },
      ...{ tapProgramTimeMs: call.atProgramTimeMs + 200, latencyMs: 0 },
    };
    setTimeout(() => this.#send(), this.#delayMs());
  }

  #send(): void {
    const answer = this.#kept;
    if (answer === null) return;
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

  #acknowledge({ callId, answerId, status }: Acknowledged): void {
    const known = this.acknowledged.get(callId);
    if (known !== undefined && known.status !== status) {
      this.contradictions.push(`${this.sub}: ${callId} was ${known.status}, then ${status}`);
    }
    this.acknowledged.set(callId, known ?? { callId, answerId, status });
    if (this.#kept?.callId === callId) this.#kept = null;
  }
}
