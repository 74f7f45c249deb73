import { pino } from 'pino';

/** Where messages go. The first argument holds the values, the second is one readable line; secrets are kept out of both. */
export type Logger = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger that adds these fields to each of its lines. */
  child(fields: object): Logger;
};

/**
 * Makes the process's logger: JSON lines on standard error, so that standard output stays free for what a command prints.
 *
 * Fields named key, publishKey, token, secret and authorization are replaced, whatever object they stand in.
 *
 * @param level lowest level that is written
 */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error' | 'silent' = 'info'): Logger {
  const secrets = ['key', 'publishKey', 'token', 'secret', 'authorization'];
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`]), censor: '(kept out)' },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** A logger that writes nothing; for tests and for callers that do not care. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
