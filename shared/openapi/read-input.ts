import type { z } from 'zod';
import { AppError } from '../errors.ts';

/** A query or body of the API that is not as it should be. */
export class InputError extends AppError {}

/**
 * Checks what came with a request.
 *
 * @param place what it is, for the message: `body`
 * @throws {InputError} `bad-input` (400) with the place of the first fault and the reason
 */
export function readInput<T>(schema: z.ZodType<T>, input: unknown, place: string): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badInput(`${[place, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'cannot be read'}`);
}

/** The error for a query or body that is not as it should be. */
export function badInput(message: string): InputError {
  return new InputError(message, { code: 'bad-input', status: 400 });
}
