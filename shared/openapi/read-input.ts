import type { z } from 'zod';
import { AppError } from '../errors.ts';

/** A query or body of the API that does not match its schema. */
export class InputError extends AppError {}

/**
 * Checks a query or body with the schema that describes it.
 *
 * @param place names it in the message: `body`
 * @throws {InputError} `bad-input` (400) with the place of the first mismatch and the reason
 */
export function readInput<T>(schema: z.ZodType<T>, input: unknown, place: string): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badInput(`${[place, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'not valid'}`);
}

/** The error for a query or body that does not match. */
export function badInput(message: string): InputError {
  return new InputError(message, { code: 'bad-input', status: 400 });
}
