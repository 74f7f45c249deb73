import type { RosterEntry } from '../ledger/ledger.ts';
import { idKey } from './name-key.ts';

/**
 * What stands beside the names of people who have one name: their class, where all have one and no two the same, else their number.
 *
 * @param namesakes people of one name; their ids differ
 * @returns the member of each that tells her apart; null where there is one person alone
 */
export function toldApartBy(namesakes: readonly RosterEntry[]): 'group' | 'id' | null {
  if (namesakes.length < 2) return null;
  const groups = new Set(namesakes.map(({ group }) => idKey(group)));
  return groups.size === namesakes.length && !groups.has('') ? 'group' : 'id';
}
