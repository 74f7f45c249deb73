import type { Answer, Ledger } from '../ledger/ledger.ts';
import type { RosterIndex } from '../roster/roster-index.ts';
import { PeriodicYield } from './periodic-yield.ts';

/** The answers of one call beside a roster. Each answer is in one of both. */
export type RosterAnswers = {
  /** By the entry's id. */
  readonly byEntryId: ReadonlyMap<string, Answer>;
  /** Of who is on no roster, or called herself as somebody who has answered for herself; by `sub`. */
  readonly unmatchedBySub: ReadonlyMap<string, Answer>;
};

/**
 * Reads the answers of a call, and tells whose they are by a roster. The `rosterId` that stands in an answer is of the roster
 * of its own time, and is not looked at: in another list the same number is somebody else.
 *
 * An answer whose `sub` is an entry's id is that entry's. One that has only the name is, where there is no such answer, and no
 * earlier one of that name: names are no proof, and two may use one.
 *
 * @throws {LedgerError} `ledger-unavailable`
 */
export async function matchAnswersToRoster(
  ledger: Pick<Ledger, 'answers'>,
  roster: RosterIndex,
  channel: string,
  callId: string,
): Promise<RosterAnswers> {
  const byEntryId = new Map<string, Answer>();
  const unmatchedBySub = new Map<string, Answer>();
  const pace = new PeriodicYield();
  for await (const answer of ledger.answers(channel, callId)) {
    await pace.row();
    const id = roster.find(answer.sub, answer.name);
    if (id === null) {
      unmatchedBySub.set(answer.sub, answer);
      continue;
    }
    const known = byEntryId.get(id);
    if (known === undefined || isBefore(answer, known, id)) {
      byEntryId.set(id, answer);
      if (known !== undefined) unmatchedBySub.set(known.sub, known);
    } else unmatchedBySub.set(answer.sub, answer);
  }
  return { byEntryId, unmatchedBySub };
}

/** Whether an answer goes before another of the same entry. */
function isBefore(answer: Answer, other: Answer, entryId: string): boolean {
  if (answer.sub === entryId || other.sub === entryId) return answer.sub === entryId;
  return answer.receivedMs < other.receivedMs;
}
