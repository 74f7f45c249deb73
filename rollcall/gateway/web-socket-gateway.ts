import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { AppError, describeError } from '../../shared/errors.ts';
import { toHttpProblem } from '../../shared/http-errors.ts';
import { type Logger, sparing } from '../../shared/logger.ts';
import { isChannelId } from '../../shared/names.ts';
import { TokenError } from '../../shared/token.ts';
import type { Claim } from '../protocol/answer.ts';
import { type ClientMessage, readClientFrame } from '../protocol/client-frame-reader.ts';
import { CLOSE_CODES } from '../protocol/frames.ts';
import { LIMITS } from '../protocol/limits.ts';
import { busy } from '../roll-call-error.ts';
import { type Admission, byeFrame, fullS, stoppingS } from './admission.ts';
import type { AnswerIntake, Question } from './answer-intake.ts';
import type { Rooms } from './rooms.ts';
import type { CallCommands } from './call-commands.ts';
import {
  type Identity,
  hasTeacherRights,
  type Peer,
  sendFrame,
  UNSENT_MAX_BYTES,
  type SerializedFrame,
} from './peer.ts';
import type { RollCallMetrics } from './roll-call-metrics.ts';
import type { Room } from './room.ts';

/** What the gateway works with. */
export type WebSocketGatewayDeps = {
  readonly hall: Rooms;
  readonly desk: Pick<AnswerIntake, 'take'>;
  readonly orders: CallCommands;
  readonly metrics: RollCallMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** A clock that nobody sets, milliseconds: it bounds and ends connections. */
  readonly steadyMs: () => number;
  readonly admission: Admission;
  readonly maxConnections: number;
  hasChannel(channel: string): boolean;
  /**
   * Checks a token.
   *
   * @throws {TokenError} 401, or 403 for another channel or a role that takes no part
   */
  identify(channel: string, token: string): Identity;
  /** A minute that a student says she watched; false when it cannot be. */
  onWatched(channel: string, identity: Identity, minute: number): boolean;
  /** Connections of any kind that are open. */
  connections(): number;
};

/** Frames that a connection may send at once, and how many a second after that. */
const FRAMES_BURST = 40;
const FRAMES_PER_MS = 0.005;
/** Longest reason in a close frame: 125 bytes with its code (RFC 6455 §5.5). */
const REASON_MAX_BYTES = 120;

const PATH = /^\/rollcall\/([^/?]{1,64})$/;

