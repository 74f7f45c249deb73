import type { TokenClaims } from '../../shared/token.ts';
import type { ServerFrame } from '../protocol/frames.ts';

/** Who may take part in a roll call. */
export const ROLL_CALL_ROLES = ['student', 'teacher', 'operator'] as const;
/** One of {@link ROLL_CALL_ROLES}. */
export type RollCallRole = (typeof ROLL_CALL_ROLES)[number];

/** Who is at the other end, as the token says. */
export type Identity = {
  readonly sub: string;
  readonly name: string;
  readonly role: RollCallRole;
};

/** One who is connected to a channel, whatever carries it: a WebSocket, or an event stream. */
export type Peer = {
  readonly identity: Identity;
  /** Sends a frame that many get: it is written once for all of them. Drops who does not read. */
  sendText(frame: string): void;
  /**
   * Ends it.
   *
   * @param code one of CLOSE_CODES
   */
  close(code: number, reason: string): void;
};

/** Sends one frame to one peer. */
export function sendFrame(peer: Peer, frame: ServerFrame): void {
  peer.sendText(JSON.stringify(frame));
}

/** Who a token says one is; null for a role that takes no part. */
export function identityOf({ sub, name, role }: TokenClaims): Identity | null {
  const known = ROLL_CALL_ROLES.find((candidate) => candidate === role);
  return known === undefined ? null : { sub, name, role: known };
}

/** Whether a role opens calls and sees who answered. */
export function leads(role: RollCallRole): boolean {
  return role === 'teacher' || role === 'operator';
}
