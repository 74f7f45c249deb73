import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type {
  AckFrame,
  AnswerFrame,
  CallFrame,
  RefusedFrame,
  ServerFrame,
  WelcomeFrame,
} from '../../rollcall/protocol/frames.ts';
import { mintToken, type TokenClaims } from '../../shared/token.ts';
import { TEST_SECRET } from './pipeline.ts';
import { waitFor } from './wait-for.ts';

/** Makes a token for a test pipeline: a student of hall-7 with an hour, where nothing else is said. */
export async function testToken(claims: Partial<TokenClaims> & { readonly sub: string }): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return mintToken(TEST_SECRET, { name: claims.sub, channel: 'hall-7', role: 'student', exp, ...claims });
}

/** One WebSocket of a roll call, driven by a test. */
export class RollCallClient {
  readonly ws: WebSocket;
  /** All that came, oldest first. */
  readonly frames: ServerFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString('utf8')) as ServerFrame));
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') };
    });
    ws.on('error', () => {});
  }

  /** Connects, and says nothing. */
  static async open(url: string, channel = 'hall-7'): Promise<RollCallClient> {
    const client = new RollCallClient(new WebSocket(`${url.replace(/^http/, 'ws')}/rollcall/${channel}`));
    await once(client.ws, 'open');
    return client;
  }

  /** Connects, says hello and waits for the welcome. */
  static async join(
    url: string,
    claims: Partial<TokenClaims> & { readonly sub: string },
  ): Promise<RollCallClient> {
    const client = await RollCallClient.open(url, claims.channel === '*' ? 'hall-7' : claims.channel);
    client.send({ type: 'hello', token: await testToken(claims) });
    await client.next('welcome');
    return client;
  }

  /** Sends a frame, as it is. */
  send(frame: object): void {
    this.ws.send(JSON.stringify(frame));
  }

  /** Waits for a frame of a type that fits; one that has come already counts. */
  async next<T extends ServerFrame['type']>(
    type: T,
    fits: (frame: Extract<ServerFrame, { type: T }>) => boolean = () => true,
  ): Promise<Extract<ServerFrame, { type: T }>> {
    type Wanted = Extract<ServerFrame, { type: T }>;
    return waitFor(`a frame ${type}`, () =>
      this.frames.find((frame): frame is Wanted => frame.type === type && fits(frame as Wanted)),
    );
  }

  /** Opens a call as a teacher, and waits until it is done. */
  async openCall(question: object): Promise<string> {
    const ref = randomUUID();
    this.send({ type: 'open', ref, ...question });
    return (await this.next('done', (frame) => frame.ref === ref)).callId;
  }

  /** Answers a call as a student who hears it now, and waits for what is said to it. */
  async answer(call: CallFrame, change: Partial<AnswerFrame> = {}): Promise<AckFrame | RefusedFrame> {
    const frame = answerTo(call, change);
    this.send(frame);
    const is = (reply: AckFrame | RefusedFrame): boolean => reply.answerId === frame.answerId;
    return waitFor('an ack, or a refusal', () =>
      this.frames.findLast(
        (reply): reply is AckFrame | RefusedFrame =>
          (reply.type === 'ack' || reply.type === 'refused') && is(reply),
      ),
    );
  }

  /** Waits until it is closed. */
  async end(): Promise<{ readonly code: number; readonly reason: string }> {
    return waitFor('the end of the connection', () => this.closed);
  }

  /** Waits for the call that is sent, or was with the welcome. */
  async call(callId: string): Promise<CallFrame> {
    return waitFor(`call ${callId}`, () => {
      const welcome = this.frames.find((frame): frame is WelcomeFrame => frame.type === 'welcome');
      const sent = this.frames.findLast(
        (frame): frame is CallFrame => frame.type === 'call' && frame.callId === callId,
      );
      return sent ?? (welcome?.call?.callId === callId ? welcome.call : null);
    });
  }

  /** Breaks the connection without a word. */
  break(): void {
    this.ws.terminate();
  }
}

/** An answer of somebody who taps a tenth of a second after she hears the call. */
export function answerTo(call: CallFrame, change: Partial<AnswerFrame> = {}): AnswerFrame {
  return {
    ...{ type: 'answer', callId: call.callId, answerId: randomUUID() },
    ...{ tapProgramTimeMs: call.atProgramTimeMs + 100, latencyMs: 0 },
    ...change,
  };
}
