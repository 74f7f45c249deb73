/** The school grades that the pages have words for. */
export const GRADES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;

/** Tells whether a parsed JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A text without the spaces around it; null for what is none, or empty. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** A time in UTC milliseconds, or a duration; null for what is neither. */
export function millisecondsOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 8.64e15 ? value : null;
}

/** A grade that the pages have words for; null for any other. */
export function gradeOf(value: unknown): number | null {
  return GRADES.find((known) => known === value) ?? null;
}

/** An id as channels and broadcasts have them; null for what could be anything else in an address. */
export function idOf(value: unknown): string | null {
  return typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value) ? value : null;
}
