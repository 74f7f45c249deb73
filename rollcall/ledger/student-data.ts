import type { Attendee, StudentData } from './ledger.ts';

/**
 * Tells whether a record is one of a student's.
 *
 * @param id the `sub` of her token, or her number on the class list
 */
export function isOfStudent(id: string, { sub, rosterId }: Pick<Attendee, 'sub' | 'rosterId'>): boolean {
  return sub === id || rosterId === id;
}

/** The texts that tell who a student is: ids and names, each once. */
export function wordsOf(id: string, { roster, answers, asked, watched }: StudentData): readonly string[] {
  const people = [...answers, ...asked, ...watched];
  const words = [id, ...roster.map(({ name }) => name), ...people.flatMap(({ sub, name }) => [sub, name])];
  return [...new Set(words)].filter((word) => word !== '');
}
