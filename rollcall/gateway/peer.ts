import type { ServerFrame } from '../protocol/frames.ts';
import type { Identity } from './identity.ts';
import { SerializedFrame } from './serialized-frame.ts';

/** Most bytes that may wait to be sent to one peer. A peer with more is disconnected. */
export const UNSENT_MAX_BYTES = 65_536;

/** A connected student or teacher, over a WebSocket or an event stream. */
export type Peer = {
  readonly identity: Identity;
  /**
   * Sends a frame. Disconnects a peer that does not read.
   *
   * @param frame serialized once and shared by all peers that receive it; not changed
   */
  send(frame: SerializedFrame): void;
  /**
   * Closes the connection.
   *
   * @param code one of CLOSE_CODES
   * @param reason in English
   */
  close(code: number, reason: string): void;
};

/** Sends a frame to a single peer. */
export function sendFrame(peer: Pick<Peer, 'send'>, frame: ServerFrame): void {
  peer.send(new SerializedFrame(frame));
}
