import { type Answer, LedgerError, type Recorded, unavailable } from '../ledger.ts';
import { type AppendLog, NOT_WRITTEN } from './append-log.ts';
import type { CallBook, CallBooks } from './call-books.ts';

/**
 * Writes answers to the log: of each student and call one after the other, also when several requests bring them at the same time,
 * so that each is judged by those that are durable.
 */
export class AnswerWriter {
  readonly #log: Pick<AppendLog, 'append'>;
  readonly #books: CallBooks;
  /** Students whose answers are being written, by call id and `sub`; resolved when that has ended, with whether it went well. */
  readonly #writingBySub = new Map<string, Promise<boolean>>();
  /** Answers that are being written, by call id and answer id. */
  readonly #writingIds = new Set<string>();

  constructor(log: Pick<AppendLog, 'append'>, books: CallBooks) {
    this.#log = log;
    this.#books = books;
  }

  /**
   * Records answers, as `Ledger.record` does.
   *
   * @param onRecorded told of each channel that has new answers
   * @throws {LedgerError} `ledger-unavailable` (503); `unknown-call` (404)
   */
  async record(
    answers: readonly Answer[],
    onRecorded: (channel: string) => void,
  ): Promise<readonly Recorded[]> {
    const books = answers.map((answer) => this.#bookOf(answer));
    let isDone = false;
    while (!isDone) isDone = await this.#write(answers, books, onRecorded);
    return answers.map((answer, i) => this.#outcome(answer, books[i]));
  }

  /**
   * Writes the answers that wait for no other one.
   *
   * @returns false when some that waited for others of their students, which are durable now, are still to be written
   */
  async #write(
    answers: readonly Answer[],
    books: readonly CallBook[],
    onRecorded: (channel: string) => void,
  ): Promise<boolean> {
    const fresh: { readonly answer: Answer; readonly book: CallBook }[] = [];
    const waiting: { readonly answer: Answer; readonly book: CallBook }[] = [];
    /** Writes of other requests that decide what becomes of some of these answers. */
    const others = new Set<Promise<boolean>>();
    /** Ids and students of answers that wait: what comes after them with the same one comes after them here as well. */
    const waitingKeys = new Set<string>();
    let isWritten = false;
    let ended: ((isWell: boolean) => void) | undefined;
    const own = new Promise<boolean>((resolve) => {
      ended = resolve;
    });
    for (const [i, answer] of answers.entries()) {
      const book = books[i];
      if (book === undefined || book.answers.existing(answer) !== null) continue;
      const writing = this.#writingBySub.get(subKey(answer));
      if (writing !== undefined && writing !== own) others.add(writing);
      const keys = [`id ${idKey(answer)}`, `sub ${subKey(answer)}`];
      if (writing !== undefined || keys.some((key) => waitingKeys.has(key))) {
        waiting.push({ answer, book });
        for (const key of keys) waitingKeys.add(key);
        continue;
      }
      if (this.#writingIds.has(idKey(answer))) continue;
      this.#writingBySub.set(subKey(answer), own);
      this.#writingIds.add(idKey(answer));
      fresh.push({ answer, book });
    }
    try {
      if (fresh.length > 0) await this.#log.append(fresh.map(({ answer }) => ({ t: 'answer', answer })));
      for (const { answer, book } of fresh) book.answers.add(answer);
      isWritten = true;
    } finally {
      for (const { answer } of fresh) {
        this.#writingBySub.delete(subKey(answer));
        this.#writingIds.delete(idKey(answer));
      }
      ended?.(isWritten);
    }
    const areWell = (await Promise.all(others)).every((isWell) => isWell);
    for (const channel of new Set(fresh.map(({ answer }) => answer.channel))) onRecorded(channel);
    return !areWell || waiting.every(({ answer, book }) => book.answers.existing(answer) !== null);
  }

  #bookOf({ channel, callId }: Answer): CallBook {
    const book = this.#books.find(channel, callId);
    if (book !== null) return book;
    throw new LedgerError(`channel ${channel}: no call ${callId}`, { code: 'unknown-call', status: 404 });
  }

  #outcome(answer: Answer, book: CallBook | undefined): Recorded {
    const existing = book?.answers.existing(answer) ?? null;
    if (existing !== null) return existing;
    // Another request is writing the same answerId for another student.
    if (this.#writingIds.has(idKey(answer))) return { kind: 'id-taken' };
    // Another request was writing an answer of this student, and failed.
    throw unavailable(NOT_WRITTEN);
  }
}

/** Call ids contain no slash. */
function subKey({ callId, sub }: Answer): string {
  return `${callId}/${sub}`;
}

function idKey({ callId, answerId }: Answer): string {
  return `${callId}/${answerId}`;
}
