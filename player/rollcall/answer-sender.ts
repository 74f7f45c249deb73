import type { AnswerFrame, ServerFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { backoffMs, ROLL_CALL_BACKOFF } from '../net/backoff.ts';
import type { Later } from './named-timers.ts';
import type { Outbox } from './outbox.ts';

/** What a sender is made from. Clock, chance and network are passed in, so that a test controls them. */
export type AnswerSenderOptions = {
  readonly outbox: Outbox;
  /** Sends an answer on the open connection; false when there is none, or nothing can be sent on it. */
  readonly transmit: (frame: AnswerFrame) => boolean;
  /** Sends it by POST and returns its ack or refusal; null when it could not be tried now. */
  readonly post: (frame: AnswerFrame) => Promise<ServerFrame | null>;
  /** An ack or a refusal arrived by POST. */
  readonly onReply: (frame: ServerFrame) => void;
  readonly random: () => number;
  readonly later: Later;
};

/** An answer that is being sent. */
type Delivery = { tries: number; isPosting: boolean; cancel: () => void };

/**
 * Sends answers to the server: on the connection, and by POST where no ack arrives that way. An answer is sent until it has its ack,
 * or is refused for good; it is the same answer each time, and the server accepts it once.
 */
export class AnswerSender {
  readonly #options: AnswerSenderOptions;
  readonly #deliveries = new Map<string, Delivery>();
  #isStopped = false;

  constructor(options: AnswerSenderOptions) {
    this.#options = options;
  }

  /** Sends an answer that is in the outbox. */
  send(frame: AnswerFrame): void {
    const { outbox, transmit, later } = this.#options;
    if (this.#isStopped || !outbox.has(frame.answerId)) return;
    const delivery = this.#deliveryOf(frame);
    delivery.cancel();
    if (transmit(frame)) delivery.cancel = later(() => void this.#post(frame), LIMITS.ackWithinMs);
    else void this.#post(frame);
  }

  /** Handles a frame that arrived on the connection. */
  handle(frame: ServerFrame): void {
    if (frame.type === 'ack') this.#settle(frame.answerId);
    if (frame.type !== 'refused' || frame.answerId === undefined) return;
    const { answerId, retryAfterMs } = frame;
    const found = this.#options.outbox.pending.find((answer) => answer.frame.answerId === answerId);
    if (found === undefined) return;
    if (retryAfterMs === undefined) this.#settle(answerId);
    else this.#retry(found.frame, retryAfterMs);
  }

  /** Sends an answer no more: she has given a newer one. */
  withdraw(answerId: string): void {
    this.#settle(answerId);
  }

  /** Stops sending: the server accepts no token of ours. What is in the outbox stays pending. */
  stop(): void {
    this.#isStopped = true;
    for (const { cancel } of this.#deliveries.values()) cancel();
    this.#deliveries.clear();
  }

  async #post(frame: AnswerFrame): Promise<void> {
    const { outbox, post, onReply } = this.#options;
    const delivery = this.#deliveryOf(frame);
    if (delivery.isPosting || this.#isStopped || !outbox.has(frame.answerId)) return;
    delivery.isPosting = true;
    const reply = await post(frame).catch(() => null);
    delivery.isPosting = false;
    if (this.#isStopped || !outbox.has(frame.answerId)) return;
    // A proxy on the way may have answered anything.
    const isReply = reply?.type === 'ack' || reply?.type === 'refused';
    if (!isReply || reply.answerId !== frame.answerId) {
      this.#retry(frame, 0);
      return;
    }
    this.handle(reply);
    onReply(reply);
  }

  /** Sends it again: no sooner than the server asks for, and not in the same moment as all others. */
  #retry(frame: AnswerFrame, atLeastMs: number): void {
    const { random, later } = this.#options;
    if (this.#isStopped) return;
    const delivery = this.#deliveryOf(frame);
    delivery.cancel();
    const waitMs = atLeastMs + backoffMs(delivery.tries++, random(), ROLL_CALL_BACKOFF);
    delivery.cancel = later(() => this.send(frame), waitMs);
  }

  #settle(answerId: string): void {
    this.#deliveries.get(answerId)?.cancel();
    this.#deliveries.delete(answerId);
    void this.#options.outbox.remove(answerId);
  }

  #deliveryOf({ answerId }: AnswerFrame): Delivery {
    const delivery = this.#deliveries.get(answerId) ?? { tries: 0, isPosting: false, cancel: () => {} };
    this.#deliveries.set(answerId, delivery);
    return delivery;
  }
}