/** Takes WebSockets at `/rollcall/{channel}`: frames in, checked; frames out. */
export class WebSocketGateway {
  readonly #deps: WebSocketGatewayDeps;
  readonly #log: Pick<Logger, 'info' | 'warn'>;
  readonly #lines = new Set<Line>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // 18,000 deflate windows would be gigabytes, for frames of a few hundred bytes.
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytes,
  });
  #isStopping = false;

  constructor(deps: WebSocketGatewayDeps) {
    this.#deps = deps;
    this.#log = sparing(deps.logger, 1000, deps.nowMs);
    this.#server.on('wsClientError', (error, socket) => {
      this.#log.info({ error: error.message }, `a WebSocket was refused: ${error.message}`);
      refuse(socket, new AppError(error.message, { code: 'bad-request', status: 400 }));
    });
  }

  /** Connections that are open. */
  get size(): number {
    return this.#lines.size;
  }

  /**
   * Takes an upgrade request for a path of the roll call.
   *
   * @returns false when it is for somebody else
   */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    if (!path.startsWith('/rollcall/')) return false;
    if (req.headers.upgrade?.toLowerCase() !== 'websocket') return false;
    const channel = PATH.exec(path)?.[1] ?? '';
    if (!isChannelId(channel) || !this.#deps.hasChannel(channel)) {
      refuse(
        socket,
        new AppError(`no channel ${JSON.stringify(channel)}`, { code: 'unknown-channel', status: 404 }),
      );
      return true;
    }
    const waitS = this.#roomIn();
    if (waitS !== null) {
      this.#deps.metrics.sentAway();
      refuse(socket, busy(waitS));
      return true;
    }
    this.#server.handleUpgrade(req, socket, head, (ws) => {
      const line = new Line(ws, socket, channel, this.#deps, (gone) => this.#lines.delete(gone));
      this.#lines.add(line);
    });
    return true;
  }

  /** Closes who is silent, has not said who she is, or whose token has ended; to be called every few seconds. */
  sweep(): void {
    const { steadyMs, nowMs } = this.#deps;
    const [steady, now] = [steadyMs(), nowMs()];
    for (const line of this.#lines) line.sweep(steady, now);
  }

  /** Tells everybody to come back in a while, each at another time, and lets nobody else in. */
  sayBye(): void {
    this.#isStopping = true;
    for (const line of this.#lines) sendFrame(line, byeFrame(this.#lines.size));
  }

  /** Closes everything. Answers that are under way are to be waited for first. */
  closeAll(): void {
    for (const line of this.#lines) line.close(CLOSE_CODES.goingAway, 'the server stops');
    // A peer that does not answer the close would keep its socket for half a minute.
    for (const line of this.#lines) line.terminateSoon();
  }

  #roomIn(): number | null {
    if (this.#isStopping) return stoppingS();
    if (this.#deps.connections() >= this.#deps.maxConnections) return fullS();
    return this.#deps.admission.ask(this.#deps.steadyMs());
  }
}

/** One WebSocket. */
class Line implements Peer {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #channel: string;
  readonly #deps: WebSocketGatewayDeps;
  #identity: Identity | null = null;
  #room: Room | null = null;
  #heardMs: number;
  readonly #openedMs: number;
  /** Frames that it may send now. */
  #budget = FRAMES_BURST;

  constructor(
    ws: WebSocket,
    socket: Duplex,
    channel: string,
    deps: WebSocketGatewayDeps,
    onGone: (line: Line) => void,
  ) {
    this.#ws = ws;
    this.#socket = socket;
    this.#channel = channel;
    this.#deps = deps;
    this.#openedMs = deps.steadyMs();
    this.#heardMs = this.#openedMs;
    ws.on('message', (data, isBinary) => this.#take(data, isBinary));
    ws.on('close', () => {
      onGone(this);
      if (this.#room !== null) deps.hall.leave(channel, this);
      this.#room = null;
    });
    ws.on('error', (error: Error & { readonly code?: string }) => {
      // ws closes it with the code of RFC 6455 §7.4.1 by itself.
      const isLarge = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      deps.metrics.dropped(isLarge ? 'too-large' : 'broken');
    });
  }

  get identity(): Identity {
    if (this.#identity === null) throw new Error('asked who it is before its hello');
    return this.#identity;
  }

  send(frame: SerializedFrame): void {
    const ws = this.#ws;
    if (ws.readyState !== WebSocket.OPEN) return;
    // Whole frames may be put between those of ws, which writes each of its own at once: nothing is deflated or fragmented.
    this.#socket.write(frame.webSocket);
    if (this.#socket.writableLength <= UNSENT_MAX_BYTES) return;
    this.#deps.metrics.dropped('slow');
    // A close frame would wait behind all that it does not read.
    ws.terminate();
  }

  close(code: number, reason: string): void {
    this.#ws.close(
      code,
      Buffer.from(reason)
        .subarray(0, REASON_MAX_BYTES)
        .toString('utf8')
        .replace(/\ufffd$/, ''),
    );
  }

  /** Breaks the connection if it is still there in a second. */
  terminateSoon(): void {
    setTimeout(() => this.#ws.terminate(), 1000).unref();
  }

  /** Closes it if it has been silent for too long, has not said who it is, or is who it was no longer. */
  sweep(steadyMs: number, nowMs: number): void {
    if (this.#ws.readyState !== WebSocket.OPEN) {
      if (steadyMs - this.#heardMs > LIMITS.silenceMs) this.#ws.terminate();
    } else if (this.#identity === null && steadyMs - this.#openedMs > LIMITS.helloWithinMs) {
      this.#drop(CLOSE_CODES.noHello, 'no-hello', 'no hello');
    } else if (this.#identity !== null && this.#identity.expMs <= nowMs) {
      this.#drop(CLOSE_CODES.unauthorized, 'expired-token', 'the token has ended');
    } else if (steadyMs - this.#heardMs > LIMITS.silenceMs) {
      this.#deps.metrics.dropped('silent');
      // Most of these lines are dead: nobody is there to answer a close frame.
      this.#ws.terminate();
    }
  }

  #drop(code: number, metric: string, reason: string): void {
    this.#deps.metrics.dropped(metric);
    this.close(code, reason);
    // Who does not answer the close frame does not keep her place.
    this.terminateSoon();
  }

  #take(data: RawData, isBinary: boolean): void {
    // Frames that were in the same packet as one that ended it.
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    const steadyMs = this.#deps.steadyMs();
    this.#budget = Math.min(FRAMES_BURST, this.#budget + (steadyMs - this.#heardMs) * FRAMES_PER_MS) - 1;
    this.#heardMs = steadyMs;
    if (this.#budget < 0) {
      this.#drop(CLOSE_CODES.flood, 'flood', 'too many frames');
      return;
    }
    const read = isBinary ? null : readClientFrame(asText(data));
    if (read === null || !read.ok) {
      this.#drop(
        CLOSE_CODES.badFrame,
        'bad-frame',
        read === null ? 'frame: want text, not bytes' : read.reason,
      );
      return;
    }
    this.#heed(read.value);
  }

  #heed(message: ClientMessage): void {
    if (message.type === 'hello') {
      this.#hello(message.token);
      return;
    }
    if (this.#identity === null || this.#room === null) {
      this.#drop(CLOSE_CODES.badFrame, 'bad-frame', `${message.type}: want a hello first`);
      return;
    }
    if (message.type === 'ping') {
      sendFrame(this, { type: 'pong', serverTimeMs: this.#deps.nowMs() });
      return;
    }
    const isOrder = message.type !== 'answer' && message.type !== 'watched';
    if (isOrder !== hasTeacherRights(this.#identity.role)) {
      this.#drop(CLOSE_CODES.forbidden, 'forbidden', `${message.type}: not for role ${this.#identity.role}`);
      return;
    }
    switch (message.type) {
      case 'answer': {
        const question = this.#room.question(message.claim.callId);
        if (question.call === null) void this.#answerUnseen(message.claim, this.#identity);
        else this.#answer(question, message.claim, this.#identity);
        return;
      }
      case 'watched':
        if (!this.#deps.onWatched(this.#channel, this.#identity, message.minute))
          this.#deps.metrics.refused('bad-claim');
        return;
      default:
        void this.#order(message, this.#identity);
    }
  }

  #hello(token: string): void {
    const { identify, hall, metrics } = this.#deps;
    if (this.#identity !== null) {
      this.#drop(CLOSE_CODES.badFrame, 'bad-frame', 'hello: said already');
      return;
    }
    try {
      this.#identity = identify(this.#channel, token);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      const code = error.status === 403 ? CLOSE_CODES.forbidden : CLOSE_CODES.unauthorized;
      metrics.refused(error.code);
      this.#drop(code, error.code, error.message);
      return;
    }
    this.#room = hall.room(this.#channel);
    this.#room.join(this).catch((error: unknown) => {
      this.#deps.logger.warn({ error: describeError(error) }, 'nobody can be welcomed');
      this.#drop(CLOSE_CODES.goingAway, 'ledger-unavailable', 'the roll cannot be read now');
    });
  }

  #answer(question: Question, claim: Claim, identity: Identity): void {
    this.#deps.desk.take(this.#channel, question, identity, claim, (reply) => {
      if (reply.type === 'refused') this.#deps.metrics.refused(reply.code);
      sendFrame(this, reply);
    });
  }

  /** A call that this gateway has not looked at yet: another one may have opened it. */
  async #answerUnseen(claim: Claim, identity: Identity): Promise<void> {
    try {
      this.#answer(await this.#deps.hall.question(this.#channel, claim.callId), claim, identity);
    } catch (error) {
      this.#refuse(error, { answerId: claim.answerId });
    }
  }

  async #order(
    message: Extract<ClientMessage, { type: 'open' | 'close' | 'extend' }>,
    { sub }: Identity,
  ): Promise<void> {
    const { orders } = this.#deps;
    const { ref } = message;
    try {
      const { callId } =
        message.type === 'open'
          ? await orders.open(this.#channel, sub, message.question)
          : message.type === 'close'
            ? await orders.close(this.#channel, message.callId)
            : await orders.extend(this.#channel, message.callId, message.windowMs);
      if (ref !== null) sendFrame(this, { type: 'done', ref, callId });
    } catch (error) {
      this.#refuse(error, ref === null ? {} : { ref });
    }
  }

  #refuse(error: unknown, to: { readonly ref?: string; readonly answerId?: string }): void {
    const { code, message: reason, retryAfterS } = toHttpProblem(error);
    this.#deps.metrics.refused(code);
    const later = retryAfterS === undefined ? {} : { retryAfterMs: retryAfterS * 1000 };
    sendFrame(this, { type: 'refused', code, reason, ...to, ...later });
  }
}

function asText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}

/** Answers an upgrade request with an error, on the bare socket. */
function refuse(socket: Duplex, error: AppError): void {
  const { status, code, message, retryAfterS } = toHttpProblem(error);
  const body = `${JSON.stringify({ error: { code, message } })}\n`;
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${status === 503 ? 'Service Unavailable' : status === 404 ? 'Not Found' : 'Bad Request'}\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\nCache-Control: no-store\r\n` +
      `${retryAfterS === undefined ? '' : `Retry-After: ${retryAfterS}\r\n`}\r\n${body}`,
    () => socket.destroy(),
  );
}
