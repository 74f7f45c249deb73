import { describeError } from '../../shared/errors.ts';
import { toHttpProblem } from '../../shared/http-errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { TokenError } from '../../shared/token.ts';
import type { Claim } from '../protocol/answer.ts';
import type { ClientMessage } from '../protocol/client-frame-reader.ts';
import { CLOSE_CODES, type RefusedFrame } from '../protocol/frames.ts';
import { refusedMinute } from '../roll-call-error.ts';
import type { AnswerContext, AnswerIntake } from './answer-intake.ts';
import type { CallCommands } from './call-commands.ts';
import { deadlineAction } from './connection-deadlines.ts';
import { fullFrame } from './connection-gate.ts';
import { hasTeacherRights, type Identity, type RollCallRole } from './identity.ts';
import { type Peer, sendFrame } from './peer.ts';
import type { Places } from './places.ts';
import type { RollCallMetrics } from './roll-call-metrics.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';
import type { SerializedFrame } from './serialized-frame.ts';
import type { WatchedVerdict } from './watched-claims.ts';
import type { WebSocketConnection } from './web-socket-connection.ts';

/** What sessions hand their frames to. */
export type ClientSessionDeps = {
  readonly rooms: Rooms;
  readonly intake: Pick<AnswerIntake, 'take'>;
  readonly commands: CallCommands;
  readonly places: Pick<Places, 'isFull' | 'take' | 'leave'>;
  readonly metrics: RollCallMetrics;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly nowMs: () => number;
  /**
   * Verifies a token.
   *
   * @throws {TokenError} 401; 403 for another channel, or a role that has no part in roll calls
   */
  identify(channel: string, token: string): Identity;
  /** Records that a student watched a minute, unless its verdict is another one. */
  onWatched(channel: string, identity: Identity, minute: number): WatchedVerdict;
};

type Command = Extract<ClientMessage, { type: 'open' | 'close' | 'extend' }>;
type RoleMessage = Exclude<ClientMessage, { type: 'hello' | 'ping' }>;

/** What a session needs of its connection. */
export type SessionConnection = Pick<
  WebSocketConnection,
  'openedMs' | 'heardMs' | 'isOpen' | 'send' | 'close' | 'drop' | 'terminate'
>;

/** What one WebSocket client says: her hello first, then answers and watched minutes, or commands. */
export class ClientSession implements Peer {
  readonly #connection: SessionConnection;
  readonly #channel: string;
  readonly #deps: ClientSessionDeps;
  #member: { readonly identity: Identity; readonly room: Room } | null = null;

  constructor(connection: SessionConnection, channel: string, deps: ClientSessionDeps) {
    this.#connection = connection;
    this.#channel = channel;
    this.#deps = deps;
  }

  /** Whether its hello has come. */
  get isIdentified(): boolean {
    return this.#member !== null;
  }

  /** When it was opened, monotonic milliseconds. */
  get openedMs(): number {
    return this.#connection.openedMs;
  }

