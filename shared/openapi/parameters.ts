import { z } from 'zod';

/** A channel's id in a path. One that does not match is answered like an unknown channel. */
export const channelParam = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/)
  .meta({ description: 'Channel id' });

/** A moment, UTC milliseconds. */
export const utcMs = z.number().meta({ description: 'UTC milliseconds' });

/** A whole number in a query string, as text; read as a number. */
export function queryInteger(least: number, most: number): z.ZodType<number> {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'want a whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}
