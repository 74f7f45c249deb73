import type { ServerResponse } from 'node:http';
import type { Identity } from '../gateway/identity.ts';
import { type Peer, UNSENT_MAX_BYTES } from '../gateway/peer.ts';
import type { RollCallMetrics } from '../gateway/roll-call-metrics.ts';
import type { SerializedFrame } from '../gateway/serialized-frame.ts';

/**
 * One Server-Sent Events response: an event for each frame.
 *
 * @see WHATWG HTML §9.2, Server-sent events
 */
export class EventStream implements Peer {
  readonly identity: Identity;
  readonly #res: ServerResponse;
  readonly #metrics: Pick<RollCallMetrics, 'dropped'>;
  readonly #isBrief: boolean;
  #frames = 0;

  /**
   * @param res its head is sent
   * @param isBrief it ends with the first frame after the welcome
   */
  constructor(
    identity: Identity,
    res: ServerResponse,
    metrics: Pick<RollCallMetrics, 'dropped'>,
    isBrief = false,
  ) {
    this.#isBrief = isBrief;
    this.identity = identity;
    this.#res = res;
    this.#metrics = metrics;
  }

  send({ json }: SerializedFrame): void {
    this.#write(`data: ${json}\n\n`);
    this.#frames++;
    // Frames of the same moment go with it.
    if (this.#isBrief && this.#frames === 2) setImmediate(() => this.close());
  }

  /** Sends a comment, or ends the stream of a client whose token has expired. */
  heartbeat(nowMs: number): void {
    if (this.identity.expMs > nowMs) {
      this.#write(': \n\n');
      return;
    }
    this.#metrics.dropped('expired-token');
    this.close();
  }

  close(): void {
    this.#res.end();
  }

  #write(text: string): void {
    const res = this.#res;
    if (res.writableEnded || res.destroyed) return;
    res.write(text);
    if (res.writableLength <= UNSENT_MAX_BYTES) return;
    this.#metrics.dropped('slow');
    res.destroy();
  }
}
