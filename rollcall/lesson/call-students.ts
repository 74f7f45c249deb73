import { inTurns } from '../../shared/turns.ts';
import type { Answer, KeptCall, Ledger, RosterEntry } from '../ledger/ledger.ts';
import { sortByName } from '../roster/name-order.ts';
import { RosterIndex } from '../roster/roster-index.ts';
import { Pace } from './periodic-yield.ts';
import { placeAnswers } from './roster-answers.ts';

/** Somebody who was, or should have been, there for a call. */
export type CallPerson = { readonly entry: RosterEntry; readonly answer: Answer | null };

/**
 * Lists everybody a call concerns: the roster of today, in its order; then who answered and is on none, by name. Without a
 * roster, those who were asked are the class. Every answer is listed, see {@link placeAnswers}. Lets go of the process now
 * and then.
 *
 * @throws {LedgerError} `ledger-unavailable`
 */
export async function peopleOf(
  ledger: Pick<Ledger, 'roster' | 'answers' | 'asked'>,
  { channel, callId }: Pick<KeptCall, 'channel' | 'callId'>,
): Promise<readonly CallPerson[]> {
  const roster = await RosterIndex.of(await ledger.roster(channel));
  const { ofEntries, ofOthers } = await placeAnswers(ledger, roster, channel, callId);
  const others = new Map<string, RosterEntry>();
  for (const { sub, name } of ofOthers.values()) others.set(sub, { id: sub, name, group: '' });
  if (roster.entries.length === 0) {
    const pace = new Pace();
    for await (const { sub, name } of ledger.asked(channel, callId)) {
      await pace.row();
      if (!others.has(sub)) others.set(sub, { id: sub, name, group: '' });
    }
  }
  const people: CallPerson[] = [];
  await inTurns(roster.entries, (entry) => people.push({ entry, answer: ofEntries.get(entry.id) ?? null }));
  const sorted = await sortByName([...others.values()]);
  await inTurns(sorted, (entry) => people.push({ entry, answer: ofOthers.get(entry.id) ?? null }));
  return people;
}
