import type { Answer, Ledger, Recorded } from '../ledger/ledger.ts';

/** What became of an answer: what the ledger says, or why it could not be recorded. */
export type RecordResult =
  | { readonly kind: 'recorded'; readonly outcome: Recorded | undefined }
  | { readonly kind: 'failed'; readonly error: unknown };

type Queued = { readonly answer: Answer; readonly onResult: (result: RecordResult) => void };

/** Batches that are recorded at the same time: Redis receives the next one while it replies to the last. */
const BATCHES_MAX = 4;
/** Most answers of a batch. */
const BATCH_SIZE_MAX = 2000;
/** Most answers that wait: a ledger that does not reply must not fill the memory. */
const QUEUE_MAX = 200_000;

/** Records answers in the ledger, many at once: answers that arrive while it is busy form its next batch. */
export class AnswerBatches {
  readonly #ledger: Pick<Ledger, 'record'>;
  readonly #onFailure: (error: unknown, answers: number) => void;
  readonly #onReplyFault: (error: unknown) => void;
  readonly #queue: Queued[] = [];
  readonly #onIdle: (() => void)[] = [];
  #running = 0;
  #isScheduled = false;

  /**
   * @param onFailure told once for each batch that failed
   * @param onReplyFault told of each `onResult` that throws; the others of its batch are told all the same
   */
  constructor(
    ledger: Pick<Ledger, 'record'>,
    onFailure: (error: unknown, answers: number) => void,
    onReplyFault: (error: unknown) => void,
  ) {
    this.#ledger = ledger;
    this.#onFailure = onFailure;
    this.#onReplyFault = onReplyFault;
  }

  /**
   * Queues an answer.
   *
   * @param onResult told once
   * @returns false when too many answers wait
   */
  add(answer: Answer, onResult: (result: RecordResult) => void): boolean {
    if (this.#queue.length >= QUEUE_MAX) return false;
    this.#queue.push({ answer, onResult });
    this.#schedule();
    return true;
  }

  /** Resolves as soon as {@link isIdle}. */
  async idle(): Promise<void> {
    if (this.isIdle) return;
    await new Promise<void>((resolve) => {
      this.#onIdle.push(resolve);
    });
  }

  /** No answer waits or is being recorded. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#running === 0;
  }

  #tell({ onResult }: Queued, result: RecordResult): void {
    try {
      onResult(result);
    } catch (error) {
      this.#onReplyFault(error);
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#running >= BATCHES_MAX || this.#queue.length === 0) return;
    this.#isScheduled = true;
    // In the next turn of the event loop, so that all frames that have arrived by now are one batch.
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#recordBatch();
    });
  }

  async #recordBatch(): Promise<void> {
    const batch = this.#queue.splice(0, BATCH_SIZE_MAX);
    this.#running++;
    let outcomes: readonly Recorded[] | null = null;
    let failure: unknown = null;
    try {
      outcomes = await this.#ledger.record(batch.map(({ answer }) => answer));
    } catch (error) {
      failure = error;
      this.#onFailure(error, batch.length);
    }
    // Outside of the try: what a reply throws says nothing about whether the answers are durable.
    for (const [i, queued] of batch.entries()) {
      const kept = outcomes === null ? null : { kind: 'recorded' as const, outcome: outcomes[i] };
      this.#tell(queued, kept ?? { kind: 'failed', error: failure });
    }
    this.#running--;
    this.#schedule();
    if (this.isIdle) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
