import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { Answer, StoredCall, Ledger, RosterEntry } from '../ledger/ledger.ts';
import { sortByName } from '../roster/name-order.ts';
import { RosterIndex } from '../roster/roster-index.ts';
import { PeriodicYield } from './periodic-yield.ts';
import { matchAnswersToRoster } from './roster-answers.ts';

/** Somebody who was, or should have been, there for a call. */
export type CallStudent = { readonly entry: RosterEntry; readonly answer: Answer | null };

/**
 * Lists everybody a call concerns: the roster of today, in its order; then who answered and is on none, by name. Without a
 * roster, those who were asked are the class. Every answer is listed, see {@link matchAnswersToRoster}. Lets go of the process now
 * and then.
 *
 * @throws {LedgerError} `ledger-unavailable`
 */
export async function studentsOfCall(
  ledger: Pick<Ledger, 'roster' | 'answers' | 'asked'>,
  { channel, callId }: Pick<StoredCall, 'channel' | 'callId'>,
): Promise<readonly CallStudent[]> {
  const roster = await RosterIndex.of(await ledger.roster(channel));
  const { byEntryId, unmatchedBySub } = await matchAnswersToRoster(ledger, roster, channel, callId);
  const others = new Map<string, RosterEntry>();
  for (const { sub, name } of unmatchedBySub.values()) others.set(sub, { id: sub, name, group: '' });
  if (roster.entries.length === 0) {
    const pace = new PeriodicYield();
    for await (const { sub, name } of ledger.asked(channel, callId)) {
      await pace.row();
      if (!others.has(sub)) others.set(sub, { id: sub, name, group: '' });
    }
  }
  const people: CallStudent[] = [];
  await forEachYielding(roster.entries, (entry) =>
    people.push({ entry, answer: byEntryId.get(entry.id) ?? null }),
  );
  const sorted = await sortByName([...others.values()]);
  await forEachYielding(sorted, (entry) =>
    people.push({ entry, answer: unmatchedBySub.get(entry.id) ?? null }),
  );
  return people;
}
