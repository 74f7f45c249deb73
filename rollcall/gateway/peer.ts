import type { TokenClaims } from '../../shared/token.ts';
import type { ServerFrame } from '../protocol/frames.ts';
import { textFrame } from './text-frame.ts';

/** Who may take part in a roll call. */
export const ROLL_CALL_ROLES = ['student', 'teacher', 'operator'] as const;
/** One of {@link ROLL_CALL_ROLES}. */
export type RollCallRole = (typeof ROLL_CALL_ROLES)[number];

/** Who is at the other end, as the token says. */
export type Identity = {
  readonly sub: string;
  readonly name: string;
  readonly role: RollCallRole;
  /** When the token ends, UTC milliseconds: a connection does not outlive it. */
  readonly expMs: number;
};

/** A frame that is about to be sent, written once in each form that somebody wants it in. */
export class SerializedFrame {
  readonly json: string;
  #webSocket: Buffer | null = null;

  constructor(frame: ServerFrame) {
    this.json = JSON.stringify(frame);
  }

  /** The bytes of a WebSocket frame. Not to be changed. */
  get webSocket(): Buffer {
    this.#webSocket ??= textFrame(this.json);
    return this.#webSocket;
  }
}

/** What one may leave unread, bytes; who leaves more is dropped. */
export const UNSENT_MAX_BYTES = 65_536;

/** One who is connected to a channel, whatever carries it: a WebSocket, or an event stream. */
export type Peer = {
  readonly identity: Identity;
  /**
   * Sends a frame. Drops who does not read.
   *
   * @param frame as it is for whatever carries it: made once where many get the same
   */
  send(frame: SerializedFrame): void;
  /**
   * Ends it.
   *
   * @param code one of CLOSE_CODES
   */
  close(code: number, reason: string): void;
};

/** Sends one frame to one peer. */
export function sendFrame(peer: Peer, frame: ServerFrame): void {
  peer.send(new SerializedFrame(frame));
}

/** A school's names are its own; longer ones are cut, since teachers' pages show them. UTF-16 code units. */
const NAME_MOST = 100;

/** Who a token says one is; null for a role that takes no part. */
export function identityOf({ sub, name, role, exp }: TokenClaims): Identity | null {
  const known = ROLL_CALL_ROLES.find((candidate) => candidate === role);
  return known === undefined ? null : { sub, name: name.slice(0, NAME_MOST), role: known, expMs: exp * 1000 };
}

/** Whether a role opens calls and sees who answered. */
export function hasTeacherRights(role: RollCallRole): boolean {
  return role === 'teacher' || role === 'operator';
}
