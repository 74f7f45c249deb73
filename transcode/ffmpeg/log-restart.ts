import type { Logger } from '../../shared/logger.ts';

/** ffmpeg's status after SIGINT and SIGTERM, and what is said of one that a signal ended before it could handle it. */
const TOLD_TO_END = /exited with code 255\b|was killed with signal SIG(INT|TERM)\b/;

/**
 * Logs that an ffmpeg has ended and is started again. Ctrl-C in a terminal reaches every ffmpeg as well as Lectern: one that was told
 * to end has not failed, and is no warning.
 *
 * @param failures how many ended lately, this one included
 * @param delayMs until it is started again, milliseconds
 * @param why what the system and ffmpeg said
 */
export function logRestart(logger: Logger, failures: number, delayMs: number, why: string): void {
  if (TOLD_TO_END.test(why)) logger.info({ delayMs }, `ffmpeg was told to end, and is started again: ${why}`);
  else logger.warn({ delayMs, failures }, `ffmpeg failed and is restarted: ${why}`);
}
