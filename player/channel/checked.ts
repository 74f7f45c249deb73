/** The school grades that the pages have words for. */
export const GRADES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;

/** Tells whether a parsed JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A text without spaces around it; null for anything else, and for an empty one. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** A time in UTC milliseconds, or a duration; null for anything else. */
export function millisecondsOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 8.64e15 ? value : null;
}

/** A grade that the pages have words for; null for any other. */
export function gradeOf(value: unknown): number | null {
  return GRADES.find((known) => known === value) ?? null;
}

/** The id of a channel or a broadcast; null for anything else, which must not get into an address. */
export function idOf(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value) ? value : null;
}
