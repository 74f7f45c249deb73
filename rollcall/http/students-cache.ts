import { LRUCache } from 'lru-cache';
import type { Ledger, StoredCall } from '../ledger/ledger.ts';
import { type CallStudent, studentsOfCall } from '../lesson/call-students.ts';

/** A list of students is used for this long, so that several pages of it are read from one; milliseconds. */
const FRESH_MS = 1000;
/** Most lists in memory: that of a city's class has some ten megabytes. */
const LISTS_MAX = 4;

type Entry = { readonly madeMs: number; readonly students: Promise<readonly CallStudent[]> };

/** Caches the students of calls for a second. */
export class StudentsCache {
  readonly #ledger: Pick<Ledger, 'roster' | 'answers' | 'asked'>;
  readonly #nowMs: () => number;
  readonly #entries = new LRUCache<string, Entry>({ max: LISTS_MAX });

  constructor(ledger: Pick<Ledger, 'roster' | 'answers' | 'asked'>, nowMs: () => number) {
    this.#ledger = ledger;
    this.#nowMs = nowMs;
  }

  /**
   * Lists the students of a call.
   *
   * @throws {LedgerError} `ledger-unavailable`
   */
  get(call: StoredCall): Promise<readonly CallStudent[]> {
    const { callId } = call;
    const cached = this.#entries.get(callId);
    if (cached !== undefined && Math.abs(this.#nowMs() - cached.madeMs) < FRESH_MS) return cached.students;
    const entry = { madeMs: this.#nowMs(), students: studentsOfCall(this.#ledger, call) };
    this.#entries.set(callId, entry);
    setTimeout(() => {
      if (this.#entries.get(callId) === entry) this.#entries.delete(callId);
    }, FRESH_MS).unref();
    return entry.students;
  }
}
