import { type ParseArgsConfig, parseArgs } from 'node:util';
import { AppError } from '../shared/errors.ts';

/** A command line that cannot be understood. */
export class UsageError extends AppError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'bad-usage', status: 400, cause });
  }
}

/**
 * Reads the options of a command; every one of them takes a value.
 *
 * @param args what follows the command's name
 * @param names the known options, without the dashes
 * @throws {UsageError} `bad-usage` for any other option, and for anything that is not an option
 */
export function readOptions<Name extends string>(
  args: readonly string[],
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    names.map((name) => [name, { type: 'string' } as const]),
  );
  let values: Record<string, unknown>;
  try {
    values = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Its message names the option; the hint after the full stop is about positional arguments, which no command has.
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new UsageError(message);
  }
  const read: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = values[name];
    if (typeof value === 'string') read[name] = value;
  }
  return read;
}
