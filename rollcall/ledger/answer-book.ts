import type { AnswerStatus } from '../protocol/answer.ts';
import { type Answer, type Counts, REACTION_BINS, reactionBin, type Recorded } from './ledger.ts';

/** Most different values of one call that are counted: the answer to a number question may be any number. */
const VALUES_MAX = 200;

/** The durable answers of one call, in memory: the first of each student, and their counts. */
export class AnswerBook {
  readonly #bySub = new Map<string, Answer>();
  readonly #answerIds = new Set<string>();
  /** In the order in which they became durable. */
  readonly #inOrder: Answer[] = [];
  /** The answer that counts for each entry of the class list. */
  readonly #byEntry = new Map<string, { readonly status: AnswerStatus; readonly isOwn: boolean }>();
  readonly #listed = { present: 0, late: 0, replay: 0 };
  readonly #values = new Map<number, number>();
  readonly #reactions: number[] = Array.from({ length: REACTION_BINS }, () => 0);
  readonly #byStatus = { present: 0, late: 0, replay: 0 };

  /** All answers, oldest first; not to be changed. */
  get inOrder(): readonly Answer[] {
    return this.#inOrder;
  }

  /** The answer of a student; null where she has none. */
  of(sub: string): Answer | null {
    return this.#bySub.get(sub) ?? null;
  }

  /**
   * Tells what becomes of an answer because of those that are there.
   *
   * @returns null when it is to be recorded
   */
  existing(answer: Answer): Recorded | null {
    const first = this.#bySub.get(answer.sub);
    if (first !== undefined) {
      return { kind: first.answerId === answer.answerId ? 'stands' : 'duplicate', answer: first };
    }
    return this.#answerIds.has(answer.answerId) ? { kind: 'id-taken' } : null;
  }

  /** Adds a durable answer, unless {@link existing} tells otherwise. */
  add(answer: Answer): void {
    if (this.existing(answer) !== null) return;
    const { sub, answerId, rosterId, status, value, reactionMs } = answer;
    this.#bySub.set(sub, answer);
    this.#answerIds.add(answerId);
    this.#inOrder.push(answer);
    this.#byStatus[status]++;
    if (rosterId !== null) this.#enter(rosterId, status, sub === rosterId);
    if (status === 'replay') return;
    const bin = reactionBin(reactionMs);
    this.#reactions[bin] = (this.#reactions[bin] ?? 0) + 1;
    if (typeof value !== 'number') return;
    const count = this.#values.get(value) ?? 0;
    if (count > 0 || this.#values.size < VALUES_MAX) this.#values.set(value, count + 1);
  }

  /** A book of these answers but some. @param isToGo tells which */
  without(isToGo: (answer: Answer) => boolean): AnswerBook {
    const book = new AnswerBook();
    for (const answer of this.#inOrder) if (!isToGo(answer)) book.add(answer);
    return book;
  }

  /**
   * The counts as they are now.
   *
   * @param asked students who were asked
   * @returns a view: its members change with the book
   */
  counts(asked: number): Counts {
    const { present, late, replay } = this.#byStatus;
    const [onRoster, listed] = [this.#byEntry.size, this.#listed];
    return {
      present,
      late,
      replay,
      listed,
      onRoster,
      asked,
      values: this.#values,
      reactions: this.#reactions,
    };
  }

  /** A student's own answer goes before one of somebody who only uses her name. */
  #enter(rosterId: string, status: AnswerStatus, isOwn: boolean): void {
    const before = this.#byEntry.get(rosterId);
    if (before !== undefined && (before.isOwn || !isOwn)) return;
    if (before !== undefined) this.#listed[before.status]--;
    this.#listed[status]++;
    this.#byEntry.set(rosterId, { status, isOwn });
  }
}
