import type { Answer } from '../../../rollcall/ledger/ledger.ts';

/** Counts the entries of a class list by the status of the answer that counts for each: her own, else the first. */
export function listedOf(answers: readonly Answer[]): Record<Answer['status'] | 'size', number> {
  const listed = new Map<string, Answer>();
  for (const answer of answers) {
    const { rosterId, sub } = answer;
    if (rosterId === null) continue;
    const before = listed.get(rosterId);
    if (before === undefined || (sub === rosterId && before.sub !== rosterId)) listed.set(rosterId, answer);
  }
  const of = (status: Answer['status']): number =>
    [...listed.values()].filter((answer) => answer.status === status).length;
  return { present: of('present'), late: of('late'), replay: of('replay'), size: listed.size };
}
