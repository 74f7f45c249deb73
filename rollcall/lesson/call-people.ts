import type { Answer, KeptCall, Ledger, RosterEntry } from '../ledger/ledger.ts';
import { compareNames } from '../roster/name-order.ts';
import { RosterIndex } from '../roster/roster-index.ts';

/** Somebody who was, or should have been, there for a call. */
export type CallPerson = { readonly entry: RosterEntry; readonly answer: Answer | null };

/**
 * Lists everybody a call concerns: the roster, in its order; then who answered, or was asked, and is on none, by name.
 *
 * @throws {LedgerError} `ledger-unavailable`
 */
export async function peopleOf(
  ledger: Ledger,
  { channel, callId }: KeptCall,
): Promise<readonly CallPerson[]> {
  const roster = new RosterIndex(await ledger.roster(channel));
  const byId = new Map<string, Answer>();
  const others = new Map<string, CallPerson>();
  for await (const answer of ledger.answers(channel, callId)) {
    const { sub, name } = answer;
    const id = answer.rosterId ?? roster.find(sub, name);
    if (id === null) others.set(sub, { entry: { id: sub, name, group: '' }, answer });
    else {
      const known = byId.get(id);
      if (known === undefined || answer.receivedMs < known.receivedMs) byId.set(id, answer);
    }
  }
  // Without a roster, those who were asked are the class.
  if (roster.entries.length === 0) {
    for await (const { sub, name } of ledger.asked(channel, callId)) {
      if (!others.has(sub)) others.set(sub, { entry: { id: sub, name, group: '' }, answer: null });
    }
  }
  return [
    ...roster.entries.map((entry) => ({ entry, answer: byId.get(entry.id) ?? null })),
    ...[...others.values()].sort((a, b) => compareNames(a.entry.name, b.entry.name)),
  ];
}
