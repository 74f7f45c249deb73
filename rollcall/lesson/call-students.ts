import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { Answer, Ledger, RosterEntry, StoredCall } from '../ledger/ledger.ts';
import { sortByName } from '../roster/name-order.ts';
import { RosterIndex } from '../roster/roster-index.ts';
import { PeriodicYield } from './periodic-yield.ts';
import { matchAnswersToRoster } from './roster-answers.ts';

/** A student who answered a call, or should have. */
export type CallStudent = {
  readonly entry: RosterEntry;
  readonly answer: Answer | null;
  /** Without a class list everybody who was asked is the class. */
  readonly onRoster: boolean;
  /** Class or number, where several students on the class list have this name; else ''. */
  readonly beside: string;
};

/**
 * Lists the students of a call: the present class list in its order, then by name everybody else who answered; without a class
 * list also everybody who was asked. Every answer is listed, see {@link matchAnswersToRoster}. Yields to other work at
 * intervals.
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
    const periodicYield = new PeriodicYield();
    for await (const { sub, name } of ledger.asked(channel, callId)) {
      await periodicYield.afterRow();
      if (!others.has(sub)) others.set(sub, { id: sub, name, group: '' });
    }
  }
  const students: CallStudent[] = [];
  const hasList = roster.entries.length > 0;
  await forEachYielding(roster.entries, (entry) =>
    students.push({
      entry,
      answer: byEntryId.get(entry.id) ?? null,
      onRoster: true,
      beside: roster.beside(entry),
    }),
  );
  const sorted = await sortByName([...others.values()]);
  await forEachYielding(sorted, (entry) =>
    students.push({ entry, answer: unmatchedBySub.get(entry.id) ?? null, onRoster: !hasList, beside: '' }),
  );
  return students;
}
