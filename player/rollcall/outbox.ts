import type { AnswerFrame } from '../../rollcall/protocol/frames.ts';

/** An answer that no ack has come for. */
export type KeptAnswer = {
  readonly channel: string;
  /** When she tapped, UTC milliseconds by the server's clock. */
  readonly tappedMs: number;
  readonly frame: AnswerFrame;
};

/** Where answers lie until their ack, also over a reload. */
export type AnswerStore = {
  put(answer: KeptAnswer): Promise<void>;
  remove(answerId: string): Promise<void>;
  all(): Promise<readonly KeptAnswer[]>;
};

/** What is older than this is for no call that still takes answers, milliseconds. */
const OLD_MS = 2 * 3_600_000;

/**
 * Keeps each tap until the server has it: first here, then on its way. What the browser does not keep (private windows, full
 * disks) is kept for as long as the page lives.
 */
export class Outbox {
  readonly #channel: string;
  readonly #store: AnswerStore | null;
  readonly #waiting = new Map<string, KeptAnswer>();

  /** @param store null where the browser keeps nothing */
  constructor(channel: string, store: AnswerStore | null) {
    this.#channel = channel;
    this.#store = store;
  }

  /** Answers without an ack, oldest first. */
  get waiting(): readonly KeptAnswer[] {
    return [...this.#waiting.values()];
  }

  /**
   * Takes up what an earlier page has left.
   *
   * @param nowMs the server's time, UTC milliseconds
   */
  async load(nowMs: number): Promise<void> {
    const kept = (await this.#store?.all().catch(() => [])) ?? [];
    for (const answer of kept) {
      if (nowMs - answer.tappedMs > OLD_MS) await this.#forget(answer.frame.answerId);
      else if (answer.channel === this.#channel) this.#waiting.set(answer.frame.answerId, answer);
    }
  }

  /** Keeps an answer. It may be sent when this resolves. */
  async keep(frame: AnswerFrame, tappedMs: number): Promise<void> {
    const answer = { channel: this.#channel, tappedMs, frame };
    this.#waiting.set(frame.answerId, answer);
    await this.#store?.put(answer).catch(() => {});
  }

  /** Lets go of an answer: its ack is here, or it is refused for good. */
  async settle(answerId: string): Promise<void> {
    this.#waiting.delete(answerId);
    await this.#forget(answerId);
  }

  async #forget(answerId: string): Promise<void> {
    await this.#store?.remove(answerId).catch(() => {});
  }
}
