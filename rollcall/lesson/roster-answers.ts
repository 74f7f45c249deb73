import type { Answer, Ledger } from '../ledger/ledger.ts';
import type { RosterIndex } from '../roster/roster-index.ts';
import { PeriodicYield } from './periodic-yield.ts';

/** The answers of one call, matched to a class list. Each answer is in exactly one of both maps. */
export type RosterAnswers = {
  /** The answer that counts for each entry, by the entry's id. */
  readonly byEntryId: ReadonlyMap<string, Answer>;
  /** Answers that count for no entry, by the student's `sub`. */
  readonly unmatchedBySub: ReadonlyMap<string, Answer>;
};

/**
 * Reads the answers of a call and matches them to a class list. The `rosterId` stored in an answer is ignored: it refers to
 * the list of its time, and in another list the same number may be another student.
 *
 * An answer whose `sub` is an entry's id belongs to that entry. Else the earliest answer with the entry's name does: a name is
 * no proof, and two people may use the same one.
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
  const periodicYield = new PeriodicYield();
  for await (const answer of ledger.answers(channel, callId)) {
    await periodicYield.afterRow();
    const id = roster.find(answer.sub, answer.name);
    if (id === null) {
      unmatchedBySub.set(answer.sub, answer);
      continue;
    }
    const known = byEntryId.get(id);
    if (known === undefined || goesBefore(answer, known, id)) {
      byEntryId.set(id, answer);
      if (known !== undefined) unmatchedBySub.set(known.sub, known);
    } else unmatchedBySub.set(answer.sub, answer);
  }
  return { byEntryId, unmatchedBySub };
}

/** Whether an answer goes before another that matches the same entry. */
function goesBefore(answer: Answer, other: Answer, entryId: string): boolean {
  if (answer.sub === entryId || other.sub === entryId) return answer.sub === entryId;
  return answer.receivedMs < other.receivedMs;
}
