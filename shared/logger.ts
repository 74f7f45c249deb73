import { pino } from 'pino';

/** Writes log lines. The first argument has the values, the second is one readable sentence; neither contains secrets. */
export type Logger = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger that adds these fields to each of its lines. */
  child(fields: object): Logger;
};

/**
 * Makes the process's logger: JSON lines on standard error, so that standard output has only what a command prints.
 *
 * Fields named key, publishKey, accessKey, secretKey, token, secret and authorization are redacted, as deep as they occur in
 * a configuration.
 *
 * @param level lowest level that is written
 */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error' | 'silent' = 'info'): Logger {
  const secrets = ['key', 'publishKey', 'accessKey', 'secretKey', 'token', 'secret', 'authorization'];
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
        censor: '(redacted)',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** A logger that writes nothing; for tests and for callers that need no log. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

/**
 * A rate-limited logger, for events that may occur ten thousand times a second: it writes at most one line in `everyMs`,
 * with the number of lines suppressed before it.
 *
 * @param everyMs milliseconds
 * @param nowMs the time, UTC milliseconds
 */
export function sparing(
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  everyMs: number,
  nowMs: () => number,
): Pick<Logger, 'info' | 'warn' | 'error'> {
  let writtenMs = Number.NEGATIVE_INFINITY;
  let leftOut = 0;
  const write = (level: 'info' | 'warn' | 'error', fields: object, message: string): void => {
    const now = nowMs();
    // Lines are also written after the clock was set back.
    if (now >= writtenMs && now - writtenMs < everyMs) {
      leftOut++;
      return;
    }
    logger[level](leftOut === 0 ? fields : { ...fields, leftOut }, message);
    writtenMs = now;
    leftOut = 0;
  };
  return {
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
  };
}