  /** @throws {Error} before the hello: only members of a room are asked for it */
  get identity(): Identity {
    if (this.#member === null) throw new Error('the identity is not known before the hello');
    return this.#member.identity;
  }

  send(frame: SerializedFrame): void {
    this.#connection.send(frame);
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }

  /** Destroys the connection without a word. */
  terminate(): void {
    this.#connection.terminate();
  }

  /** Leaves the room, when the connection is closed. */
  leave(): void {
    if (this.#member !== null) {
      this.#deps.places.leave(this.#channel, this);
      this.#deps.rooms.leave(this.#channel, this);
    }
    this.#member = null;
  }

  /**
   * Ends a connection that is past a deadline.
   *
   * @param steadyMs monotonic milliseconds
   * @param nowMs UTC milliseconds
   */
  checkDeadlines(steadyMs: number, nowMs: number): void {
    const { isOpen, openedMs, heardMs } = this.#connection;
    const tokenExpMs = this.#member?.identity.expMs ?? null;
    const action = deadlineAction({ isOpen, openedMs, heardMs, tokenExpMs }, steadyMs, nowMs);
    if (action?.kind === 'close') this.#connection.drop(action.code, action.metric, action.reason);
    else if (action?.kind === 'terminate') {
      if (action.metric !== null) this.#deps.metrics.dropped(action.metric);
      this.#connection.terminate();
    }
  }

  /** Handles a frame whose form is valid. */
  handle(message: ClientMessage): void {
    if (message.type === 'hello') {
      this.#hello(message.token);
      return;
    }
    if (this.#member === null) {
      this.#dropBadFrame(`${message.type}: want a hello first`);
      return;
    }
    if (message.type === 'ping') sendFrame(this, { type: 'pong', serverTimeMs: this.#deps.nowMs() });
    else this.#handleAs(this.#member.identity, this.#member.room, message);
  }

  #handleAs(identity: Identity, room: Room, message: RoleMessage): void {
    if (!isAllowed(identity.role, message.type)) {
      const reason = `${message.type}: not for role ${identity.role}`;
      this.#connection.drop(CLOSE_CODES.forbidden, 'forbidden', reason);
      return;
    }
    switch (message.type) {
      case 'answer': {
        const context = room.answerContext(message.claim.callId);
        if (context.call === null) void this.#answerUnknownCall(message.claim, identity);
        else this.#answer(context, message.claim, identity);
        return;
      }
      case 'watched':
        this.#watched(identity, message.minute);
        return;
      case 'open':
      case 'close':
      case 'extend':
        void this.#execute(message, identity);
    }
  }

  #hello(token: string): void {
    const { identify, rooms, places, metrics, logger } = this.#deps;
    if (this.#member !== null) {
      this.#dropBadFrame('hello: sent twice');
      return;
    }
    let identity: Identity;
    try {
      identity = identify(this.#channel, token);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      const code = error.status === 403 ? CLOSE_CODES.forbidden : CLOSE_CODES.unauthorized;
      metrics.refused(error.code);
      this.#connection.drop(code, error.code, error.message);
      return;
    }
    if (places.isFull(identity.role, true)) {
      metrics.connectionRefused();
      sendFrame(this, fullFrame());
      this.#connection.drop(CLOSE_CODES.full, 'full', 'too many students are connected');
      return;
    }
    const room = rooms.room(this.#channel);
    this.#member = { identity, room };
    places.take(this.#channel, this);
    room.join(this).catch((error: unknown) => {
      if (this.#member === null) return;
      logger.warn({ error: describeError(error) }, 'a client cannot be welcomed: the ledger cannot be read');
      this.#connection.drop(CLOSE_CODES.goingAway, 'ledger-unavailable', 'the ledger cannot be read now');
    });
  }

  #answer(context: AnswerContext, claim: Claim, identity: Identity): void {
    this.#deps.intake.take(this.#channel, context, identity, claim, (reply) => {
      if (reply.type === 'refused') this.#deps.metrics.refused(reply.code);
      sendFrame(this, reply);
    });
  }

  #watched(identity: Identity, minute: number): void {
    const verdict = this.#deps.onWatched(this.#channel, identity, minute);
    if (verdict.kind !== 'counts') this.#refuse(refusedMinute(verdict), { minute });
  }

  /** Another gateway may have opened the call since the room's last refresh. */
  async #answerUnknownCall(claim: Claim, identity: Identity): Promise<void> {
    try {
      const context = await this.#deps.rooms.answerContext(this.#channel, claim.callId);
      this.#answer(context, claim, identity);
    } catch (error) {
      this.#refuse(error, { answerId: claim.answerId });
    }
  }

  async #execute(command: Command, { sub }: Identity): Promise<void> {
    const { ref } = command;
    try {
      const { callId } = await this.#call(command, sub);
      if (ref !== null) sendFrame(this, { type: 'done', ref, callId });
    } catch (error) {
      this.#refuse(error, ref === null ? {} : { ref });
    }
  }

  #call(command: Command, openedBy: string): Promise<{ readonly callId: string }> {
    const { commands } = this.#deps;
    switch (command.type) {
      case 'open':
        return commands.open(this.#channel, openedBy, command.question);
      case 'close':
        return commands.close(this.#channel, command.callId);
      case 'extend':
        return commands.extend(this.#channel, command.callId, command.windowMs);
    }
  }

  #refuse(error: unknown, of: Pick<RefusedFrame, 'ref' | 'answerId' | 'minute'>): void {
    const { code, message: reason, retryAfterS } = toHttpProblem(error);
    this.#deps.metrics.refused(code);
    const retry = retryAfterS === undefined ? {} : { retryAfterMs: retryAfterS * 1000 };
    sendFrame(this, { type: 'refused', code, reason, ...of, ...retry });
  }

  #dropBadFrame(reason: string): void {
    this.#connection.drop(CLOSE_CODES.badFrame, 'bad-frame', reason);
  }
}

/** Students answer and watch; teachers and operators command. */
function isAllowed(role: RollCallRole, type: RoleMessage['type']): boolean {
  const isCommand = type !== 'answer' && type !== 'watched';
  return isCommand === hasTeacherRights(role);
}
