import type { AnswerStatus } from '../protocol/answer.ts';
import { LIMITS } from '../protocol/limits.ts';
import { type Answer, type Counts, REACTION_BINS, reactionBin, type Recorded } from './ledger.ts';

/** Most different values of one call that are counted: the answer to a number question may be any number. */
const VALUES_MAX = 200;

/** The durable answers of one call, in memory: those that count, one of each student, with their counts, and those that were changed. */
export class AnswerBook {
  /** The answer of each student that counts. */
  readonly #bySub = new Map<string, Answer>();
  /** How many of her answers do not count, by `sub`. */
  readonly #changes = new Map<string, number>();
  /** Who has sent an answer, by its id. */
  readonly #subById = new Map<string, string>();
  /** In the order in which they became durable. */
  readonly #inOrder: Answer[] = [];
  /** The answer that counts for each entry of the class list. */
  readonly #byEntry = new Map<string, { readonly status: AnswerStatus; readonly sub: string }>();
  readonly #listed = { present: 0, late: 0, replay: 0 };
  readonly #values = new Map<number, number>();
  /** Students whose values came when there were too many to be counted. */
  readonly #uncounted = new Set<string>();
  readonly #reactions: number[] = Array.from({ length: REACTION_BINS }, () => 0);
  readonly #byStatus = { present: 0, late: 0, replay: 0 };

  /** All answers, oldest first, also those that do not count; not to be changed. */
  get inOrder(): readonly Answer[] {
    return this.#inOrder;
  }

  /** The answers that count. */
  get counting(): Iterable<Answer> {
    return this.#bySub.values();
  }

  /** The answer of a student that counts; null where she has none. */
  of(sub: string): Answer | null {
    return this.#bySub.get(sub) ?? null;
  }

  /**
   * Tells what becomes of an answer because of those that are there.
   *
   * @returns null when it is to be recorded
   */
  existing(answer: Answer): Recorded | null {
    const { sub, answerId, sequence = 0 } = answer;
    const counting = this.#bySub.get(sub);
    const owner = this.#subById.get(answerId);
    if (counting === undefined) return owner === undefined ? null : { kind: 'id-taken' };
    if (counting.answerId === answerId) return { kind: 'stands', answer: counting };
    if (owner === sub || sequence === 0) return { kind: 'duplicate', answer: counting };
    if (owner !== undefined) return { kind: 'id-taken' };
    const changes = this.#changes.get(sub) ?? 0;
    return changes < LIMITS.changesMax ? null : { kind: 'too-many', answer: counting };
  }

  /** Adds a durable answer, unless {@link existing} tells otherwise. */
  add(answer: Answer): void {
    if (this.existing(answer) !== null) return;
    const { sub, answerId, sequence = 0 } = answer;
    this.#subById.set(answerId, sub);
    this.#inOrder.push(answer);
    const before = this.#bySub.get(sub);
    if (before !== undefined) {
      this.#changes.set(sub, (this.#changes.get(sub) ?? 0) + 1);
      if (sequence <= (before.sequence ?? 0)) return;
      this.#uncount(before);
    }
    this.#bySub.set(sub, answer);
    this.#count(answer);
  }

  /**
   * The newest answers that count.
   *
   * @param from how many of {@link inOrder} are known
   * @param most how many; older ones are left out
   */
  newest(from: number, most: number): readonly Answer[] {
    const isCounting = (answer: Answer): boolean => this.#bySub.get(answer.sub) === answer;
    return this.#inOrder.slice(Math.max(from, this.#inOrder.length - most)).filter(isCounting);
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

  #count({ sub, rosterId, status, value, reactionMs }: Answer): void {
    this.#byStatus[status]++;
    if (rosterId !== null) this.#enter(rosterId, status, sub);
    if (status === 'replay') return;
    const bin = reactionBin(reactionMs);
    this.#reactions[bin] = (this.#reactions[bin] ?? 0) + 1;
    if (typeof value !== 'number') return;
    const count = this.#values.get(value) ?? 0;
    if (count > 0 || this.#values.size < VALUES_MAX) this.#values.set(value, count + 1);
    else this.#uncounted.add(sub);
  }

  #uncount({ sub, rosterId, status, value, reactionMs }: Answer): void {
    this.#byStatus[status]--;
    if (rosterId !== null) this.#leave(rosterId, sub);
    if (status === 'replay') return;
    const bin = reactionBin(reactionMs);
    this.#reactions[bin] = (this.#reactions[bin] ?? 1) - 1;
    if (typeof value !== 'number' || this.#uncounted.delete(sub)) return;
    const count = this.#values.get(value) ?? 0;
    if (count > 1) this.#values.set(value, count - 1);
    else this.#values.delete(value);
  }

  /** A student's own answer goes before one of somebody who only uses her name. */
  #enter(rosterId: string, status: AnswerStatus, sub: string): void {
    const before = this.#byEntry.get(rosterId);
    if (before !== undefined && (before.sub === rosterId || sub !== rosterId)) return;
    if (before !== undefined) this.#listed[before.status]--;
    this.#listed[status]++;
    this.#byEntry.set(rosterId, { status, sub });
  }

  #leave(rosterId: string, sub: string): void {
    const before = this.#byEntry.get(rosterId);
    if (before?.sub !== sub) return;
    this.#listed[before.status]--;
    this.#byEntry.delete(rosterId);
  }
}
