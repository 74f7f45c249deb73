import type { Attendee, StudentData } from './ledger.ts';

/**
 * Tells whether a record is one of a student's.
 *
 * @param id the `sub` of her token, or her number on the class list
 */
export function isOfStudent(id: string, { sub, rosterId }: Pick<Attendee, 'sub' | 'rosterId'>): boolean {
  return sub === id || rosterId === id;
}

/**
 * The other ids under which there may be more of a student: of records that have both her number and the `sub` of a token, the one
 * that was not asked for. Of hers on the class list, and in stored attendances, only her number is known.
 */
export function otherIds(
  id: string,
  { answers, asked, watched }: Pick<StudentData, 'answers' | 'asked' | 'watched'>,
): readonly string[] {
  const ids = [...answers, ...asked, ...watched].flatMap(({ sub, rosterId }) => [sub, rosterId ?? '']);
  return [...new Set(ids)].filter((other) => other !== id && other !== '');
}

/** The texts that tell who a student is: ids and names, each once. */
export function wordsOf(id: string, { roster, answers, asked, watched }: StudentData): readonly string[] {
  const people = [...answers, ...asked, ...watched];
  const words = [id, ...roster.map(({ name }) => name), ...people.flatMap(({ sub, name }) => [sub, name])];
  return [...new Set(words)].filter((word) => word !== '');
}
