import { LRUCache } from 'lru-cache';
import type { Counts, Ledger, StatusCounts, StoredCall } from '../ledger/ledger.ts';
import { matchAnswersToRoster } from '../lesson/roster-answers.ts';
import type { RosterIndex } from '../roster/roster-index.ts';

/** Calls whose counts are cached. */
const CALLS_MAX = 500;
/** With more answers than this the ledger's own counts are used: reading all answers would take too long. */
const ANSWERS_MAX = 20_000;

type Known = {
  readonly entries: RosterIndex['entries'];
  /** How many answers there are of each status: an answer that is changed may change its status. */
  readonly answered: string;
  readonly listed: Promise<StatusCounts>;
};

/**
 * Counts answers by the class list as it is now. The ledger counts each answer by the list at its time; a list that was
 * replaced since would have tallies say other than the names and exports, which go by the present list.
 */
export class ListedCounts {
  readonly #ledger: Pick<Ledger, 'answers'>;
  readonly #known = new LRUCache<string, Known>({ max: CALLS_MAX });

  constructor(ledger: Pick<Ledger, 'answers'>) {
    this.#ledger = ledger;
  }

  /**
   * The counts of a call by a class list.
   *
   * @param counts the ledger's
   * @throws {LedgerError} `ledger-unavailable`
   */
  async by(
    roster: RosterIndex,
    { channel, callId }: Pick<StoredCall, 'channel' | 'callId'>,
    counts: Counts,
  ): Promise<Counts> {
    const { entries } = roster;
    const { present, late, replay } = counts;
    if (entries.length === 0 || present + late + replay > ANSWERS_MAX) return counts;
    const answered = `${present} ${late} ${replay}`;
    let known = this.#known.get(callId);
    if (known === undefined || known.entries !== entries || known.answered !== answered) {
      known = { entries, answered, listed: this.#count(roster, channel, callId) };
      this.#known.set(callId, known);
      known.listed.catch(() => this.#known.delete(callId));
    }
    return { ...counts, listed: await known.listed };
  }

  async #count(roster: RosterIndex, channel: string, callId: string): Promise<StatusCounts> {
    const listed = { present: 0, late: 0, replay: 0 };
    const { byEntryId } = await matchAnswersToRoster(this.#ledger, roster, channel, callId);
    for (const { status } of byEntryId.values()) listed[status]++;
    return listed;
  }
}
