import type { AnswerFrame } from '../../rollcall/protocol/frames.ts';

/** An answer without an ack. */
export type PendingAnswer = {
  readonly channel: string;
  /** Whose it is, by {@link ownerOf}: others may use this browser after her. */
  readonly owner: string;
  /** When she tapped, UTC milliseconds by the server's clock. */
  readonly tappedMs: number;
  readonly frame: AnswerFrame;
};

/** Where pending answers survive a reload. */
export type AnswerStore = {
  put(answer: PendingAnswer): Promise<void>;
  remove(answerId: string): Promise<void>;
  all(): Promise<readonly PendingAnswer[]>;
};

/** No call accepts answers for longer than this, milliseconds. */
const OLD_MS = 2 * 3_600_000;
/** Time limit of the browser's database: without it the answer is sent all the same, milliseconds. */
const STORE_WITHIN_MS = 1000;

/**
 * Tells whose an answer is. A guest is known by the name that she gave, since her id changes when her token has expired; another
 * guest may use this browser after her.
 *
 * @param sub of the token, as the server said it in its welcome
 * @param guestName the name that a guest has given
 */
export function ownerOf(sub: string, guestName: string): string {
  return sub.startsWith('guest-') ? `guest ${guestName}` : sub;
}

/**
 * Pending answers of one channel: stored first, then sent. Where the browser stores nothing (private windows, full disks) they
 * are pending for as long as the page lives.
 */
export class Outbox {
  readonly #channel: string;
  readonly #store: AnswerStore | null;
  readonly #pending = new Map<string, PendingAnswer>();

  /** @param store null where the browser stores nothing */
  constructor(channel: string, store: AnswerStore | null) {
    this.#channel = channel;
    this.#store = store;
  }

  /** Answers without an ack, oldest first. */
  get pending(): readonly PendingAnswer[] {
    return [...this.#pending.values()];
  }

  /** Tells whether an answer is pending. */
  has(answerId: string): boolean {
    return this.#pending.has(answerId);
  }

  /**
   * Loads what an earlier page has left.
   *
   * @param nowMs the server's time, UTC milliseconds
   */
  async load(nowMs: number): Promise<void> {
    for (const answer of (await inTime(this.#store?.all())) ?? []) {
      const { answerId } = answer.frame;
      if (nowMs - answer.tappedMs > OLD_MS) await this.remove(answerId);
      else if (answer.channel === this.#channel) this.#pending.set(answerId, answer);
    }
  }

  /** Stores an answer. It may be sent when this resolves. */
  async add(frame: AnswerFrame, owner: string, tappedMs: number): Promise<void> {
    const answer = { channel: this.#channel, owner, tappedMs, frame };
    this.#pending.set(frame.answerId, answer);
    await inTime(this.#store?.put(answer));
  }

  /** Removes an answer: its ack is here, or it is refused for good. */
  async remove(answerId: string): Promise<void> {
    this.#pending.delete(answerId);
    await inTime(this.#store?.remove(answerId));
  }
}

/** The result; null where it fails or takes too long. */
async function inTime<T>(work: Promise<T> | undefined): Promise<T | null> {
  if (work === undefined) return null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), STORE_WITHIN_MS);
  });
  return Promise.race([work.catch(() => null), late]).finally(() => clearTimeout(timer));
}
