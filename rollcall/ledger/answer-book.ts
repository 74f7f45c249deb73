import { type Answer, type Counts, REACTION_BINS, type Recorded } from './ledger.ts';

/** Different values of one call that are counted; a number may be anything. */
const VALUES_MOST = 200;

/** The durable answers of one call, in memory: the first of each student, and what they come to. */
export class AnswerBook {
  readonly #bySub = new Map<string, Answer>();
  readonly #subById = new Map<string, string>();
  /** In the order in which they became durable. */
  readonly #inOrder: Answer[] = [];
  readonly #onRoster = new Set<string>();
  readonly #values = new Map<number, number>();
  readonly #reactions: number[] = Array.from({ length: REACTION_BINS }, () => 0);
  readonly #byStatus = { present: 0, late: 0, replay: 0 };

  /** All of them, oldest first; not to be changed. */
  get inOrder(): readonly Answer[] {
    return this.#inOrder;
  }

  /** The answer of a student. */
  of(sub: string): Answer | null {
    return this.#bySub.get(sub) ?? null;
  }

  /**
   * Tells what an answer comes to beside those that stand.
   *
   * @returns null when nothing stands against it
   */
  look(answer: Answer): Recorded | null {
    const stands = this.#bySub.get(answer.sub);
    if (stands !== undefined) {
      return { kind: stands.answerId === answer.answerId ? 'stands' : 'duplicate', answer: stands };
    }
    return this.#subById.has(answer.answerId) ? { kind: 'id-taken' } : null;
  }

  /** Enters an answer that is durable. One that {@link look} has something against is left out. */
  enter(answer: Answer): void {
    if (this.look(answer) !== null) return;
    const { sub, answerId, rosterId, status, value, reactionMs } = answer;
    this.#bySub.set(sub, answer);
    this.#subById.set(answerId, sub);
    this.#inOrder.push(answer);
    this.#byStatus[status]++;
    if (rosterId !== null) this.#onRoster.add(rosterId);
    if (status === 'replay') return;
    const bin = Math.min(REACTION_BINS - 1, Math.floor(reactionMs / 100));
    this.#reactions[bin] = (this.#reactions[bin] ?? 0) + 1;
    if (typeof value !== 'number') return;
    const count = this.#values.get(value) ?? 0;
    if (count > 0 || this.#values.size < VALUES_MOST) this.#values.set(value, count + 1);
  }

  /** Counts as they are now. The value is a view: it changes with the book. */
  counts(asked: number): Counts {
    const { present, late, replay } = this.#byStatus;
    const onRoster = this.#onRoster.size;
    return { present, late, replay, onRoster, asked, values: this.#values, reactions: this.#reactions };
  }
}
