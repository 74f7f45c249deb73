import type { AnswerFrame } from '../../rollcall/protocol/frames.ts';

/** An answer that no ack has come for. */
export type PendingAnswer = {
  readonly channel: string;
  /** Whose it is: {@link ownerOf} who tapped. Others may use this browser after her. */
  readonly owner: string;
  /** When she tapped, UTC milliseconds by the server's clock. */
  readonly tappedMs: number;
  readonly frame: AnswerFrame;
};

/** Where answers lie until their ack, also over a reload. */
export type AnswerStore = {
  put(answer: PendingAnswer): Promise<void>;
  remove(answerId: string): Promise<void>;
  all(): Promise<readonly PendingAnswer[]>;
};

/** What is older than this is for no call that still takes answers, milliseconds. */
const OLD_MS = 2 * 3_600_000;
/** A browser's database that does not answer for so long is not waited for: the answer goes out all the same, milliseconds. */
const STORE_WITHIN_MS = 1000;

/**
 * Tells whose an answer is. A guest is whoever sits at this browser: she may get another id when her token has run out.
 *
 * @param sub of the token, as the server said it in its welcome
 */
export function ownerOf(sub: string): string {
  return sub.startsWith('guest-') ? 'guest' : sub;
}

/**
 * Keeps each tap until the server has it: first here, then on its way. What the browser does not keep (private windows, full
 * disks) is kept for as long as the page lives.
 */
export class Outbox {
  readonly #channel: string;
  readonly #store: AnswerStore | null;
  readonly #waiting = new Map<string, PendingAnswer>();

  /** @param store null where the browser keeps nothing */
  constructor(channel: string, store: AnswerStore | null) {
    this.#channel = channel;
    this.#store = store;
  }

  /** Answers without an ack, oldest first. */
  get waiting(): readonly PendingAnswer[] {
    return [...this.#waiting.values()];
  }

  /** Tells whether an answer still has no ack. */
  has(answerId: string): boolean {
    return this.#waiting.has(answerId);
  }

  /**
   * Takes up what an earlier page has left.
   *
   * @param nowMs the server's time, UTC milliseconds
   */
  async load(nowMs: number): Promise<void> {
    for (const answer of (await soon(this.#store?.all())) ?? []) {
      if (nowMs - answer.tappedMs > OLD_MS) await this.#forget(answer.frame.answerId);
      else if (answer.channel === this.#channel) this.#waiting.set(answer.frame.answerId, answer);
    }
  }

  /** Keeps an answer. It may be sent when this resolves. */
  async keep(frame: AnswerFrame, owner: string, tappedMs: number): Promise<void> {
    const answer = { channel: this.#channel, owner, tappedMs, frame };
    this.#waiting.set(frame.answerId, answer);
    await soon(this.#store?.put(answer));
  }

  /** Lets go of an answer: its ack is here, or it is refused for good. */
  async settle(answerId: string): Promise<void> {
    this.#waiting.delete(answerId);
    await this.#forget(answerId);
  }

  async #forget(answerId: string): Promise<void> {
    await soon(this.#store?.remove(answerId));
  }
}

/** What came of it; null when it failed, or takes too long. */
async function soon<T>(work: Promise<T> | undefined): Promise<T | null> {
  if (work === undefined) return null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), STORE_WITHIN_MS);
  });
  return Promise.race([work.catch(() => null), late]).finally(() => clearTimeout(timer));
}
