import type { AnswerFrame, ServerFrame } from '../../rollcall/protocol/frames.ts';
import { LIMITS } from '../../rollcall/protocol/limits.ts';
import { backoffMs, ROLL_CALL_BACKOFF } from '../net/backoff.ts';
import type { Outbox } from './outbox.ts';

/** What a courier works with. The world is passed in, so that a test can turn its clock. */
export type AnswerSenderOptions = {
  readonly outbox: Outbox;
  /** Sends an answer on the line that is open; false when none is, or nothing can be sent on it. */
  readonly send: (frame: AnswerFrame) => boolean;
  /** Sends it by POST, and gives its ack or refusal; null when it could not be tried now. */
  readonly post: (frame: AnswerFrame) => Promise<ServerFrame | null>;
  /** An ack or a refusal came by POST. */
  readonly onReply: (frame: ServerFrame) => void;
  readonly random: () => number;
  /** As setTimeout, and takes it back. */
  readonly later: (work: () => void, milliseconds: number) => () => void;
};

/** An answer under way. */
type Delivery = { tries: number; isPosting: boolean; cancel: () => void };

/**
 * Brings answers to the server: on the line, and by POST where no ack comes that way. An answer is sent until it has its ack, or
 * is refused for good; it is the same answer each time, and the server takes it once.
 */
export class AnswerSender {
  readonly #options: AnswerSenderOptions;
  readonly #deliveries = new Map<string, Delivery>();
  #isStopped = false;

  constructor(options: AnswerSenderOptions) {
    this.#options = options;
  }

  /** Sends an answer that is in the outbox, on the line if there is one. */
  bring(frame: AnswerFrame): void {
    const { outbox, send, later } = this.#options;
    if (this.#isStopped || !outbox.has(frame.answerId)) return;
    const delivery = this.#deliveryOf(frame);
    delivery.cancel();
    if (send(frame)) delivery.cancel = later(() => void this.#post(frame), LIMITS.ackWithinMs);
    else void this.#post(frame);
  }

  /** Takes what came on the line. */
  handle(frame: ServerFrame): void {
    if (frame.type === 'ack') this.#settle(frame.answerId);
    if (frame.type !== 'refused' || frame.answerId === undefined) return;
    const kept = this.#options.outbox.waiting.find((answer) => answer.frame.answerId === frame.answerId);
    if (kept === undefined) return;
    if (frame.retryAfterMs === undefined) this.#settle(frame.answerId);
    else this.#again(kept.frame, frame.retryAfterMs);
  }

  /** Gives up for now: the server takes no token of ours. What is in the outbox stays there. */
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
    // Something in between may have said anything.
    const isAbout = reply?.type === 'ack' || reply?.type === 'refused';
    if (!isAbout || reply.answerId !== frame.answerId) {
      this.#again(frame, 0);
      return;
    }
    this.handle(reply);
    onReply(reply);
  }

  /** Tries once more: not before the server wants it, and not when all others do. */
  #again(frame: AnswerFrame, atLeastMs: number): void {
    const { random, later } = this.#options;
    if (this.#isStopped) return;
    const delivery = this.#deliveryOf(frame);
    delivery.cancel();
    const waitMs = atLeastMs + backoffMs(delivery.tries++, random(), ROLL_CALL_BACKOFF);
    delivery.cancel = later(() => this.bring(frame), waitMs);
  }

  #settle(answerId: string): void {
    this.#deliveries.get(answerId)?.cancel();
    this.#deliveries.delete(answerId);
    void this.#options.outbox.settle(answerId);
  }

  #deliveryOf({ answerId }: AnswerFrame): Delivery {
    const delivery = this.#deliveries.get(answerId) ?? { tries: 0, isPosting: false, cancel: () => {} };
    this.#deliveries.set(answerId, delivery);
    return delivery;
  }
}
